"""The installs API."""

from mbe.catalog import FEATURE_TYPES
from mbe.signature import appsecret_proof
from sandbox.assets import NEEDS
from tests.sandbox.driver import APP_ID, APP_SECRET, Meta


def test_every_feature_type_has_its_assets_written_down() -> None:
    assert set(NEEDS) == set(FEATURE_TYPES)


def test_an_answer_has_the_shape_of_meta(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta", "pixel")["access_token"]
    (model,) = meta.installs("salon", token).json()["data"]
    assert model["ad_account_id"] == "0"
    assert "catalog_id" not in model
    assert model["token_type"] == "User"
    cta, pixel = model["installed_features"]
    assert cta["additional_info"] == []
    assert cta["connected_assets"] == {"page_id": model["pages"][0]}
    assert pixel["additional_info"] == {"onsite_eligible": False}
    assert pixel["connected_assets"]["pixel_id"] == model["pixel_id"]
    assert "feature_name" not in pixel


def test_ids_are_texts_of_digits(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta", "fb_shop")["access_token"]
    (model,) = meta.installs("salon", token).json()["data"]
    ids = [one["feature_instance_id"] for one in model["installed_features"]]
    ids += [model["business_manager_id"], *model["pages"], *model["profiles"]]
    assert all(isinstance(value, str) and value.isdecimal() for value in ids)
    assert len(set(ids)) == len(ids) - 1  # the one Page is also a profile


def test_without_pages_there_is_no_key_for_them(meta: Meta) -> None:
    token = meta.connect("shop", "pixel", pages=0)["access_token"]
    (model,) = meta.installs("shop", token).json()["data"]
    assert not {"pages", "profiles", "instagram_profiles"} & set(model)


def test_instagram_profiles_need_the_permission(meta: Meta) -> None:
    connected = meta.connect("shop", "ig_cta", scopes=["manage_business_extension"])
    (model,) = meta.installs("shop", connected["access_token"]).json()["data"]
    assert "instagram_profiles" not in model
    assert "ig_profile_id" in model["installed_features"][0]["connected_assets"]
    (model,) = meta.installs("shop", meta.connect("shop")["access_token"]).json()["data"]
    assert len(model["instagram_profiles"]) == 1


def test_a_shop_has_a_catalog_of_its_own(meta: Meta) -> None:
    token = meta.connect("shop", "catalog", "fb_shop")["access_token"]
    (model,) = meta.installs("shop", token).json()["data"]
    assert len({one["connected_assets"]["catalog_id"] for one in model["installed_features"]}) == 2


def test_nothing_installed_is_an_empty_list(meta: Meta) -> None:
    token = meta.connect("shop", "pixel")["access_token"]
    meta.control("PATCH", "connections/shop", {"remove": ["pixel"]})
    assert meta.installs("shop", token).json() == {"data": []}


def test_another_business_is_not_visible(meta: Meta) -> None:
    token = meta.connect("shop", "pixel")["access_token"]
    meta.connect("other", "pixel")
    error = meta.installs("other", token).json()["error"]
    assert (error["code"], error["error_subcode"]) == (100, 33)


def test_two_apps_do_not_see_each_other(meta: Meta) -> None:
    mine = meta.connect("shop", "pixel")
    meta.add_app(app_id="222", app_secret="other")
    theirs = meta.connect("shop", "ads", app_id="222")
    assert meta.features("shop", mine["access_token"]) == ["pixel"]
    assert meta.features("shop", theirs["access_token"]) == ["ads"]
    assert mine["business_manager_id"] != theirs["business_manager_id"]


def test_a_token_in_the_query_works_too(meta: Meta) -> None:
    token = meta.connect("shop", "pixel")["access_token"]
    answer = meta.graph("GET", "fbe_business/fbe_installs", fbe_external_business_id="shop", access_token=token)
    assert answer.status_code == 200


def test_without_a_token_an_app_token_or_a_made_up_one_nothing_is_said(meta: Meta) -> None:
    meta.connect("shop", "pixel")
    codes = [
        meta.installs("shop", token).json()["error"]["code"] for token in ("", f"{APP_ID}|{APP_SECRET}", "EAAmadeup")
    ]
    assert codes == [104, 102, 190]


def test_a_wrong_proof_is_refused_and_a_right_one_taken(meta: Meta) -> None:
    token = meta.connect("shop", "pixel")["access_token"]
    path, params = "fbe_business/fbe_installs", {"fbe_external_business_id": "shop"}
    right = meta.graph("GET", path, token, appsecret_proof=appsecret_proof(token, APP_SECRET), **params)
    assert right.status_code == 200
    wrong = meta.graph("GET", path, token, appsecret_proof=appsecret_proof(token, "other"), **params)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, 100)
    assert wrong.json()["error"]["type"] == "GraphMethodException"


def test_delete_ends_the_connection_and_its_tokens(meta: Meta) -> None:
    token = meta.connect("shop", "pixel")["access_token"]
    answer = meta.graph("DELETE", "fbe_business/fbe_installs", token, fbe_external_business_id="shop")
    assert answer.json() == {"success": True}
    dead = meta.installs("shop", token)
    assert dead.status_code == 401
    assert (dead.json()["error"]["code"], dead.json()["error"]["error_subcode"]) == (190, 458)


def test_an_unknown_path_is_404(meta: Meta) -> None:
    answer = meta.graph("GET", "no/such/thing")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 2500)


def test_the_version_that_answered_is_named(meta: Meta) -> None:
    assert meta.graph("GET", "debug_token").headers["facebook-api-version"] == "v25.0"


def test_one_connection_serves_many_calls(meta: Meta) -> None:
    for _ in range(3):
        meta.session.post(f"{meta.url}/v25.0/nothing", data={"left": "unread"}, timeout=10)
        assert meta.session.get(f"{meta.url}/healthz", timeout=10).text == "ok"
    pools = meta.session.get_adapter(meta.url).poolmanager.pools  # type: ignore[attr-defined]
    assert sum(pools[key].num_connections for key in pools.keys()) == 1  # noqa: SIM118

"""Codes and tokens."""

import requests

from mbe.catalog import BASE_SCOPE
from mbe.signature import appsecret_proof
from tests.sandbox.driver import APP_ID, APP_SECRET, Meta, returned


def a_code(meta: Meta) -> str:
    return returned(meta.choose(meta.dialog_url(), "IG_SERVICES"))["code"]


def system_user(meta: Meta, business_manager_id: str, token: str, **more: str) -> requests.Response:
    params = {"app_id": APP_ID, "scope": f"{BASE_SCOPE},ads_management"}
    params["appsecret_proof"] = appsecret_proof(token, APP_SECRET)
    given = {key: value for key, value in (params | more).items() if value}
    return meta.graph("POST", f"{business_manager_id}/access_token", token, **given)


def test_a_code_is_exchanged_once(meta: Meta) -> None:
    code = a_code(meta)
    answer = meta.exchange(code).json()
    assert answer["access_token"].startswith("EAAsandbox")
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 5183944)
    assert meta.exchange(code).json()["error"]["code"] == 100


def test_the_redirect_uri_must_be_identical_to_the_byte(meta: Meta) -> None:
    code = a_code(meta)
    assert meta.exchange(code, redirect_uri="https://portal.example/return").status_code == 400
    assert meta.exchange(code).status_code == 200


def test_a_wrong_secret_and_a_foreign_app_get_nothing(meta: Meta) -> None:
    meta.add_app(app_id="222", app_secret="other")
    code = a_code(meta)
    assert meta.exchange(code, client_secret="wrong").json()["error"]["code"] == 1
    assert meta.exchange(code, client_id="222", client_secret="other").status_code == 400
    assert meta.exchange(code, client_id="333").json()["error"]["code"] == 101


def test_a_token_is_exchanged_for_another(meta: Meta) -> None:
    token = meta.connect("shop", "pixel")["access_token"]
    params = {"grant_type": "fb_exchange_token", "client_id": APP_ID, "client_secret": APP_SECRET}
    longer = meta.graph("GET", "oauth/access_token", fb_exchange_token=token, **params).json()["access_token"]
    assert longer != token
    assert meta.features("shop", longer) == ["pixel"]
    meta.control("PATCH", "connections/shop", {"kill_tokens": 460})
    dead = meta.graph("GET", "oauth/access_token", fb_exchange_token=token, **params).json()["error"]
    assert (dead["code"], dead["error_subcode"]) == (190, 460)


def test_a_system_user_token_works_and_says_its_type(meta: Meta) -> None:
    connected = meta.connect("shop", "pixel")
    token = system_user(meta, connected["business_manager_id"], connected["access_token"]).json()["access_token"]
    (model,) = meta.installs("shop", token).json()["data"]
    assert model["token_type"] == "System User"


def test_a_system_user_token_may_do_what_was_asked_for_and_the_login_may(meta: Meta) -> None:
    connected = meta.connect("shop", scopes=[BASE_SCOPE, "ads_management", "ads_read"])
    meta.control("PATCH", "connections/shop", {"add": ["page_cta"], "send_webhook": False})
    asked = f"{BASE_SCOPE},ads_read,catalog_management"
    login, manager = connected["access_token"], connected["business_manager_id"]
    token = system_user(meta, manager, login, scope=asked).json()["access_token"]
    facts = meta.graph("GET", "debug_token", f"{APP_ID}|{APP_SECRET}", input_token=token).json()["data"]
    assert facts["scopes"] == [BASE_SCOPE, "ads_read"]
    assert meta.graph("GET", manager, token).status_code == 403
    assert system_user(meta, manager, token, scope=asked).status_code == 200


def test_a_system_user_token_needs_the_proof_the_business_and_the_app(meta: Meta) -> None:
    connected = meta.connect("shop", "pixel")
    manager, token = connected["business_manager_id"], connected["access_token"]
    assert system_user(meta, manager, token, appsecret_proof="").json()["error"]["code"] == 100
    assert system_user(meta, "123", token).json()["error"]["error_subcode"] == 33
    assert system_user(meta, manager, token, fbe_external_business_id="other").json()["error"]["error_subcode"] == 33
    assert system_user(meta, manager, token, app_id="222").status_code == 400
    assert system_user(meta, manager, token, scope="").status_code == 400


def test_a_system_user_token_can_be_refused(meta: Meta) -> None:
    meta.knobs(graph={"refuse_system_user_token": True})
    connected = meta.connect("shop", "pixel")
    answer = system_user(meta, connected["business_manager_id"], connected["access_token"])
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, 200)


def test_a_pages_token_makes_no_other_tokens(meta: Meta) -> None:
    connected = meta.connect("shop", "page_cta")
    page_id = connected["pages"][0]["page_id"]
    answer = meta.graph("GET", page_id, connected["access_token"], fields="access_token").json()
    params = {"grant_type": "fb_exchange_token", "client_id": APP_ID, "client_secret": APP_SECRET}
    longer = meta.graph("GET", "oauth/access_token", fb_exchange_token=answer["access_token"], **params)
    assert longer.json()["error"]["code"] == 100
    refused = system_user(meta, connected["business_manager_id"], answer["access_token"])
    assert refused.json()["error"]["code"] == 102


def test_one_kind_of_token_can_die_alone(meta: Meta) -> None:
    connected = meta.connect("shop", "pixel")
    login = connected["access_token"]
    system = system_user(meta, connected["business_manager_id"], login).json()["access_token"]
    meta.control("PATCH", "connections/shop", {"kill_tokens": 463, "token_kind": "SYSTEM_USER"})
    assert meta.installs("shop", system).json()["error"]["error_subcode"] == 463
    assert meta.installs("shop", login).status_code == 200


def test_a_token_can_be_inspected(meta: Meta) -> None:
    token = meta.connect("shop", "pixel", scopes=["manage_business_extension"])["access_token"]
    asking = f"{APP_ID}|{APP_SECRET}"
    data = meta.graph("GET", "debug_token", asking, input_token=token).json()["data"]
    assert (data["app_id"], data["type"], data["is_valid"]) == (APP_ID, "USER", True)
    assert data["scopes"] == ["manage_business_extension", "ads_management", "ads_read", "pages_read_engagement"]
    meta.control("PATCH", "connections/shop", {"withheld_scopes": ["ads_read"]})
    data = meta.graph("GET", "debug_token", asking, input_token=token).json()["data"]
    assert data["scopes"] == ["manage_business_extension", "ads_management", "pages_read_engagement"]
    meta.control("PATCH", "connections/shop", {"kill_tokens": 463})
    data = meta.graph("GET", "debug_token", asking, input_token=token).json()["data"]
    assert (data["is_valid"], data["error"]["subcode"]) == (False, 463)
    assert meta.graph("GET", "debug_token", asking, input_token="x").json()["data"]["is_valid"] is False


def test_nothing_is_said_of_another_apps_token_but_that_it_is_one(meta: Meta) -> None:
    meta.control("POST", "apps", {"app_id": "77", "app_secret": "other"})
    wish = {"app_id": "77", "external_business_id": "shop", "features": ["pixel"]}
    token = meta.control("POST", "connections", wish)["access_token"]
    data = meta.graph("GET", "debug_token", f"{APP_ID}|{APP_SECRET}", input_token=token).json()["data"]
    assert (data["is_valid"], data["error"]["code"], "app_id" in data) == (False, 100, False)

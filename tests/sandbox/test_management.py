"""The management view."""

from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from tests.sandbox.driver import APP_ID, Json, Meta, Receiver

PATH = "/latest/business_app_store/manage_external_business_connection"


def address(meta: Meta, connected: Json, **more: str) -> str:
    query = {
        "asset_id": (connected["chosen_pages"] or [""])[0],
        "business_id": connected["business_manager_id"],
        "app_id": APP_ID,
        "external_business_id": connected["external_business_id"],
    }
    return f"{meta.url}{PATH}?{urlencode(query | more)}"


def press(meta: Meta, connected: Json, action: str, **fields: Any) -> requests.Response:
    return meta.session.post(address(meta, connected), data={"action": action} | fields, timeout=10)


def instances(connected: Json) -> dict[str, str]:
    return {one["feature_type"]: one["feature_instance_id"] for one in connected["features"]}


def test_every_instance_is_listed_with_its_buttons(meta: Meta) -> None:
    connected = meta.connect("salon", "page_cta", "pixel")
    text = meta.session.get(address(meta, connected), timeout=10).text
    ids = instances(connected)
    assert all(f'data-testid="remove-{one}"' in text for one in ids.values())
    assert f'data-testid="save-{ids["page_cta"]}"' in text
    assert f'data-testid="save-{ids["pixel"]}"' not in text


def test_removing_one_leaves_the_rest_and_says_so(meta: Meta, heard: Receiver) -> None:
    connected = meta.connect("salon", "page_cta", "pixel")
    press(meta, connected, "remove", feature_instance_id=instances(connected)["pixel"])
    assert meta.features("salon", connected["access_token"]) == ["page_cta"]
    (value,) = heard.values(1)
    assert value["fbe_event"] == "UNINSTALL"
    assert "access_token" not in value
    assert [one["feature_type"] for one in value["installed_features"]] == ["page_cta"]


def test_a_second_button_goes_to_a_new_page(meta: Meta, heard: Receiver) -> None:
    connected = meta.connect("salon", "page_cta")
    press(meta, connected, "add", feature_type="page_cta", page_id="new")
    (model,) = meta.installs("salon", connected["access_token"]).json()["data"]
    assert len(model["pages"]) == 2
    assert len({one["connected_assets"]["page_id"] for one in model["installed_features"]}) == 2
    (value,) = heard.values(1)
    assert (value["fbe_event"], value["access_token"]) == ("INSTALL", connected["access_token"])


def test_settings_are_changed(meta: Meta, heard: Receiver) -> None:
    connected = meta.connect("salon", "page_cta")
    which = {"feature_instance_id": instances(connected)["page_cta"]}
    press(meta, connected, "save", cta_button_text="Reserve", **which)
    answer = meta.graph("GET", "fbe_business", connected["access_token"], fbe_external_business_id="salon").json()
    assert (answer["page_cta"]["cta_button_text"], answer["page_cta"]["enabled"]) == ("Reserve", False)
    assert heard.values(1)[0]["fbe_event"] == "UPDATE"


def test_two_pages_have_buttons_of_their_own_and_blanks_stay_unset(meta: Meta) -> None:
    connected = meta.connect("salon", "page_cta", pages=2)
    second_page = connected["pages"][1]
    changed = meta.control("PATCH", "connections/salon", {"add": ["page_cta"], "page_id": second_page["page_id"]})
    second = changed["features"][1]["feature_instance_id"]
    fields = {"cta_button_text": "Order", "cta_button_url": "", "enabled": "on"}
    text = press(meta, connected, "save", feature_instance_id=second, **fields).text
    assert f"on <b>{second_page['name']}</b>" in text and 'value="Order"' in text
    token = connected["access_token"]
    rows = meta.graph("GET", "fbe_business", token, fbe_external_business_id="salon").json()["page_ctas"]
    assert [row.get("cta_button_text") for row in rows] == [None, "Order"]
    assert "cta_button_url" not in rows[1]
    press(meta, connected, "save", feature_instance_id=second, cta_button_text="", enabled="on")
    rows = meta.graph("GET", "fbe_business", token, fbe_external_business_id="salon").json()["page_ctas"]
    assert rows[1]["cta_button_text"] == ""


def test_the_chats_domains_are_a_list(meta: Meta) -> None:
    connected = meta.connect("salon", "messenger_chat")
    which = {"feature_instance_id": instances(connected)["messenger_chat"], "enabled": "on"}
    domains = ["https://salon.example", "https://shop.example"]
    text = press(meta, connected, "save", domains=", ".join(domains), **which).text
    assert 'value="https://salon.example, https://shop.example"' in text
    answer = meta.graph("GET", "fbe_business", connected["access_token"], fbe_external_business_id="salon").json()
    assert answer["messenger_chat"]["domains"] == domains


def test_uninstalling_everything_kills_the_tokens_and_is_told_twice(meta: Meta, heard: Receiver) -> None:
    meta.knobs(webhooks={"business_integration": True})
    connected = meta.connect("salon", "page_cta", "pixel")
    text = press(meta, connected, "uninstall").text
    assert 'data-testid="nothing-installed"' in text
    assert meta.installs("salon", connected["access_token"]).json()["error"]["error_subcode"] == 458
    first, second = heard.payloads(2)
    value = first["entry"][0]["changes"][0]["value"]
    assert (value["fbe_event"], value["installed_features"]) == ("UNINSTALL", [])
    assert not {"access_token", "pages", "profiles"} & set(value)
    assert second["object"] == "application"
    assert second["entry"][0]["id"] == APP_ID
    change = second["entry"][0]["changes"][0]
    assert change["field"] == "business_integration_uninstall"
    assert change["value"] == {"business_manager_id": connected["business_manager_id"]}


@pytest.mark.parametrize(
    "wrong", [{"business_id": "1"}, {"app_id": "1"}, {"external_business_id": "1"}, {"asset_id": "1"}]
)
def test_a_wrong_address_shows_an_error(meta: Meta, wrong: dict[str, str]) -> None:
    connected = meta.connect("salon", "page_cta")
    assert meta.session.get(address(meta, connected, **wrong), timeout=10).status_code == 404


def test_what_is_not_offered_or_not_there_is_refused(meta: Meta) -> None:
    meta.add_app(features=["page_cta", "pixel"])
    connected = meta.connect("salon", "pixel")
    assert press(meta, connected, "add", feature_type="fb_shop").status_code == 404
    assert press(meta, connected, "remove", feature_instance_id="1").status_code == 404
    assert press(meta, connected, "save", feature_instance_id=instances(connected)["pixel"]).status_code == 404
    assert press(meta, connected, "dance").status_code == 404


def test_v2s_address_leads_to_the_same_page_and_buttons(meta: Meta, heard: Receiver) -> None:
    connected = meta.connect("salon", "page_cta", "pixel")
    query = urlencode({"app_id": APP_ID, "external_business_id": "salon"})
    old = f"{meta.url}/facebook_business_extension/management/?{query}"
    assert f'data-testid="remove-{instances(connected)["pixel"]}"' in meta.session.get(old, timeout=10).text
    form = {"action": "remove", "feature_instance_id": instances(connected)["pixel"]}
    assert meta.session.post(old, data=form, timeout=10).status_code == 200
    assert meta.features("salon", connected["access_token"]) == ["page_cta"]
    assert len(heard.values(1)) == 1
    assert meta.session.get(old.replace("salon", "nobody"), timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("action", "said"),
    [("save", "Saved."), ("remove", "Removed."), ("add", "Added."), ("uninstall", "Uninstalled.")],
)
def test_the_page_says_what_was_done_and_not_before(meta: Meta, action: str, said: str) -> None:
    connected = meta.connect("salon", "page_cta")
    assert said not in meta.session.get(address(meta, connected), timeout=10).text
    fields = {"feature_instance_id": instances(connected)["page_cta"], "feature_type": "pixel"}
    assert f'role="status">{said}<' in press(meta, connected, action, **fields).text
    # A second change from the page that says so.
    answer = meta.session.post(
        address(meta, connected, done=action), data={"action": "add", "feature_type": "pixel"}, timeout=10
    )
    assert action == "uninstall" or 'role="status">Added.<' in answer.text

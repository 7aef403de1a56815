"""Links to Meta hold exactly what Meta reads, and what comes back is read as it is."""

import json
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.catalog import INTENTS
from mbe.links import build_extras, login_url, management_url, parse_return

BUSINESS = {
    "external_business_id": "shop-1001",
    "business_name": "Example Salon",
    "business_vertical": "APPOINTMENTS",
    "timezone": "Asia/Hong_Kong",
    "currency": "HKD",
}


def extras(**changes: Any) -> dict[str, Any]:
    return build_extras(**{**BUSINESS, "use_minimal_onboarding": True, **changes})


def test_extras_hold_metas_keys_and_leave_empty_values_out() -> None:
    assert extras() == {
        "setup": {
            "external_business_id": "shop-1001",
            "timezone": "Asia/Hong_Kong",
            "currency": "HKD",
            "business_vertical": "APPOINTMENTS",
            "flow_config": {"use_minimal_onboarding": True},
        },
        "business_config": {"business": {"name": "Example Salon"}},
        "repeat": False,
    }


@pytest.mark.parametrize(("vertical", "intent"), INTENTS)
def test_the_intent_is_sent_with_its_vertical(vertical: str, intent: str) -> None:
    setup = extras(business_vertical=vertical, intent=intent)["setup"]
    assert (setup["business_vertical"], setup["intent"]) == (vertical, intent)


def test_the_channel_goes_along_only_with_the_v2_interface() -> None:
    assert "channel" not in extras(channel="COMMERCE")["setup"]
    setup = extras(channel="COMMERCE", use_minimal_onboarding=False, intent="ADS")["setup"]
    assert setup["channel"] == "COMMERCE"
    assert setup["intent"] == "ADS"
    assert setup["flow_config"] == {"use_minimal_onboarding": False}


def test_the_flow_configuration_can_stand_beside_the_setup() -> None:
    outside = extras(flow_config_in="extras", use_minimal_onboarding=False)
    assert outside["flow_config"] == {"use_minimal_onboarding": False}
    assert "flow_config" not in outside["setup"]
    assert set(outside) == {"setup", "business_config", "repeat", "flow_config"}


def test_call_to_action_defaults_stand_beside_the_business() -> None:
    page_cta = {"enabled": True, "cta_button_text": "Book Now", "cta_button_url": "https://shop.example/book"}
    config = extras(business_config={"page_cta": page_cta}, domain="https://shop.example")
    assert config["business_config"] == {"business": {"name": "Example Salon"}, "page_cta": page_cta}
    assert config["setup"]["domain"] == "https://shop.example"


def test_the_login_url_asks_for_a_code_with_everything_in_it() -> None:
    url = login_url(
        "https://www.facebook.com/v25.0/dialog/oauth",
        client_id="123",
        redirect_uri="https://portal.example/return/?a=1&b=2",
        state="s&t",
        scopes=["manage_business_extension", "ads_read"],
        extras=extras(business_name="髮型屋 & Co"),
    )
    assert url.startswith("https://www.facebook.com/v25.0/dialog/oauth?client_id=123&")
    query = {key: value for key, [value] in parse_qs(urlsplit(url).query).items()}
    sent = query.pop("extras")
    assert query == {
        "client_id": "123",
        "redirect_uri": "https://portal.example/return/?a=1&b=2",
        "response_type": "code",
        "display": "page",
        "scope": "manage_business_extension,ads_read",
        "state": "s&t",
    }
    assert json.loads(sent) == extras(business_name="髮型屋 & Co")
    assert ", " not in sent and '": ' not in sent


def test_the_management_url_keeps_metas_order() -> None:
    url = management_url(
        "https://business.facebook.com/latest/business_app_store/manage_external_business_connection",
        app_id="9",
        external_business_id="shop 1",
        business_manager_id="8",
        page_id="7",
    )
    assert parse_qsl(urlsplit(url).query) == [
        ("asset_id", "7"),
        ("business_id", "8"),
        ("app_id", "9"),
        ("external_business_id", "shop 1"),
    ]


@pytest.mark.parametrize(
    ("query", "kind", "facts"),
    [
        ({"code": "C#_=_", "state": "S"}, "code", ("S", "C", "", "")),
        ({"code": "C", "state": "S#_=_"}, "code", ("S", "C", "", "")),
        (
            {"error": "access_denied", "error_code": "200", "error_description": "Permissions error", "state": "S#_=_"},
            "cancelled",
            ("S", "", "200", "Permissions error"),
        ),
        ({"error_reason": "user_denied", "state": "S"}, "cancelled", ("S", "", "", "")),
        ({"error_code": "1349", "error_message": "No", "state": "S"}, "error", ("S", "", "1349", "No")),
        ({"error": "server_error", "code": "C", "state": "S"}, "error", ("S", "", "server_error", "")),
        ({"state": "S"}, "empty", ("S", "", "", "")),
        ({"code": "#_=_"}, "empty", ("", "", "", "")),
        ({}, "empty", ("", "", "", "")),
    ],
)
def test_what_comes_back_is_told_apart(query: dict[str, str], kind: str, facts: tuple[str, ...]) -> None:
    back = parse_return(query)
    assert back.kind == kind
    assert (back.state, back.code, back.error_code, back.error_message) == facts


def test_the_code_stays_out_of_the_representation() -> None:
    assert "SECRET-CODE" not in repr(parse_return({"code": "SECRET-CODE", "state": "S"}))


def test_an_error_repeats_neither_code_nor_state_nor_a_token() -> None:
    words = "state-of-mine and code-of-mine gave access_token=EAAabcdef0123456789 at https://graph.facebook.com/?x=1"
    back = parse_return({"state": "state-of-mine", "code": "code-of-mine", "error_code": "1", "error_message": words})
    assert back.error_message == "*** and *** gave access_token=*** at [address]"
    assert "of-mine" not in repr(back)


@given(st.dictionaries(st.sampled_from(["state", "code", "error", "error_code", "error_message"]), st.text()))
def test_any_return_can_be_stored(query: dict[str, str]) -> None:
    back = parse_return(query)
    for text in (back.state, back.code, back.error_code, back.error_message):
        assert "\x00" not in text
        text.encode()

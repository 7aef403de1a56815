"""What goes to Meta's dialog, for every row of the specification."""

import json
from typing import Any

import pytest
from pytest_django import Settings

from mbe.catalog import INTENTS, scopes_for
from onboarding.starting import extras_for
from partners.models import Business, MetaApp
from tests.factories import BusinessFactory, EntryPointFactory
from tests.onboarding.merchant import Merchant


@pytest.mark.parametrize(("vertical", "intent"), INTENTS)
def test_every_row_produces_its_link(
    app: MetaApp, merchant: Merchant, settings: Settings, vertical: str, intent: str
) -> None:
    EntryPointFactory.create(meta_app=app, slug="go", vertical=vertical, intent=intent)
    query = merchant.start("go")
    assert query["client_id"] == app.app_id
    assert query["response_type"] == "code"
    assert query["redirect_uri"] == f"{settings.PUBLIC_URL}/return/"
    assert query["scope"] == ",".join(scopes_for(vertical, intent, app.features))
    assert json.loads(query["extras"]) == {
        "setup": {
            "external_business_id": merchant.link.business.external_business_id,
            "timezone": "Asia/Hong_Kong",
            "currency": "HKD",
            "business_vertical": vertical,
            "intent": intent,
            "domain": "https://lotus.example",
            "flow_config": {"use_minimal_onboarding": True},
        },
        "business_config": {"business": {"name": "Lotus Salon"}},
        "repeat": False,
    }


def _extras(app: MetaApp, business: Business, **entry_point: Any) -> dict[str, Any]:
    built = EntryPointFactory.build(meta_app=app, partner=app.partner, **entry_point)
    return extras_for(built, business, built.minimal_onboarding_percent == 100)


def test_without_intent_and_domain_none_is_sent(app: MetaApp) -> None:
    business = BusinessFactory.create(partner=app.partner)
    assert _extras(app, business, intent="")["setup"].keys() & {"intent", "domain", "channel"} == set()


def test_the_channel_goes_along_only_where_the_v2_interface_is_kept(app: MetaApp, business: Business) -> None:
    new = _extras(app, business, channel="FEED")["setup"]
    old = _extras(app, business, channel="FEED", minimal_onboarding_percent=0)["setup"]
    assert "channel" not in new
    assert (old["channel"], old["intent"], old["flow_config"]) == (
        "FEED",
        "FB_SERVICES",
        {"use_minimal_onboarding": False},
    )


def test_the_place_of_flow_config_is_a_setting(app: MetaApp, business: Business, settings: Settings) -> None:
    settings.META_FLOW_CONFIG_IN = "extras"
    extras = _extras(app, business)
    assert extras["flow_config"] == {"use_minimal_onboarding": True}
    assert "flow_config" not in extras["setup"]


def test_the_wire_value_of_an_unverified_vertical_is_a_setting(
    app: MetaApp, business: Business, settings: Settings
) -> None:
    settings.META_VERTICAL_CODES = {"MESSAGING": "CHATTING"}
    assert _extras(app, business, vertical="MESSAGING", intent="")["setup"]["business_vertical"] == "CHATTING"


def test_cta_defaults_are_filled_in_for_the_business(app: MetaApp) -> None:
    business = BusinessFactory.create(
        partner=app.partner, external_business_id="shop/1 é", name="Shop", domain="https://shop.example"
    )
    cta_defaults = {
        "page_cta": {
            "enabled": True,
            "cta_button_text": "Book {now}",
            "cta_button_url": "https://book.example/?b={external_business_id}",
        },
        "ig_cta": {"cta_button_url": "https://{domain}/book"},
        "messenger_chat": {"domains": ["{domain}"]},
    }
    assert _extras(app, business, cta_defaults=cta_defaults)["business_config"] == {
        "business": {"name": "Shop"},
        "page_cta": {
            "enabled": True,
            "cta_button_text": "Book {now}",
            "cta_button_url": "https://book.example/?b=shop%2F1%20%C3%A9",
        },
        "ig_cta": {"cta_button_url": "https://shop.example/book"},
        "messenger_chat": {"domains": ["https://shop.example"]},
    }


def test_without_intent_the_scopes_are_those_of_the_whole_menu(app: MetaApp, merchant: Merchant) -> None:
    EntryPointFactory.create(meta_app=app, slug="go", vertical="APPOINTMENTS", intent="")
    assert merchant.start("go")["scope"] == ",".join(scopes_for("APPOINTMENTS", "", app.features))


def test_scopes_can_be_overridden(app: MetaApp, merchant: Merchant) -> None:
    EntryPointFactory.create(meta_app=app, slug="go", scope_override=["manage_business_extension", "pages_show_list"])
    assert merchant.start("go")["scope"] == "manage_business_extension,pages_show_list"

"""More to turn on: what a connected business does not use yet, on the merchant's page and in the admin."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from features.models import Installation
from features.sync import drain
from mbe.catalog import INTENTS, VERTICALS
from onboarding.models import LaunchLink
from onboarding.more import more_to_turn_on
from partners.models import Business, MetaApp, Role
from tests.admin_rows import page, signed_in, tool
from tests.factories import (
    BusinessFactory,
    EntryPointFactory,
    FeatureFactory,
    InstallationFactory,
    MembershipFactory,
    MetaAppFactory,
    offering,
)
from tests.meta import Meta
from tests.onboarding.merchant import Merchant

State = Installation.State


def connected(app: MetaApp, business: Business, *types: str, **feature: Any) -> Installation:
    """The business is connected, with these features on record."""
    installation: Installation = InstallationFactory.create(
        meta_app=app, business=business, state=State.CONNECTED, reason=""
    )
    for each in types:
        FeatureFactory.create(installation=installation, feature_type=each, **feature)
    return installation


def names(app: MetaApp, vertical: str, *installed: str) -> list[str]:
    """The intents of the vertical that are more to turn on."""
    return [each.intent.name if each.intent else "" for each in more_to_turn_on([vertical], app, installed, [])]


def sections(merchant: Merchant) -> dict[str, list[str]]:
    """The buttons of the merchant's page, by section."""
    text = merchant.open().content.decode()
    found = re.findall(r'<section aria-labelledby="\w+" data-stage="(\w+)">(.*?)</section>', text, re.DOTALL)
    return {stage: re.findall(r'<form [^>]*data-entry-point="([^"]+)"', part) for stage, part in found}


@pytest.mark.parametrize(("vertical", "name"), INTENTS)
def test_an_intent_is_more_to_turn_on_until_all_that_it_requires_is_installed(
    app: MetaApp, vertical: str, name: str
) -> None:
    required = INTENTS[vertical, name].required
    assert name in names(app, vertical)
    assert name in names(app, vertical, *required[1:])
    assert name not in names(app, vertical, *required)


@pytest.mark.parametrize("name", VERTICALS)
def test_with_all_installed_nothing_is_left(app: MetaApp, name: str) -> None:
    vertical = VERTICALS[name]
    everything = {each for intent in vertical.intents for each in intent.features} | {*vertical.unverified_features}
    assert names(app, name, *everything) == []
    assert len(names(app, name)) == (len(vertical.intents) or 1)


def test_another_type_of_checkbox_and_features_of_another_intent_count(app: MetaApp) -> None:
    assert "CHECKBOX_PLUGIN_MARKETING" not in names(app, "ECOMMERCE", "checkbox_plugin_marketing", "customer_data")
    assert "CHECKBOX_PLUGIN" in names(app, "ECOMMERCE", "checkbox_plugin_marketing", "customer_data")
    assert "CONVERSIONS_API" not in names(app, "ECOMMERCE", "ads", "pixel")


def test_what_the_app_does_not_offer_is_not_more(app: MetaApp) -> None:
    assert names(offering(app.partner, "pixel", "messenger_chat"), "ECOMMERCE") == ["MESSENGER_CHAT", "CONVERSIONS_API"]
    assert names(offering(app.partner, "messaging"), "MESSAGING", "messaging") == []


def test_its_own_entry_point_starts_an_intent_before_that_of_the_whole_menu(app: MetaApp) -> None:
    menu, own, off = (
        EntryPointFactory.create(meta_app=app, vertical="ECOMMERCE", intent=intent, is_active=is_active)
        for intent, is_active in (("", True), ("ADS", True), ("AR_COMMERCE", False))
    )
    elsewhere = EntryPointFactory.create(meta_app=MetaAppFactory.create(partner=app.partner), vertical="LEAD_ADS")
    found = more_to_turn_on(["ECOMMERCE", "LEAD_ADS"], app, (), [elsewhere, off, menu, own])
    starters = {(each.vertical.name, each.intent.name): each.entry_point for each in found if each.intent}
    assert starters["ECOMMERCE", "ADS"] == own
    assert starters["ECOMMERCE", "AR_COMMERCE"] == menu
    assert starters["LEAD_ADS", "LEAD_ADS"] is None


def test_a_merchant_sees_what_is_more_apart_from_what_is_used(
    app: MetaApp, business: Business, merchant: Merchant
) -> None:
    EntryPointFactory.create(meta_app=app, slug="chat", vertical="APPOINTMENTS", intent="MESSENGER_CHAT")
    EntryPointFactory.create(meta_app=app, slug="ads", vertical="APPOINTMENTS", intent="ADS")
    assert sections(merchant) == {"offer": ["chat", "ads"]}
    installation = connected(app, business, "messenger_chat")
    assert sections(merchant) == {"more": ["ads"], "used": ["chat"]}
    for each in ("ads", "pixel"):
        FeatureFactory.create(installation=installation, feature_type=each)
    assert sections(merchant) == {"more": [], "used": ["chat", "ads"]}
    assert "Nothing is left to turn on: you use all that Bookly offers you here." in merchant.open().content.decode()
    Installation.objects.update(state=State.RECONNECT, reason=Installation.Reason.TOKEN_DEAD)
    assert sections(merchant) == {"offer": ["chat", "ads"]}


def test_a_menu_names_only_what_is_not_used_yet(app: MetaApp, business: Business, merchant: Merchant) -> None:
    EntryPointFactory.create(meta_app=app, slug="menu", vertical="LEAD_ADS", intent="")
    EntryPointFactory.create(meta_app=app, slug="book", vertical="APPOINTMENTS", intent="")
    connected(app, business, "messenger_chat", "lead_ads", "ads")
    (card,) = [card for card in merchant.open().context["page"].cards if card.slug == "book"]
    titles = [use_case.title for use_case in card.use_cases]
    assert INTENTS["APPOINTMENTS", "MESSENGER_CHAT"].use_case.en not in titles
    assert INTENTS["APPOINTMENTS", "IG_SERVICES"].use_case.en in titles
    assert card.has_used
    assert sections(merchant) == {"more": ["book"], "used": ["menu"]}


@pytest.mark.parametrize("feature", [{"is_enabled": False}, {"is_implied": True}])
def test_what_is_switched_off_or_implied_by_v2_is_used_all_the_same(
    app: MetaApp, business: Business, merchant: Merchant, feature: dict[str, bool]
) -> None:
    EntryPointFactory.create(meta_app=app, slug="chat", intent="MESSENGER_CHAT")
    connected(app, business, "messenger_chat", **feature)
    assert sections(merchant) == {"more": [], "used": ["chat"]}


def test_a_blocked_button_is_not_called_used(app: MetaApp, business: Business, merchant: Merchant) -> None:
    EntryPointFactory.create(meta_app=app, slug="chat", intent="MESSENGER_CHAT")
    connected(app, business, "page_cta")
    MetaApp.objects.update(features=["page_cta"])
    assert sections(merchant) == {"more": ["chat"]}
    assert "not offered any more" in merchant.open().content.decode()


def test_what_a_merchant_turns_on_moves_over(meta: Meta, app: MetaApp, merchant: Merchant) -> None:
    EntryPointFactory.create(meta_app=app, slug="chat", intent="MESSENGER_CHAT")
    EntryPointFactory.create(meta_app=app, slug="insta", intent="IG_SERVICES")
    merchant.go_through("chat", "MESSENGER_CHAT")
    drain()
    assert sections(merchant) == {"more": ["insta"], "used": ["chat"]}
    merchant.go_through("insta", "MESSENGER_CHAT", "IG_SERVICES")
    drain()
    assert sections(merchant) == {"more": [], "used": ["chat", "insta"]}


@pytest.fixture
def member(business: Business) -> Client:
    """The browser of a member of the partner."""
    return signed_in(MembershipFactory.create(partner=business.partner, role=Role.MANAGER).user)


def business_page(client: Client, business: Business) -> str:
    """Its page in the admin."""
    return re.sub(r"\s+", " ", client.get(page("partners_business", business)).content.decode())


def test_staff_see_the_same_and_make_the_link_that_starts_it(app: MetaApp, business: Business, member: Client) -> None:
    Business.objects.update(verticals=["LEAD_ADS", "CREATIVE"])
    leads = EntryPointFactory.create(meta_app=app, slug="leads", vertical="LEAD_ADS", intent="LEAD_ADS")
    assert "More to turn on" not in business_page(member, business)
    connected(app, business, "creative")
    text = business_page(member, business)
    assert re.findall(r'data-more="([^"]+)"', text) == ["LEAD_ADS", "CREATIVE_WITH_ASSETS"]
    assert INTENTS["LEAD_ADS", "LEAD_ADS"].use_case.en in text
    assert f'name="entry_point" value="{leads.pk}"' in text
    answer = member.post(tool("partners_business", business, "new_launch_link"), {"entry_point": leads.pk})
    assert "/connect/" in answer.content.decode()
    link = LaunchLink.objects.get()
    assert (link.business, link.entry_point) == (business, leads)


def test_where_nothing_starts_it_the_form_of_a_new_entry_point_is_filled_in(
    app: MetaApp, business: Business, member: Client
) -> None:
    Business.objects.update(verticals=["CREATIVE"])
    connected(app, business, "creative")
    found = re.search(r'href="([^"]+/entrypoint/add/[^"]+)"', business_page(member, business))
    assert found
    form = member.get(found[1].replace("&amp;", "&")).context["adminform"].form
    asked = [str(form[name].value()) for name in ("meta_app", "vertical", "intent")]
    assert asked == [str(app.pk), "CREATIVE", "CREATIVE_WITH_ASSETS"]


def test_staff_are_told_why_a_button_is_closed(app: MetaApp, business: Business, member: Client) -> None:
    EntryPointFactory.create(meta_app=app, intent="CHECKBOX_PLUGIN")
    connected(app, business, "creative")
    assert "the merchant reads" not in business_page(member, business)
    Business.objects.update(domain="")
    assert "the merchant reads: “This needs your website" in business_page(member, business)


def test_staff_are_told_when_nothing_is_left(app: MetaApp, business: Business, member: Client) -> None:
    Business.objects.update(verticals=["LEAD_ADS"])
    connected(app, business, "lead_ads", "ads")
    assert "Nothing is left to turn on" in business_page(member, business)


def test_a_viewer_sees_the_list_and_no_button(app: MetaApp, business: Business) -> None:
    viewer = signed_in(MembershipFactory.create(partner=business.partner, role=Role.VIEWER).user)
    entry_point = EntryPointFactory.create(meta_app=app)
    connected(app, business, "creative")
    text = business_page(viewer, business)
    assert "More to turn on" in text
    assert "New launch link for" not in text
    assert "Add an entry point for it" not in text
    answer = viewer.post(tool("partners_business", business, "new_launch_link"), {"entry_point": entry_point.pk})
    assert answer.status_code == 403
    assert not LaunchLink.objects.exists()


def test_no_link_is_made_for_a_button_that_is_off_foreign_or_none(
    app: MetaApp, business: Business, member: Client
) -> None:
    off, foreign = EntryPointFactory.create(meta_app=app, is_active=False), EntryPointFactory.create()
    for wrong in (off.pk, foreign.pk, 0, "x", "9" * 30):
        answer = member.post(tool("partners_business", business, "new_launch_link"), {"entry_point": wrong})
        assert answer.status_code == 404
    assert not LaunchLink.objects.exists()


def test_more_buttons_ask_the_database_no_more(app: MetaApp, member: Client) -> None:
    business = BusinessFactory.create(partner=app.partner, domain="")
    connected(app, business, "creative", "ads")
    poor, counts = Merchant(business), []
    for _ in range(2):
        for vertical in VERTICALS:
            EntryPointFactory.create(meta_app=app, vertical=vertical, intent="")
        poor.open()
        business_page(member, business)
        with CaptureQueriesContext(connection) as of_merchant:
            poor.open()
        with CaptureQueriesContext(connection) as of_staff:
            business_page(member, business)
        counts.append((len(of_merchant), len(of_staff)))
    assert counts[0] == counts[1]

"""The page of a launch link: what a merchant sees on it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from features.models import Installation
from mbe.catalog import FEATURE_TYPES, INTENTS, VERTICALS
from partners.models import Business, MetaApp
from tests.factories import (
    BusinessFactory,
    EntryPointFactory,
    FeatureFactory,
    InstallationFactory,
    MetaAppFactory,
    offering,
)
from tests.onboarding.merchant import Merchant

State, Reason = Installation.State, Installation.Reason


def _text(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def _slugs(page: str) -> list[str]:
    return re.findall(r'<form [^>]*data-entry-point="([^"]+)"', page)


def _button(page: str, slug: str) -> str:
    form = re.search(rf'<form [^>]*data-entry-point="{slug}".*?</form>', page)
    assert form
    return form.group()


def test_it_names_partner_and_business(app: MetaApp, merchant: Merchant) -> None:
    EntryPointFactory.create(meta_app=app)
    page = _text(merchant.open())
    assert "Bookly" in page
    assert "Lotus Salon" in page
    assert "Not connected yet" in page


def test_an_unknown_token_is_a_404_in_our_own_words(db: None) -> None:
    response = Client().get("/connect/no-such-token/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_an_expired_link_is_gone_and_says_what_to_do(business: Business) -> None:
    merchant = Merchant(business, expires_at=timezone.now())
    for response in (merchant.open(), merchant.press("any")):
        assert response.status_code == 410
        assert "This link has expired" in response.content.decode()
        assert "ask Bookly for a new link" in response.content.decode()


def test_a_revoked_link_is_gone(business: Business) -> None:
    merchant = Merchant(business, revoked_at=timezone.now() - timedelta(days=1))
    assert merchant.open().status_code == 410
    assert "withdrawn" in merchant.open().content.decode()


def test_every_active_entry_point_of_the_business_s_verticals_is_a_button(app: MetaApp) -> None:
    business = BusinessFactory.create(partner=app.partner, verticals=["APPOINTMENTS", "LEAD_ADS"])
    EntryPointFactory.create(meta_app=app, slug="book")
    EntryPointFactory.create(meta_app=app, slug="leads", vertical="LEAD_ADS", intent="LEAD_ADS")
    EntryPointFactory.create(meta_app=app, slug="off", is_active=False)
    EntryPointFactory.create(meta_app=app, slug="shop", vertical="ECOMMERCE", intent="ADS")
    EntryPointFactory.create(slug="strange")
    assert _slugs(_text(Merchant(business).open())) == ["book", "leads"]


def test_a_business_without_verticals_sees_them_all(app: MetaApp, merchant: Merchant) -> None:
    for vertical in VERTICALS:
        EntryPointFactory.create(meta_app=app, vertical=vertical, intent="")
    assert len(_slugs(_text(merchant.open()))) == len(VERTICALS)


def test_a_link_to_one_entry_point_shows_that_one(app: MetaApp, business: Business) -> None:
    EntryPointFactory.create(meta_app=app)
    only = EntryPointFactory.create(meta_app=app, slug="only")
    assert _slugs(_text(Merchant(business, entry_point=only).open())) == ["only"]


def test_without_entry_points_it_says_so(merchant: Merchant) -> None:
    page = _text(merchant.open())
    assert "There is nothing to turn on here yet" in page
    assert _slugs(page) == []


@pytest.mark.parametrize(("vertical", "intent"), INTENTS)
@pytest.mark.parametrize("language", ["en", "zh-hant"])
def test_each_intent_is_told_in_its_own_words(
    app: MetaApp, merchant: Merchant, vertical: str, intent: str, language: str
) -> None:
    EntryPointFactory.create(meta_app=app, label="Go", vertical=vertical, intent=intent)
    page = merchant.open(accept_language=language).content.decode()
    told = INTENTS[vertical, intent]
    texts = [told.use_case, told.description, *(FEATURE_TYPES[name].label for name in told.features)]
    for text in texts:
        assert text.in_language(language).replace("'", "&#x27;") in page


def test_an_entry_point_without_intent_shows_the_menu_that_the_app_offers(business: Business) -> None:
    app = offering(business.partner, "pixel", "messenger_chat")
    EntryPointFactory.create(meta_app=app, vertical="ECOMMERCE", intent="")
    page = _text(Merchant(business).open())
    titles = re.findall(r"<summary>(.*?)</summary>", page)
    shown = [INTENTS["ECOMMERCE", name].use_case.en for name in ("MESSENGER_CHAT", "CONVERSIONS_API")]
    assert [title.replace("&#x27;", "'") for title in titles] == shown


def test_messaging_has_no_intents_and_shows_its_features(app: MetaApp, merchant: Merchant) -> None:
    EntryPointFactory.create(meta_app=app, vertical="MESSAGING", intent="")
    page = _text(merchant.open())
    for name in VERTICALS["MESSAGING"].unverified_features:
        assert FEATURE_TYPES[name].label.en in page


def test_what_is_on_is_shown_and_marked_unknown_types_too(app: MetaApp, business: Business) -> None:
    installation = InstallationFactory.create(meta_app=app, business=business, state=State.CONNECTED, reason="")
    FeatureFactory.create_batch(2, installation=installation, feature_type="catalog")
    FeatureFactory.create(installation=installation, feature_type="page_cta", is_enabled=False)
    FeatureFactory.create(installation=installation, feature_type="hologram_shop")
    FeatureFactory.create(installation=installation, feature_type="ig_cta", removed_at=timezone.now())
    EntryPointFactory.create(meta_app=app, slug="book")
    page = _text(Merchant(business).open())
    assert "Connected" in page
    assert "hologram_shop" in page
    assert 'Catalog <span class="count">\u00d7 2</span>' in page
    assert 'Facebook Page call to action <span class="count">switched off</span>' in page
    assert '<li class="on">Catalog' in page
    assert "Instagram call to action" not in page


@pytest.mark.parametrize("installed", ["checkbox_plugin", "checkbox_plugin_marketing"])
def test_a_use_case_is_on_under_either_type_of_checkbox(app: MetaApp, business: Business, installed: str) -> None:
    installation = InstallationFactory.create(meta_app=app, business=business, state=State.CONNECTED, reason="")
    FeatureFactory.create(installation=installation, feature_type=installed)
    EntryPointFactory.create(meta_app=app, vertical="ECOMMERCE", intent="CHECKBOX_PLUGIN_MARKETING")
    assert '<span class="pill connected">On</span>' not in _text(Merchant(business).open())
    FeatureFactory.create(installation=installation, feature_type="customer_data")
    assert '<span class="pill connected">On</span>' in _text(Merchant(business).open())


def test_the_way_to_the_management_view_is_there_when_there_is_a_page(app: MetaApp, business: Business) -> None:
    installation = InstallationFactory.create(
        meta_app=app, business=business, state=State.CONNECTED, reason="", business_manager_id="77"
    )
    merchant = Merchant(business)
    assert "none is connected" in _text(merchant.open())
    FeatureFactory.create(installation=installation, connected_assets={"page_id": "42"})
    page = _text(merchant.open())
    assert "asset_id=42&amp;business_id=77" in page
    assert "none is connected" not in page


GONE = (Reason.NOT_STARTED, Reason.UNINSTALLED, Reason.UNINSTALLED_BY_STAFF)


@pytest.mark.parametrize("reason", [each for each in Reason if each not in GONE])
def test_a_lost_connection_says_so_and_offers_the_buttons(app: MetaApp, business: Business, reason: str) -> None:
    InstallationFactory.create(meta_app=app, business=business, state=State.RECONNECT, reason=reason)
    EntryPointFactory.create(meta_app=app, slug="book")
    page = _text(Merchant(business).open())
    assert "Please connect again" in page
    assert _slugs(page) == ["book"]


def test_a_wait_that_meta_asks_for_is_told(app: MetaApp, business: Business) -> None:
    InstallationFactory.create(
        meta_app=app,
        business=business,
        requested_generation=1,
        wait=Installation.Wait.LIMIT,
        not_before=timezone.now() + timedelta(minutes=5),
    )
    assert "Meta asks us to wait until" in _text(Merchant(business).open())


def test_two_apps_are_told_apart(app: MetaApp, business: Business) -> None:
    test_app = MetaAppFactory.create(partner=app.partner, name="Bookly Test")
    EntryPointFactory.create(meta_app=app)
    EntryPointFactory.create(meta_app=test_app)
    assert "Bookly Test" in _text(Merchant(business).open())


NEED_DOMAIN: list[tuple[dict[str, Any], list[str]]] = [
    ({"intent": "CHECKBOX_PLUGIN"}, ["Checkbox plugin"]),
    ({"intent": "", "minimal_onboarding_percent": 0, "channel": "CHECKBOX_PLUGIN"}, ["Checkbox plugin"]),
    ({"minimal_onboarding_percent": 0, "channel": "COMMERCE"}, []),
    ({"cta_defaults": {"page_cta": {"cta_button_url": "{domain}/book"}}}, [FEATURE_TYPES["page_cta"].label.en]),
]


@pytest.mark.parametrize(("entry_point", "names"), NEED_DOMAIN)
def test_what_needs_a_domain_is_disabled_without_one_and_says_for_what(
    app: MetaApp, entry_point: dict[str, Any], names: list[str]
) -> None:
    EntryPointFactory.create(meta_app=app, slug="book", **entry_point)
    without, with_one = (BusinessFactory.create(partner=app.partner, domain=each) for each in ("", "https://a.example"))
    page = _text(Merchant(without).open())
    assert "disabled" in _button(page, "book")
    assert "your website&#x27;s address" in page
    assert all(f"address for {name}" in page for name in names)
    assert "disabled" not in _button(_text(Merchant(with_one).open()), "book")


def test_what_the_app_no_longer_offers_is_disabled_and_says_so(app: MetaApp, merchant: Merchant) -> None:
    EntryPointFactory.create(meta_app=app, slug="book")
    app.features = ["page_cta"]
    app.save()
    page = _text(merchant.open())
    assert "disabled" in _button(page, "book")
    assert "not offered any more" in page


def test_no_page_has_inline_script_or_style(app: MetaApp, merchant: Merchant) -> None:
    EntryPointFactory.create(meta_app=app)
    page = _text(merchant.open())
    assert re.findall(r"<style|style=|<script(?![^>]* src=)| on[a-z]+=", page) == []


def test_the_page_is_not_cached(merchant: Merchant) -> None:
    assert "no-store" in merchant.open()["Cache-Control"]

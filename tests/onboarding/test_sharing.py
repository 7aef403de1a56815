"""Two verticals, one Business Manager: said before the click, with what is selected already."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from features.models import Installation
from features.sync import drain
from partners.models import MetaApp
from tests.factories import EntryPointFactory, FeatureFactory
from tests.meta import Meta, hint
from tests.onboarding.merchant import Merchant


@pytest.fixture
def connected(meta: Meta, app: MetaApp, merchant: Merchant) -> Installation:
    """A business that was connected for its appointments, with buttons for them, for its shop and for ads."""
    EntryPointFactory.create(meta_app=app, slug="book")
    EntryPointFactory.create(meta_app=app, slug="sell", vertical="ECOMMERCE", intent="")
    merchant.go_through("book", "FB_SERVICES")
    drain()
    return Installation.objects.get()


def test_the_card_of_a_second_vertical_names_the_business_manager_and_the_assets(
    merchant: Merchant, connected: Installation
) -> None:
    page = merchant.open()
    book, sell = page.context["page"].cards
    assert book.shared is None
    assert sell.shared.business_manager_id == connected.business_manager_id
    held = {asset.label: asset.asset_id for asset in sell.shared.assets}
    assert held["Facebook Page"] == connected.assets["pages"][0]
    assert held["Catalog"] == connected.assets["catalog_id"]
    text = page.content.decode()
    assert text.count('class="shared"') == 1
    assert f"Your business stays with the same Business Manager ({connected.business_manager_id})" in text
    assert all(f"<code>{asset_id}</code>" in text for asset_id in held.values())


def test_it_is_said_in_chinese_too(merchant: Merchant, connected: Installation) -> None:
    text = merchant.open(**{"Accept-Language": "zh-HK"}).content.decode()
    assert f"同一個企業管理平台 {connected.business_manager_id}" in text
    assert "stays with" not in text


def test_nothing_is_said_once_both_verticals_are_connected_or_none_is(
    merchant: Merchant, connected: Installation
) -> None:
    merchant.go_through("sell", "MESSENGER_CHAT")
    drain()
    assert "shared" not in merchant.open().content.decode()
    Installation.objects.update(state=Installation.State.DISCONNECTED)
    assert "shared" not in merchant.open().content.decode()


def test_what_was_before_an_uninstall_counts_no_more(
    meta: Meta, app: MetaApp, merchant: Merchant, connected: Installation
) -> None:
    meta.change(connected.business.external_business_id, uninstall=True, keep_tokens=True)
    hint(connected)
    drain()
    assert Installation.objects.get().state == Installation.State.DISCONNECTED
    EntryPointFactory.create(meta_app=app, slug="ads", vertical="ADS_TARGETING", intent="")
    merchant.go_through("sell", "MESSENGER_CHAT")
    drain()
    book, sell, ads = merchant.open().context["page"].cards
    assert sell.shared is None
    assert book.shared.verticals == ads.shared.verticals == ("ECOMMERCE",)
    setup = json.loads(merchant.start("book")["extras"])["setup"]
    assert setup["business_manager_id"] == Installation.objects.get().business_manager_id


def test_before_another_try_it_is_said_on_the_page_of_the_result_too(
    merchant: Merchant, connected: Installation
) -> None:
    answer = merchant.go_through("sell")
    text = merchant.client.get(answer["Location"]).content.decode()
    said = text.index(f"the same Business Manager ({connected.business_manager_id})")
    button = text.index('<button class="button">Try again')
    assert said < button
    assert f"<code>{connected.assets['pages'][0]}</code>" in text[said:button]
    again = merchant.client.post(reverse("again", args=[merchant.attempt().public_id]))
    setup = json.loads(parse_qs(urlsplit(again["Location"]).query)["extras"][0])["setup"]
    assert setup["business_manager_id"] == connected.business_manager_id


def test_the_page_of_the_first_verticals_result_says_nothing_of_it(merchant: Merchant, connected: Installation) -> None:
    text = merchant.client.get(reverse("result", args=[merchant.attempt().public_id])).content.decode()
    assert "You are connected" in text and "Change or add at Meta" in text
    assert "same Business Manager" not in text


def test_assets_of_features_win_and_no_asset_is_named_twice(merchant: Merchant, connected: Installation) -> None:
    pages = {"page_id": "42", "pixel_id": "0", "ad_account_id": ["7", "7"]}
    connected.features.update(connected_assets={})
    FeatureFactory.create(installation=connected, connected_assets=pages)
    shared = merchant.open().context["page"].cards[1].shared
    found = [(asset.label, asset.asset_id) for asset in shared.assets]
    assert found[:2] == [("Facebook Page", "42"), ("Ad account", "7")]
    assert len(found) == len(set(found))

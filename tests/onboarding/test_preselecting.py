"""What the dialog of a second vertical is asked to select, and what Meta makes of it."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from features.models import Installation
from features.sync import drain
from partners.models import Business, MetaApp
from tests.factories import EntryPointFactory, FeatureFactory, InstallationFactory
from tests.meta import Meta
from tests.onboarding.merchant import Merchant
from tests.onboarding.starter import Starter

ASSETS = {"page_id": "41", "ig_profile_id": "42", "ad_account_id": "43", "catalog_id": "44", "pixel_id": "45"}
KEYS = {"business_manager_id", *ASSETS}
State = Installation.State


@pytest.fixture
def buttons(app: MetaApp) -> None:
    """One of each of two verticals."""
    EntryPointFactory.create(meta_app=app, slug="book")
    EntryPointFactory.create(meta_app=app, slug="sell", vertical="ECOMMERCE", intent="")


def connected(app: MetaApp, business: Business, of_feature: dict[str, Any], **values: Any) -> Installation:
    """The business is connected, with one feature that has these assets."""
    known = {"state": State.CONNECTED, "reason": "", "business_manager_id": "77"} | values
    installation: Installation = InstallationFactory.create(meta_app=app, business=business, **known)
    FeatureFactory.create(installation=installation, connected_assets=of_feature)
    return installation


def selected(merchant: Merchant, slug: str) -> dict[str, str]:
    """The assets that a press of this button asks Meta to select."""
    setup = json.loads(merchant.start(slug)["extras"])["setup"]
    return {key: value for key, value in setup.items() if key in KEYS}


@pytest.mark.usefixtures("buttons")
def test_a_second_vertical_asks_for_the_business_manager_and_one_asset_of_a_kind(
    app: MetaApp, business: Business, merchant: Merchant
) -> None:
    installation = connected(app, business, ASSETS)
    assert selected(merchant, "sell") == {"business_manager_id": "77", **ASSETS}
    FeatureFactory.create(installation=installation, connected_assets={"page_id": "46"})
    shown = [asset.asset_id for asset in merchant.open().context["page"].cards[1].shared.assets]
    assert {"41", "46"} <= {*shown}
    assert "page_id" not in selected(merchant, "sell")


@pytest.mark.usefixtures("buttons")
@pytest.mark.parametrize("empty", ["0", "", None, 0, ["0"], []])
def test_what_is_no_id_is_neither_shown_nor_sent(
    app: MetaApp, business: Business, merchant: Merchant, empty: Any
) -> None:
    connected(app, business, dict.fromkeys(ASSETS, empty), assets={"pages": empty, "catalog_id": empty})
    card = merchant.open().context["page"].cards[1]
    assert (card.shared.business_manager_id, card.shared.assets) == ("77", ())
    assert "are selected for you" not in merchant.open().content.decode()
    assert selected(merchant, "sell") == {"business_manager_id": "77"}


@pytest.mark.usefixtures("buttons")
@pytest.mark.parametrize("manager", ["", "0"])
def test_without_a_business_manager_there_is_nothing_to_tell(
    app: MetaApp, business: Business, merchant: Merchant, manager: str
) -> None:
    connected(app, business, ASSETS, business_manager_id=manager)
    assert merchant.open().context["page"].cards[1].shared is None
    assert selected(merchant, "sell") == {}


@pytest.mark.usefixtures("buttons")
def test_a_dead_connection_tells_of_the_business_manager_and_promises_no_assets(
    app: MetaApp, business: Business, merchant: Merchant
) -> None:
    connected(app, business, ASSETS, state=State.RECONNECT, reason=Installation.Reason.TOKEN_DEAD)
    text = merchant.open().content.decode()
    assert "At Meta your business stays with the same Business Manager (77)" in text
    assert "are selected for you" not in text
    assert selected(merchant, "sell") == {}
    Installation.objects.update(state=State.DISCONNECTED, reason=Installation.Reason.UNINSTALLED)
    assert "same Business Manager" not in merchant.open().content.decode()


@pytest.mark.usefixtures("buttons")
def test_names_are_told_where_they_are_known(app: MetaApp, business: Business, merchant: Merchant) -> None:
    connected(app, business, {"page_id": {"id": "41", "name": "Lotus & Co"}, "pixel_id": "45"})
    text = merchant.open().content.decode()
    assert "Facebook Page: Lotus &amp; Co <code>41</code>" in text
    assert "Meta pixel: <code>45</code>" in text
    assert selected(merchant, "sell")["page_id"] == "41"


@pytest.mark.usefixtures("buttons")
@pytest.mark.parametrize("way_in", ["login", "business_app"])
def test_meta_selects_what_was_asked_for_and_keeps_the_business_manager(
    app: MetaApp, meta: Meta, merchant: Merchant, way_in: str
) -> None:
    merchant.open()
    back = urlsplit(_choose(merchant.press("book")["Location"], "FB_SERVICES", pages="second").headers["Location"])
    merchant.client.get(f"{back.path}?{back.query}")
    drain()
    (first,) = meta.counters()["connections"]
    second_page = first["pages"][1]["page_id"]
    assert first["chosen_pages"] == [second_page]
    assert selected(merchant, "sell")["page_id"] == second_page
    starter = Starter(app, meta.url, merchant.client)
    press = merchant.press if way_in == "login" else lambda slug: starter.press(starter.come(), entry_point=slug)
    address = press("sell")["Location"]
    text = requests.get(address, timeout=10).text
    assert first["business_manager_id"] in text
    assert 'data-testid="pages-second" checked' in text
    assert first["assets"]["catalog_id"] in text
    _choose(address, "ADS")
    (then,) = meta.counters()["connections"]
    kept = ("business_manager_id", "chosen_pages")
    assert [then[each] for each in kept] == [first[each] for each in kept]
    assert first["assets"].items() <= then["assets"].items()


def _choose(dialog: str, intent: str, **form: str) -> requests.Response:
    form |= {"action": "continue", "intent": intent}
    return requests.post(dialog, form, timeout=10, allow_redirects=False)

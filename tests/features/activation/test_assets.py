"""Ad accounts, business portfolios, catalogs and shops: read, counted, and asked about where they will not do."""

import pytest

from features.activation.models import Activation
from features.activation.page_notices import add
from features.models import Feature
from partners.tenancy import tenant
from tests.admin_rows import page, signed_in
from tests.factories import MembershipFactory
from tests.features.activation.looking import activation, changed, connected, look, steps
from tests.meta import Meta

State = Activation.State
Actor = Activation.Actor


@pytest.mark.parametrize("feature_type", ["ads", "custom_audience"])
def test_an_active_ad_account_with_its_permissions_will_do(meta: Meta, feature_type: str) -> None:
    look(connected(meta, "salon", feature_type))
    row = activation(feature_type)
    assert row.state == State.ACTIVE
    assert steps(row) == {"permissions_granted": "done", "ad_account_active": "done"}
    assert row.steps[1]["facts"]["currency"] == "HKD"


@pytest.mark.parametrize(
    ("status", "step"), [(2, "ad_account_disabled"), (3, "ad_account_unsettled"), (202, "ad_account_not_active")]
)
def test_an_ad_account_that_is_not_active_asks_the_merchant(meta: Meta, status: int, step: str) -> None:
    installation = connected(meta, "salon", "ads")
    meta.change("salon", ad_account_status=status)
    look(installation)
    row = activation("ads")
    assert (row.state, row.actor, steps(row)[step]) == (State.ACTION_NEEDED, Actor.MERCHANT, "to_do")


@pytest.mark.parametrize("feature_type", ["ads", "custom_audience"])
def test_a_permission_that_is_withheld_is_named(meta: Meta, feature_type: str) -> None:
    installation = connected(meta, "salon", feature_type)
    meta.change("salon", withheld_scopes=["ads_management"])
    look(installation)
    row = activation(feature_type)
    assert (row.state, row.actor) == (State.ACTION_NEEDED, Actor.MERCHANT)
    assert row.steps[0]["facts"] == {"permissions": ["ads_management"]}


def test_creative_does_without_a_portfolio_that_meta_hides(meta: Meta) -> None:
    installation = connected(meta, "salon", "creative")
    meta.change("salon", withheld_scopes=["business_management"])
    look(installation)
    assert activation("creative").state == State.ACTIVE
    assert steps(activation("creative"))["asset_not_readable"] == "note"


def test_a_catalog_without_items_waits_for_the_products(meta: Meta) -> None:
    look(connected(meta, "salon", "catalog"))
    row = activation("catalog")
    assert (row.state, row.actor, steps(row)) == (State.ACTION_NEEDED, Actor.STAFF, {"catalog_is_empty": "to_do"})


def test_a_feature_without_its_asset_says_which_one(meta: Meta) -> None:
    installation = connected(meta, "salon", "ads", "fb_shop")
    changed(
        meta,
        installation,
        connected_assets={
            "ads": {"ad_account_id": None},
            "fb_shop": {"catalog_id": None, "commerce_merchant_settings_id": None},
        },
    )
    look(installation)
    assert activation("ads").steps[-1]["facts"] == {"asset": "ad_account_id"}
    assert {each["step"] for each in activation("fb_shop").steps} == {"asset_not_named"}


def test_a_shop_that_is_not_enabled_asks_the_merchant(meta: Meta) -> None:
    installation = connected(meta, "salon", "fb_shop")
    shop_id = Feature.objects.get().connected_assets["commerce_merchant_settings_id"]
    look(installation)
    assert steps(activation("fb_shop"))["shop_stands"] == "done"
    changed(meta, installation, objects={shop_id: {"merchant_status": "EXTERNALLY_DISABLED"}})
    Activation.objects.update(due_at="2020-01-01T00:00:00Z")
    look(installation)
    assert steps(activation("fb_shop"))["shop_not_enabled"] == "to_do"


def test_a_features_page_shows_how_many_notices_came_about_its_page(meta: Meta) -> None:
    installation = connected(meta, "salon", "lead_ads")
    look(installation)
    feature = Feature.objects.get()
    with tenant(feature.partner_id):
        page_id = str(feature.connected_assets["page_id"])
        add(feature.partner_id, installation.meta_app_id, {(page_id, "leadgen"): 7177, (page_id, "feed"): 1})
    client = signed_in(MembershipFactory.create(partner=feature.partner).user)
    assert "7177" in client.get(page("features_feature", feature)).content.decode().replace(",", "")

"""Shops on their way from v2 to v3: what holds a catalog or a shop's settings, and what is said of it."""

import pytest

from features.implied.models import Parity
from features.models import Feature, Installation
from golive.cockpit.counting import Group
from tests.features.test_implied import at_v3, once_more
from tests.features.test_implied_come_back import history
from tests.features.test_implied_compared import answered, counts, listed, looked_at
from tests.features.test_implied_in_doubt import group_of, lost
from tests.features.test_sync import installed, sync
from tests.meta import Meta


def v2_shop(meta: Meta, *features: str, channel: str = "COMMERCE") -> Installation:
    """A synced connection of the channel while the app is on v2; Meta holds these features behind it."""
    meta.speak("v2")
    installation = meta.installation("salon", *features)
    Installation.objects.filter(pk=installation.pk).update(channel=channel)
    installation.refresh_from_db()
    return sync(installation)


def reasons(kind: str) -> dict[str, str]:
    """For each feature that the comparison names there, why."""
    return {each["feature_type"]: each["reason"] for each in getattr(Parity.objects.get(), kind)}


@pytest.mark.parametrize("channel", ["COMMERCE", "DEFAULT"])
def test_a_catalog_that_the_listed_shop_holds_is_the_same_and_the_business_is_v3(meta: Meta, channel: str) -> None:
    installation = v2_shop(meta, "fb_shop", "pixel", "ads", channel=channel)
    catalog = Feature.objects.get(feature_type="catalog")
    assert installed(installation) == {"fb_shop", "pixel", "ads", "catalog"}
    installation = at_v3(meta, installation)
    assert (group_of(installation), counts()) == (Group.V3, (4, 0, 0))
    assert reasons("same")["catalog"] == "held"
    assert installed(installation) == {"fb_shop", "pixel", "ads"}
    shop = Feature.objects.get(feature_type="fb_shop")
    assert history(catalog) == ["installed", "removed"]
    assert catalog.changes.get(kind="removed").after == {"feature_instance_id": shop.feature_instance_id}


def test_a_catalog_that_meta_lists_beside_the_shops_own_goes_on_in_its_record(meta: Meta) -> None:
    features = {"fb_shop", "ig_shopping", "catalog", "pixel", "ads"}
    installation = v2_shop(meta, *sorted(features, reverse=True))
    before = dict(Feature.objects.values_list("feature_type", "pk"))
    installation = at_v3(meta, installation)
    assert (group_of(installation), counts()) == (Group.V3, (5, 0, 0))
    assert installed(installation) == features == before.keys()
    assert dict(Feature.objects.values_list("feature_type", "pk")) == before
    catalog = Feature.objects.get(feature_type="catalog")
    assert history(catalog) == ["installed", "confirmed", "changed"]
    assert reasons("same")["catalog"] == "own_asset"


def test_a_business_that_stood_mixed_by_its_shops_catalog_is_v3_with_the_next_sync(meta: Meta) -> None:
    installation = v2_shop(meta, "fb_shop", "pixel")
    shop = listed(9001, "fb_shop", **Feature.objects.get(feature_type="fb_shop").connected_assets)
    pixel = listed(9002, "pixel", **Feature.objects.get(feature_type="pixel").connected_assets)
    answered(installation, pixel)
    assert (group_of(installation), lost(installation)) == (
        Group.MIXED,
        {"fb_shop": "not_listed", "catalog": "not_listed"},
    )
    looked_at()
    answered(installation, pixel, shop)
    assert (group_of(installation), counts()) == (Group.V3, (3, 0, 0))
    assert Parity.objects.get().looked_by, "what grew less stays looked at"


def test_a_catalog_that_went_on_in_the_shop_is_listed_by_itself_later_and_is_the_old_record(meta: Meta) -> None:
    installation = v2_shop(meta, "fb_shop")
    catalog = Feature.objects.get(feature_type="catalog")
    shop = listed(9001, "fb_shop", **Feature.objects.get(feature_type="fb_shop").connected_assets)
    answered(installation, shop)
    answered(installation, shop, listed(9002, "catalog", **catalog.connected_assets))
    assert (counts(), reasons("same")["catalog"]) == ((2, 0, 0), "listed")
    assert history(catalog) == ["installed", "removed", "installed", "confirmed"]


def test_of_two_listed_catalogs_none_is_taken_for_the_shops_own(meta: Meta) -> None:
    installation = v2_shop(meta, "fb_shop")
    shop = listed(9001, "fb_shop", **Feature.objects.get(feature_type="fb_shop").connected_assets)
    answered(installation, shop, *(listed(number, "catalog", catalog_id=str(number)) for number in (9002, 9003)))
    assert counts() == (2, 2, 0) and reasons("gained") == {"catalog": "not_implied"}
    assert reasons("same") == {"fb_shop": "listed", "catalog": "held"}


def test_the_kind_of_shop_that_meta_does_not_list_is_lost_and_keeps_nothing_mixed(meta: Meta) -> None:
    installation = v2_shop(meta, "ig_shopping", "pixel")
    assert "fb_shop" in installed(installation)
    installation = at_v3(meta, installation)
    assert (group_of(installation), lost(installation)) == (Group.V3, {"fb_shop": "other_shop"})
    once_more(installation)
    assert lost(installation) == {"fb_shop": "other_shop"}


@pytest.mark.parametrize(("assets", "reason"), [({"ad_account_id": "999"}, "other_asset"), ({}, "unnamed")])
def test_what_came_for_what_is_lost_is_gained_with_the_same_reason(
    meta: Meta, assets: dict[str, str], reason: str
) -> None:
    installation = v2_shop(meta, "ads", channel="ADS_MINIMAL")
    twins = [listed(number, "ads", **assets) for number in (9001, 9002)]
    answered(installation, *twins)
    assert counts() == (0, 2, 1)
    assert reasons("lost") == reasons("gained") == {"ads": reason}


def test_what_meta_lists_without_an_asset_and_can_be_no_other_is_said_to_be_so(meta: Meta) -> None:
    installation = v2_shop(meta, "ads", channel="ADS_MINIMAL")
    answered(installation, listed(9001, "ads"))
    assert reasons("same") == {"ads": "only_one"} and counts() == (1, 0, 0)

"""What the comparison of v2 with v3 says as Meta's answers go on, and who has looked at it."""

from typing import Any

import pytest
from django.utils import timezone

from features.implied.models import Parity
from features.models import Feature, Installation
from tests.features.test_implied import once_more, v2_connection
from tests.features.test_implied_in_doubt import lost, told
from tests.features.test_sync import installed
from tests.meta import Meta


def listed(number: int, feature_type: str, **assets: str) -> dict[str, Any]:
    """A feature as a v3 answer lists it."""
    return {"feature_instance_id": str(number), "feature_type": feature_type, "connected_assets": assets}


def answered(installation: Installation, *features: dict[str, Any], without: str = "") -> Installation:
    """The record after a v3 answer with these features and the known top-level assets, perhaps without one."""
    shared = {key: value for key, value in installation.assets.items() if key != without}
    return told(installation, {**shared, "installed_features": list(features)})


def counts() -> tuple[int, int, int]:
    """How many features are the same, gained and lost."""
    row = Parity.objects.get()
    assert [len(row.same), len(row.gained), len(row.lost)] == [row.same_count, row.gained_count, row.lost_count]
    return row.same_count, row.gained_count, row.lost_count


def assets_of(feature_type: str) -> dict[str, str]:
    """The assets of the only feature of its type."""
    return dict(Feature.objects.get(feature_type=feature_type).connected_assets)


def looked_at() -> None:
    """Somebody has looked at the comparison."""
    Parity.objects.update(looked_at=timezone.now(), looked_by="Mia")


def test_what_one_type_lost_stays_said_when_another_type_with_its_asset_is_confirmed(meta: Meta) -> None:
    meta.speak("v2")
    installation = meta.installation("salon", "ads", "custom_audience")
    Installation.objects.update(channel="CUSTOM_AUDIENCE")
    once_more(installation)
    ads = listed(9001, "ads", ad_account_id="999")
    audience = listed(9002, "custom_audience", **assets_of("custom_audience"))
    answered(installation, ads)
    assert lost(installation) == {"ads": "other_asset", "custom_audience": "not_listed"}
    answered(installation, ads, audience)
    assert lost(installation) == {"ads": "other_asset"}


@pytest.mark.parametrize("without", ["", "catalog_id"])
def test_only_a_difference_that_became_worse_is_shown_again(meta: Meta, without: str) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    pixel = listed(9001, "pixel", **assets_of("pixel"))
    answered(installation, pixel)
    looked_at()
    answered(installation, pixel, without=without)
    row = Parity.objects.get()
    assert lost(installation) == {"catalog": "asset_gone" if without else "not_listed"}
    assert installed(installation) == ({"pixel"} if without else {"pixel", "catalog"})
    assert (row.looked_at is None, row.looked_by) == (bool(without), "" if without else "Mia")


def test_a_difference_that_grew_less_stays_looked_at(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog", "ads")
    pixel, catalog = (listed(9001, "pixel", **assets_of("pixel")), listed(9002, "catalog", **assets_of("catalog")))
    answered(installation, pixel)
    looked_at()
    answered(installation, pixel, catalog)
    assert counts() == (2, 0, 1) and Parity.objects.get().looked_by == "Mia"


def test_what_still_stood_implied_and_ends_is_shown_again_though_the_reason_is_the_same(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    answered(installation, listed(9001, "pixel", **assets_of("pixel")))
    looked_at()
    answered(installation)
    assert installed(installation) == set() and lost(installation) == {"catalog": "not_listed"}
    assert Parity.objects.get().looked_at is None


def test_what_meta_lists_without_its_assets_is_what_was_implied_where_it_can_be_nothing_else(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    before = set(Feature.objects.values_list("pk", "feature_type"))
    pixel = {"feature_instance_id": "9001", "feature_type": "pixel"}
    catalog = {"feature_instance_id": "9002", "feature_type": "catalog", "connected_assets": None}
    answered(installation, pixel, catalog)
    assert set(Feature.objects.filter(is_implied=False).values_list("pk", "feature_type")) == before
    assert counts() == (2, 0, 0)


def test_two_of_a_type_without_their_assets_cannot_be_told_apart_and_the_comparison_says_so(meta: Meta) -> None:
    meta.speak("v2")
    installation = once_more(meta.installation("salon", "page_cta", pages=2))
    answered(installation, listed(9001, "page_cta"), listed(9002, "page_cta"))
    assert counts() == (0, 2, 2) and lost(installation) == {"page_cta": "unnamed"}


def test_the_one_that_is_left_after_the_named_ones_is_the_other(meta: Meta) -> None:
    meta.speak("v2")
    installation = once_more(meta.installation("salon", "page_cta", pages=2))
    first, second = Feature.objects.order_by("pk")
    answered(installation, listed(9001, "page_cta"), listed(9002, "page_cta", **second.connected_assets))
    assert counts() == (2, 0, 0)
    assert Feature.objects.get(pk=first.pk).feature_instance_id == "9001"


def test_a_listed_feature_without_assets_is_not_that_of_an_asset_that_was_replaced(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    told(installation, {**installation.assets, "pixel_id": "777", "installed_features": [listed(9001, "pixel")]})
    assert counts() == (0, 1, 2) and lost(installation) == {"pixel": "asset_gone", "catalog": "not_listed"}

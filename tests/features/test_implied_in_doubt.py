"""v2 connections where Meta's answers are partial, empty or missing, and what stands on features meanwhile."""

from catalogs.finding import look_at_changed
from catalogs.models import Catalog
from features.activation.models import Activation
from features.activation.running import drain as activate
from features.applying import apply
from features.claims import claim_one
from features.configuration.models import Wanted
from features.fetching import Observation
from features.implied.models import Parity
from features.models import Change, Feature, Installation
from golive.cockpit.counting import Group, in_group
from mbe.installs import parse_installs
from tests.features.test_implied import at_v3, once_more, v2_connection
from tests.features.test_sync import installed
from tests.meta import Meta, hint


def group_of(installation: Installation) -> str:
    """Where the cockpit counts it."""
    found = [group for group in Group if in_group(Installation.objects.filter(pk=installation.pk), group).exists()]
    assert len(found) == 1
    return found[0].value


def told(installation: Installation, element: dict[str, object]) -> Installation:
    """The record after Meta has answered with this element."""
    hint(installation)
    claim = claim_one(installation.partner_id, installation.pk)
    assert claim is not None
    assert apply(claim, Observation(parse_installs({"data": [element]})))
    installation.refresh_from_db()
    return installation


def lost(installation: Installation) -> dict[str, str]:
    """What the parity calls lost, with the reasons."""
    return {each["feature_type"]: each["reason"] for each in Parity.objects.get(installation=installation).lost}


def test_a_partly_v3_answer_makes_a_mixed_connection_until_all_is_listed(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    catalog = Feature.objects.get(feature_type="catalog")
    element = {
        "business_manager_id": installation.business_manager_id,
        **installation.assets,
        "installed_features": [
            {
                "feature_instance_id": "9001",
                "feature_type": "pixel",
                "connected_assets": Feature.objects.get(feature_type="pixel").connected_assets,
            }
        ],
    }
    told(installation, element)
    assert (installation.mbe_version, group_of(installation)) == ("v3", "mixed")
    assert lost(installation) == {"catalog": "not_listed"}
    at_v3(meta, installation)
    catalog.refresh_from_db()
    assert not catalog.is_implied and catalog.removed_at is None and group_of(installation) == "v3"
    assert [each.kind for each in catalog.changes.order_by("pk")] == ["installed", "confirmed"]
    assert lost(installation) == {}


def test_a_v2_answer_in_between_takes_a_mixed_connection_no_step_back(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    catalog_id = Feature.objects.get(feature_type="catalog").connected_assets["catalog_id"]
    meta.change("salon", remove=["catalog"], assets={"catalog_id": catalog_id})
    assert group_of(at_v3(meta, installation)) == "mixed"
    changes = Change.objects.count()
    meta.speak("v2")
    assert group_of(once_more(installation)) == "mixed"
    assert Change.objects.count() == changes


def test_a_v3_answer_without_any_feature_loses_them_all_and_says_that_their_assets_are_still_shared(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    element = {"business_manager_id": installation.business_manager_id, **installation.assets, "installed_features": []}
    told(installation, element)
    assert installation.mbe_version == "v3" and installed(installation) == set()
    assert lost(installation) == {"pixel": "not_listed", "catalog": "not_listed"}
    removed = Change.objects.filter(kind="removed").values_list("feature__is_implied", flat=True)
    assert list(removed) == [True, True]


def test_an_empty_answer_ends_the_connection_and_all_is_lost(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel")
    meta.change("salon", uninstall=True, keep_tokens=True)
    at_v3(meta, installation)
    assert (installation.mbe_version, group_of(installation)) == ("v2", "disconnected")
    assert installed(installation) == set() and lost(installation) == {"pixel": "disconnected"}
    compared_at = Parity.objects.get().compared_at
    once_more(installation)
    assert Parity.objects.get().compared_at == compared_at


def test_without_a_configuration_a_v2_answer_implies_what_the_channel_does_and_the_rest_later(meta: Meta) -> None:
    meta.fail("server_error", path="configuration")
    installation = v2_connection(meta, "pixel", "page_cta")
    assert installed(installation) == {"pixel"} and installation.configuration_error
    assert installed(once_more(installation)) == {"pixel", "page_cta"}


def test_without_a_configuration_nothing_that_it_implied_is_taken_back(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "page_cta")
    changes = Change.objects.count()
    meta.fail("server_error", path="configuration")
    assert installed(once_more(installation)) == {"pixel", "page_cta"}
    assert Change.objects.count() == changes


def test_without_a_configuration_a_v3_answer_confirms_all_the_same(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "page_cta")
    meta.fail("server_error", path="configuration")
    assert at_v3(meta, installation).mbe_version == "v3"
    assert Change.objects.filter(kind="confirmed").count() == 2
    assert Feature.objects.get(feature_type="page_cta").is_enabled is True


def test_each_page_has_a_feature_of_its_own_and_what_meta_lists_decides(meta: Meta) -> None:
    meta.speak("v2")
    installation = once_more(meta.installation("salon", "page_cta", pages=2))
    (connection,) = meta.counters()["connections"]
    first, second = connection["chosen_pages"]
    pages = Feature.objects.order_by("pk").values_list("connected_assets__page_id", flat=True)
    assert set(pages) == {first, second}
    at_v3(meta, installation)
    assert list(Feature.objects.filter(removed_at=None).values_list("connected_assets__page_id", flat=True)) == [first]
    assert lost(installation) == {"page_cta": "other_asset"} and group_of(installation) == "v3"


def test_both_instances_of_a_type_are_confirmed_each_by_its_own_page(meta: Meta) -> None:
    meta.speak("v2")
    installation = meta.installation("salon", "page_cta", pages=2)
    (connection,) = meta.counters()["connections"]
    meta.change("salon", add=["page_cta"], page_id=connection["chosen_pages"][1])
    once_more(installation)
    before = dict(Feature.objects.values_list("pk", "connected_assets__page_id"))
    at_v3(meta, installation)
    assert dict(Feature.objects.filter(is_implied=False).values_list("pk", "connected_assets__page_id")) == before
    parity = Parity.objects.get()
    assert (parity.same_count, parity.gained_count, parity.lost_count) == (2, 0, 0)


def test_nothing_stands_on_implied_features_until_they_are_confirmed(meta: Meta) -> None:
    installation = v2_connection(meta, "catalog", "page_cta")
    look_at_changed()
    assert activate() == 0
    assert not Activation.objects.exists() and not Catalog.objects.exists() and not Wanted.objects.exists()
    at_v3(meta, installation)
    look_at_changed()
    assert activate() == 1
    assert Activation.objects.exclude(checked_at=None).count() == 2
    assert (
        Catalog.objects.get().catalog_id == Feature.objects.get(feature_type="catalog").connected_assets["catalog_id"]
    )


def test_assets_that_meta_writes_as_objects_break_no_answer(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    pixel = Feature.objects.get(feature_type="pixel")
    assets = {**pixel.connected_assets, "pages": [{"id": "1", "name": "Salon"}], "shop": {"id": "2"}}
    listed = {"feature_instance_id": "9001", "feature_type": "pixel", "connected_assets": assets}
    told(installation, {**installation.assets, "installed_features": [listed]})
    pixel.refresh_from_db()
    assert (pixel.feature_instance_id, pixel.connected_assets) == ("9001", assets)
    assert lost(installation) == {"catalog": "not_listed"}

"""v2 connections: what they imply, and what becomes of it at the first v3 answer."""

from features.activation.models import Activation
from features.implied.models import Parity
from features.management_view import management_url
from features.models import Change, Feature, Installation
from features.sync import drain
from tests.features.test_sync import installed, sync
from tests.meta import Meta, hint


def v2_connection(meta: Meta, *features: str) -> Installation:
    """A synced connection of an app that is still on v2; Meta holds these features behind it."""
    meta.speak("v2")
    return sync(meta.installation("salon", *features))


def once_more(installation: Installation) -> Installation:
    """Sync once more, now."""
    hint(installation)
    Installation.objects.filter(pk=installation.pk).update(not_before=None)
    return sync(installation)


def at_v3(meta: Meta, installation: Installation) -> Installation:
    """The same connection after the app has moved to v3."""
    meta.speak("v3")
    return once_more(installation)


def test_a_v2_answer_implies_features_that_nobody_activates(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    assert installation.mbe_version == "v2"
    assert installed(installation) == {"pixel", "catalog"}
    assert set(Feature.objects.values_list("is_implied", flat=True)) == {True}
    assert not Activation.objects.exists()
    assert not Parity.objects.exists()


def test_a_second_v2_answer_changes_nothing(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    before = Change.objects.count()
    assert once_more(installation).mbe_version == "v2"
    assert Change.objects.count() == before


def test_an_implied_feature_ends_with_its_asset(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    meta.change("salon", remove=["catalog"])
    assert installed(once_more(installation)) == {"pixel"}


def test_the_first_v3_answer_confirms_what_was_implied_in_the_same_rows(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    before = set(Feature.objects.values_list("pk", flat=True))
    assert at_v3(meta, installation).mbe_version == "v3"
    assert set(Feature.objects.values_list("pk", flat=True)) == before
    assert not Feature.objects.filter(is_implied=True).exists()
    assert not Feature.objects.filter(feature_instance_id__startswith="implied:").exists()
    assert Change.objects.filter(kind="confirmed").count() == Activation.objects.count() == 2
    parity = Parity.objects.get()
    assert (parity.same_count, parity.gained_count, parity.lost_count) == (2, 0, 0)


def test_converting_twice_changes_nothing(meta: Meta) -> None:
    installation = at_v3(meta, v2_connection(meta, "pixel", "catalog"))
    changes, compared_at = Change.objects.count(), Parity.objects.get().compared_at
    once_more(installation)
    assert Change.objects.count() == changes
    assert Parity.objects.get().compared_at == compared_at


def test_what_the_channel_did_not_imply_is_gained_and_a_gone_asset_is_lost(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    meta.change("salon", remove=["catalog"], add=["messenger_chat"])
    installation = at_v3(meta, installation)
    assert installed(installation) == {"pixel", "messenger_chat"}
    parity = Parity.objects.get()
    assert [each["reason"] for each in parity.gained] == ["not_implied"]
    assert [(each["feature_type"], each["reason"]) for each in parity.lost] == [("catalog", "asset_gone")]


def test_what_meta_does_not_list_stays_implied_while_its_asset_is_shared_until_it_is_listed(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    catalog = Feature.objects.get(feature_type="catalog")
    catalog_id = catalog.connected_assets["catalog_id"]
    meta.change("salon", remove=["catalog"], assets={"catalog_id": catalog_id})
    installation = at_v3(meta, installation)
    catalog.refresh_from_db()
    assert catalog.is_implied and catalog.removed_at is None
    assert [each["reason"] for each in Parity.objects.get().lost] == ["not_listed"]
    meta.change("salon", add=["catalog"])
    meta.change("salon", connected_assets={"catalog": {"catalog_id": catalog_id}})
    once_more(installation)
    assert not Feature.objects.get(pk=catalog.pk).is_implied
    parity = Parity.objects.get()
    assert (parity.same_count, parity.lost_count, parity.lost) == (2, 0, [])


def test_a_v2_answer_takes_nothing_from_a_v3_connection_and_adds_no_twins(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "pixel", "catalog"))
    meta.turn(v2_payloads=True)
    assert once_more(installation).mbe_version == "v3"
    assert not Feature.objects.filter(is_implied=True).exists()
    assert installed(installation) == {"pixel", "catalog"}


def test_an_uninstall_ends_implied_features_too(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel")
    meta.change("salon", uninstall=True, keep_tokens=True)
    assert installed(once_more(installation)) == set()


def test_a_crowd_goes_from_v2_to_v3_together(meta: Meta) -> None:
    meta.turn(refuse_system_user_token=True, v2_payloads=True)
    crowd = [meta.installation(f"shop-{number}", "pixel") for number in range(50)]
    drain()
    assert Feature.objects.filter(is_implied=True).count() == 50
    meta.turn(v2_payloads=False)
    for each in crowd:
        hint(each)
    Installation.objects.update(not_before=None)
    drain()
    assert Parity.objects.filter(same_count=1, lost_count=0).count() == 50
    assert not Feature.objects.filter(is_implied=True).exists()


def test_v2_configuration_belongs_to_the_only_implied_feature_of_its_type(meta: Meta) -> None:
    v2_connection(meta, "page_cta")
    assert Feature.objects.get(feature_type="page_cta").is_enabled is True


def test_many_v2_connections_are_made_at_once_with_tokens_of_system_users(meta: Meta) -> None:
    meta.speak("v2")
    tokens = meta.connect_many(20, "pixel")
    assert len(tokens) == len(set(tokens.values())) == 20
    kinds = {each["mbe_version"] for each in meta.counters()["apps"] if each["app_id"] == meta.app.app_id}
    assert kinds == {"v2"}


def test_the_management_view_is_that_of_the_connections_version(meta: Meta) -> None:
    installation = v2_connection(meta, "page_cta")
    assert "/facebook_business_extension/management/?app_id=" in management_url(installation)
    assert "manage_external_business_connection?asset_id=" in management_url(at_v3(meta, installation))

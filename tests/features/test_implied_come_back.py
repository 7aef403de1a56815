"""Implied features that had ended and that Meta lists later: they go on in their rows, with their history."""

from features.activation.models import Activation
from features.configuration.models import Wanted
from features.implied.models import Parity
from features.models import Change, Feature, Installation
from features.tokens import ReceivedToken, keep
from tests.features.test_implied import at_v3, once_more, v2_connection
from tests.features.test_implied_compared import answered, counts, listed, looked_at
from tests.features.test_implied_in_doubt import lost, told
from tests.features.test_sync import installed, sync
from tests.meta import SCOPES, Meta


def keys() -> set[int]:
    """The keys of the features that are installed."""
    return set(Feature.objects.filter(removed_at=None).values_list("pk", flat=True))


def history(feature: Feature) -> list[str]:
    """What happened to one feature, oldest first."""
    return list(feature.changes.order_by("pk").values_list("kind", flat=True))


def uninstalled(meta: Meta, installation: Installation) -> Installation:
    """The connection after the business has uninstalled everything at Meta."""
    meta.change("salon", uninstall=True, keep_tokens=True)
    installation = once_more(installation)
    assert (installation.state, keys()) == (Installation.State.DISCONNECTED, set())
    return installation


def back(meta: Meta, installation: Installation, *features: str) -> Installation:
    """The same business, connected anew."""
    keep([ReceivedToken(installation, meta.connect("salon", *features), scopes=SCOPES)])
    installation = once_more(installation)
    assert installation.state == Installation.State.CONNECTED
    return installation


def test_after_an_empty_list_they_are_the_same_once_they_are_listed(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    before = keys()
    answered(installation)
    assert (keys(), counts()) == (set(), (0, 0, 2))
    looked_at()
    at_v3(meta, installation)
    assert (keys(), counts()) == (before, (2, 0, 0))
    for feature in Feature.objects.all():
        assert history(feature) == ["installed", "removed", "installed", "confirmed"]
        confirmed = feature.changes.get(kind="confirmed")
        assert confirmed.before["feature_instance_id"].startswith("implied:")
        assert confirmed.after["connected_assets"] == feature.connected_assets
    assert Activation.objects.count() == 2


def test_v2_answers_after_an_empty_list_imply_again_and_the_next_list_confirms(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    before = keys()
    answered(installation)
    meta.speak("v2")
    assert (once_more(installation).mbe_version, keys()) == ("v2", before)
    assert at_v3(meta, installation).mbe_version == "v3"
    assert (keys(), counts()) == (before, (2, 0, 0))


def test_v2_answers_imply_nothing_again_once_meta_has_listed_a_feature(meta: Meta) -> None:
    installation = at_v3(meta, v2_connection(meta, "pixel", "catalog"))
    answered(installation)
    meta.speak("v2")
    of_features = Change.objects.exclude(feature=None)
    changes = of_features.count()
    assert (once_more(installation).mbe_version, keys()) == ("v3", set())
    assert of_features.count() == changes


def test_of_two_pages_the_one_that_is_listed_later_is_the_same_too(meta: Meta) -> None:
    meta.speak("v2")
    installation = once_more(meta.installation("salon", "page_cta", pages=2))
    before = keys()
    first, second = (
        listed(number, "page_cta", **feature.connected_assets)
        for number, feature in enumerate(Feature.objects.order_by("pk"), 9001)
    )
    answered(installation, first)
    assert lost(installation) == {"page_cta": "other_asset"}
    answered(installation, first, second)
    assert (keys(), counts()) == (before, (2, 0, 0))
    changes, compared_at = Change.objects.count(), Parity.objects.get().compared_at
    answered(installation, first, second)
    assert (Change.objects.count(), Parity.objects.get().compared_at) == (changes, compared_at)


def test_one_that_ended_while_on_v2_is_no_gain_when_v3_lists_it(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    before = keys()
    pixel, catalog = (
        listed(number, name, **Feature.objects.get(feature_type=name).connected_assets)
        for number, name in enumerate(("pixel", "catalog"), 9001)
    )
    meta.change("salon", remove=["catalog"])
    once_more(installation)
    answered(installation, pixel, catalog)
    assert (keys(), counts()) == (before, (2, 0, 0))


def test_one_that_ended_while_on_v2_is_no_loss_when_v3_does_not_list_it(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    meta.change("salon", remove=["catalog"])
    once_more(installation)
    at_v3(meta, installation)
    assert (installed(installation), counts()) == ({"pixel"}, (1, 0, 0))


def test_what_the_entry_point_wants_of_one_that_comes_back_is_wanted_once(meta: Meta) -> None:
    meta.speak("v2")
    installation = once_more(meta.installation("salon", "page_cta"))
    defaults = {"page_cta": {"cta_button_text": "BOOK_NOW"}}
    Installation.objects.update(wanted_defaults=defaults)
    answered(installation)
    at_v3(meta, installation)
    assert Wanted.objects.get().values == defaults["page_cta"]


def test_a_v2_business_that_uninstalled_and_comes_back_in_v3_goes_on_and_is_the_same(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    before, shared = keys(), installation.assets
    both = [
        listed(number, feature.feature_type, **feature.connected_assets)
        for number, feature in enumerate(Feature.objects.all(), 9001)
    ]
    uninstalled(meta, installation)
    told(installation, {**shared, "installed_features": both})
    assert (installation.mbe_version, installation.state, keys()) == ("v3", Installation.State.CONNECTED, before)
    assert counts() == (2, 0, 0)
    for feature in Feature.objects.all():
        assert history(feature) == ["installed", "removed", "installed", "confirmed"]


def test_what_a_v2_business_had_stays_lost_when_it_comes_back_in_v3_with_other_assets(meta: Meta) -> None:
    installation = uninstalled(meta, v2_connection(meta, "pixel"))
    meta.speak("v3")
    installation = back(meta, installation, "catalog")
    assert (installation.mbe_version, installed(installation)) == ("v3", {"catalog"})
    assert lost(installation) == {"pixel": "disconnected"}


def test_a_v3_business_that_uninstalled_and_comes_back_in_v2_has_what_its_assets_imply(meta: Meta) -> None:
    installation = uninstalled(meta, sync(meta.installation("salon", "pixel", "catalog")))
    meta.speak("v2")
    installation = back(meta, installation, "pixel", "catalog")
    assert (installation.mbe_version, installed(installation)) == ("v2", {"pixel", "catalog"})
    assert set(Feature.objects.filter(removed_at=None).values_list("is_implied", flat=True)) == {True}
    at_v3(meta, installation)
    assert installed(installation) == {"pixel", "catalog"} and counts() == (2, 0, 0)
    assert not Feature.objects.filter(removed_at=None, is_implied=True).exists()


def test_a_feature_that_meta_lists_by_its_old_id_goes_on_in_its_old_record_and_is_the_same(meta: Meta) -> None:
    installation = sync(meta.installation("salon", "pixel"))
    pixel = Feature.objects.get()
    uninstalled(meta, installation)
    meta.speak("v2")
    back(meta, installation, "pixel")
    Feature.objects.filter(pk=pixel.pk).update(connected_assets=Feature.objects.get(is_implied=True).connected_assets)
    pixel.refresh_from_db()
    as_listed = listed(int(pixel.feature_instance_id), "pixel", **pixel.connected_assets)
    answered(installation, as_listed)
    assert (keys(), counts()) == ({pixel.pk}, (1, 0, 0))
    assert history(pixel) == ["installed", "removed", "installed"]
    answered(installation)
    answered(installation, as_listed)
    assert (keys(), counts()) == ({pixel.pk}, (1, 0, 0))


def test_a_second_move_from_v2_to_v3_is_compared_anew_and_shown_anew(meta: Meta) -> None:
    installation = v2_connection(meta, "pixel", "catalog")
    answered(installation, listed(9001, "pixel", **Feature.objects.get(feature_type="pixel").connected_assets))
    assert counts() == (1, 0, 1)
    looked_at()
    meta.speak("v3")
    uninstalled(meta, installation)
    meta.speak("v2")
    back(meta, installation, "pixel", "catalog")
    answered(
        installation,
        listed(9003, "catalog", **Feature.objects.get(feature_type="catalog", removed_at=None).connected_assets),
    )
    assert counts() == (1, 0, 1) and lost(installation) == {"pixel": "not_listed"}
    assert Parity.objects.get().looked_at is None

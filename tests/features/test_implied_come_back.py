"""Implied features that had ended and that Meta lists later: they go on in their rows, with their history."""

from features.activation.models import Activation
from features.configuration.models import Wanted
from features.implied.models import Parity
from features.models import Change, Feature, Installation
from tests.features.test_implied import at_v3, once_more, v2_connection
from tests.features.test_implied_compared import answered, counts, listed, looked_at
from tests.features.test_implied_in_doubt import lost
from tests.features.test_sync import installed
from tests.meta import Meta


def keys() -> set[int]:
    """The keys of the features that are installed."""
    return set(Feature.objects.filter(removed_at=None).values_list("pk", flat=True))


def history(feature: Feature) -> list[str]:
    """What happened to one feature, oldest first."""
    return list(feature.changes.order_by("pk").values_list("kind", flat=True))


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

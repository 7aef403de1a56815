"""An app that is switched from v2 to v3 has notices of both; only those with a list of features can be compared."""

from features.sync import drain
from golive.readiness.checks.telling import listed_in
from golive.readiness.steps import Step
from tests.golive.readiness.stage import Stage
from webhooks.models import DeliveredNotice

UNTOLD, AGREED = ("unknown", Step.NO_V3_NOTICE), ("green", "")


def test_a_notice_of_v2_lists_nothing_and_is_no_notice_of_an_empty_list(stage: Stage) -> None:
    stage.register()
    stage.meta.speak("v2")
    business = stage.log_in()
    stage.meta.speak("v3")
    stage.sync(business)
    assert stage.check()["agree"] == UNTOLD
    stage.change(business, remove=["page_card"])
    assert stage.check()["agree"] == AGREED


def test_an_app_that_was_moved_since_the_last_sync_is_looked_at_anew_and_not_called_v2(stage: Stage) -> None:
    stage.register()
    stage.meta.speak("v2")
    business = stage.log_in()
    assert stage.check()["agree"] == ("unknown", Step.STILL_V2)
    stage.meta.speak("v3")
    assert stage.check()["agree"] == ("unknown", Step.WAIT)
    drain()
    assert stage.installation(business).mbe_version == "v3" and stage.check()["agree"] == UNTOLD


def test_another_business_that_was_told_of_in_v3_is_compared_meanwhile(stage: Stage) -> None:
    stage.register()
    told = stage.log_in()
    stage.meta.speak("v2")
    business = stage.log_in()
    stage.meta.speak("v3")
    stage.sync(business)
    assert stage.check()["agree"] == AGREED
    assert stage.row("agree").evidence["business"] == told.external_business_id


def test_a_list_from_before_a_notice_of_v2_is_too_old_to_compare(stage: Stage) -> None:
    stage.register()
    business = stage.log_in()
    stage.meta.speak("v2")
    stage.change(business, remove=["page_card"])
    stage.meta.speak("v3")
    stage.sync(business)
    assert stage.check()["agree"] == UNTOLD


def test_a_list_that_is_really_empty_is_one(stage: Stage) -> None:
    stage.register()
    shop = stage.log_in()
    kept = stage.installation(shop).features.filter(removed_at=None).values_list("feature_type", flat=True)
    stage.change(shop, remove=list(kept))
    newest = DeliveredNotice.objects.latest("pk")
    assert listed_in(newest) == frozenset()
    assert stage.check()["after_uninstall login"] == ("green", "")

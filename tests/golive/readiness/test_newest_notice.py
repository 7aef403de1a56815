"""The newest notice is the one that has to agree, whatever Meta told of in it."""

from golive.readiness.steps import Problem, Step
from partners.models import Business
from tests.golive.readiness.stage import Stage
from webhooks.models import DeliveredNotice


def told_last(stage: Stage, business: Business) -> DeliveredNotice:
    """What Meta told of a business last."""
    return DeliveredNotice.objects.filter(installation=stage.installation(business)).latest("pk")


def test_after_one_feature_was_uninstalled_the_notice_of_what_is_left_agrees(stage: Stage, connected: Business) -> None:
    stage.change(connected, remove=["messenger_menu"])
    newest = told_last(stage, connected)
    assert newest.says_uninstall
    assert stage.check()["agree"] == ("green", "")
    assert stage.row("agree").evidence["delivery"] == newest.delivery_id


def test_an_uninstall_that_did_not_come_about_everywhere_disagrees(stage: Stage, connected: Business) -> None:
    stage.change(connected, remove=["messenger_menu"])
    stage.change(connected, remove=["page_card"], send_webhook=False)
    assert stage.check()["agree"] == ("red", Step.DISAGREEMENT)
    stage.change(connected, remove=["catalog"])
    assert stage.check()["agree"] == ("green", "")


def test_the_notice_of_a_whole_uninstall_is_compared_with_nothing_that_came_before_or_after(
    stage: Stage, connected: Business
) -> None:
    other = stage.log_in()
    green = stage.check()
    stage.change(other, uninstall=True)
    stage.meta.turn_webhooks(drop=True)
    stage.log_in(other)
    assert told_last(stage, other).says_uninstall
    assert stage.check()["agree"] == green["agree"]
    assert stage.row("agree").evidence["business"] == connected.external_business_id
    stage.meta.turn_webhooks(drop=False)
    stage.change(connected, uninstall=True)
    stage.check()
    assert stage.row("agree").problem == Problem.NO_NOTICE
    stage.log_in(other)
    assert stage.check()["agree"] == ("green", "") and not stage.row("agree").problem

"""A webhook counts for the install or uninstall that it told of, and for no other."""

import requests
from django.db.models import F

from features.models import Cause, Change
from features.sync import drain
from golive.readiness.checks.telling import PATIENCE
from golive.readiness.steps import Step
from onboarding.models import OnboardingAttempt
from tests.golive.readiness.stage import Stage
from tests.onboarding.merchant import Merchant, decide
from tests.onboarding.starter import Starter
from tests.waiting import eventually
from webhooks.models import DeliveredNotice, Delivery
from webhooks.processing import process_inbox

AFTER_INSTALL, AFTER_UNINSTALL = "after_install login", "after_uninstall login"


def leave_at_meta(stage: Stage, merchant: Merchant) -> None:
    """A merchant starts at Meta, and closes its dialog."""
    merchant.open()
    starter = Starter(stage.app, stage.meta.url, merchant.client)
    starter.press(starter.come(), entry_point=stage.button.slug)


def remove_unheard(stage: Stage) -> None:
    """A merchant takes away a feature, and only a sync that staff ask for tells of it."""
    shop = stage.log_in()
    stage.meta.turn_webhooks(drop=True)
    stage.change(shop, remove=["messenger_menu"])
    stage.sync(shop)
    stage.meta.turn_webhooks(drop=False)


def test_the_webhook_of_a_login_tells_of_no_install_by_what_was_left_at_meta(stage: Stage) -> None:
    stage.register()
    merchant = Merchant(stage.business())
    dialog = merchant.press(stage.button.slug)["Location"]
    leave_at_meta(stage, merchant)
    merchant.client.get(decide(dialog, action="continue", intent="FB_SERVICES"))
    stage.settle()
    found = stage.check()
    assert found[AFTER_INSTALL] == ("green", "")
    assert found["after_install business_app"] == ("unknown", Step.AT_META)
    stage.expire()
    assert stage.check()["after_install business_app"] == ("red", Step.NOTHING_CAME)


def test_the_webhook_of_the_next_install_tells_of_no_uninstall(stage: Stage) -> None:
    stage.register()
    remove_unheard(stage)
    shop = Change.objects.latest("pk").installation.business
    stage.log_in(shop)
    assert stage.check()[AFTER_UNINSTALL] == ("unknown", Step.WAIT)
    stage.age()
    assert stage.check()[AFTER_UNINSTALL] == ("red", Step.NO_UNINSTALL_NOTICE)
    stage.log_in(shop)
    assert stage.check()[AFTER_UNINSTALL] == ("red", Step.NO_UNINSTALL_NOTICE)


def test_a_webhook_that_still_lists_what_went_tells_of_no_uninstall(stage: Stage) -> None:
    stage.register()
    shop = stage.log_in()
    stage.change(shop, configure={"page_cta": {"cta_button_text": "Book"}})
    last = DeliveredNotice.objects.latest("pk")
    assert not last.says_uninstall and last.installation == stage.installation(shop)
    stage.meta.turn_webhooks(drop=True)
    stage.change(shop, remove=["messenger_menu"])
    stage.sync(shop)
    assert stage.check()[AFTER_UNINSTALL] == ("unknown", Step.WAIT)


def test_the_uninstall_of_one_feature_tells_of_no_later_one(stage: Stage) -> None:
    stage.register()
    shop = stage.log_in()
    stage.change(shop, remove=["messenger_menu"])
    assert stage.check()[AFTER_UNINSTALL] == ("green", "")
    stage.change(shop, remove=["page_card"], send_webhook=False)
    stage.sync(shop)
    stage.age()
    assert stage.check()[AFTER_UNINSTALL] == ("red", Step.NO_UNINSTALL_NOTICE)
    stage.change(shop, remove=["catalog"])
    assert stage.check()[AFTER_UNINSTALL] == ("green", "")


def test_an_uninstall_counts_as_told_however_late_the_worker_looked(stage: Stage) -> None:
    stage.register()
    shop = stage.log_in()
    for _ in range(9):
        stage.age()
    known = Delivery.objects.latest("pk").pk
    url = f"{stage.meta.url}/sandbox/api/connections/{shop.external_business_id}"
    requests.patch(url, json={"app_id": stage.app.app_id, "uninstall": True}, timeout=10).raise_for_status()
    eventually(lambda: Delivery.objects.latest("pk").pk > known)
    Delivery.objects.filter(status="received").update(received_at=F("received_at") - 4 * PATIENCE)
    process_inbox()
    drain()
    assert Change.objects.get(kind=Change.Kind.DISCONNECTED).cause == Cause.WEBHOOK
    stage.age()
    assert stage.check()[AFTER_UNINSTALL] == ("green", "")
    assert stage.row(AFTER_UNINSTALL).evidence["delivery"] > known


def test_a_change_long_after_an_install_is_no_webhook_of_it(stage: Stage) -> None:
    stage.register()
    stage.meta.turn_webhooks(drop=True)
    shop = stage.log_in()
    stage.age()
    assert stage.check()[AFTER_INSTALL] == ("red", Step.NO_INSTALL_NOTICE)
    stage.meta.turn_webhooks(drop=False)
    stage.change(shop, configure={"page_cta": {"cta_button_text": "Book"}})
    assert stage.check()[AFTER_INSTALL] == ("red", Step.NO_INSTALL_NOTICE)
    stage.log_in(shop)
    assert stage.check()[AFTER_INSTALL] == ("green", "")


def test_a_merchant_may_stay_at_meta_for_long_before_the_webhook_comes(stage: Stage) -> None:
    stage.register()
    stage.start_at_meta()
    OnboardingAttempt.objects.update(started_at=F("started_at") - 4 * PATIENCE)
    assert stage.check()["after_install business_app"] == ("green", "")

"""A business that is live says so; what holds nothing up is told beside; a second try is what counts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from features.models import AccessToken, Installation
from features.uninstalling.asking import ask, call_off
from golive.diagnosis.findings import Status
from golive.diagnosis.loading import apps_of
from golive.diagnosis.walking import STEPS
from onboarding.models import OnboardingAttempt
from partners.models import MetaApp
from tests.factories import AccessTokenFactory, EntryPointFactory, InstallationFactory, MetaAppFactory
from tests.golive.diagnosis.scene import Scene
from tests.golive.diagnosis.situations.asking import (
    its_webhook_cannot_be_processed,
    meta_gives_no_sound_answer,
    the_token_is_lost_with_its_key,
    uninstalled_by_the_merchant,
)
from webhooks.models import Delivery

FINE = {Status.OK, Status.DOES_NOT_APPLY}


def statuses(scene: Scene) -> dict[str, str]:
    """How each step stands."""
    return {name: each.status for name, each in scene.walk().findings.items()}


def test_a_business_that_is_live_says_so_in_one_sentence(scene: Scene) -> None:
    scene.comes_in()
    found = scene.walk()
    assert found.is_live and found.stops_at == ""
    assert found.verdict.startswith("Live: connected since ")
    assert {each.status for each in found.findings.values()} <= FINE
    assert found.findings["features"].seen == ("Lead ads, Ads",)


def test_without_a_webhook_it_is_live_and_the_step_says_that_none_came(scene: Scene) -> None:
    scene.button()
    scene.goes_through("LEAD_ADS")
    scene.work()
    found = scene.walk()
    assert found.is_live
    assert found.findings["webhook"].status == Status.WEAK
    assert "only a hint" in found.findings["webhook"].text


def test_refused_webhooks_are_weak_while_the_installs_api_answers(scene: Scene) -> None:
    scene.comes_in()
    scene.deliver("another-secret")
    found = scene.walk()
    assert found.is_live and found.findings["webhook"].status == Status.WEAK
    assert "not signed with the secret" in found.findings["webhook"].text
    scene.hears_from_meta()
    assert scene.walk().findings["webhook"].status == Status.OK, "a webhook was accepted since"


def test_a_new_sign_in_heals_a_token_that_is_lost_with_its_key(scene: Scene) -> None:
    the_token_is_lost_with_its_key(scene)
    assert "with a new sign-in comes a new one" in scene.walk().verdict
    scene.goes_through("LEAD_ADS")
    scene.work()
    assert scene.walk().is_live


def test_a_token_that_has_run_out_opens_nothing_for_one_that_no_key_opens(scene: Scene) -> None:
    row = scene.comes_in()
    AccessToken.objects.filter(installation=row).update(sealed=b"sealed with a key that is gone")
    AccessTokenFactory.create(installation=row, expires_at=timezone.now() - timedelta(days=1))
    found = scene.walk()
    assert found.stops_at == "token"
    assert "No key in ENCRYPTION_KEYS opens the access token" in found.verdict


def test_a_webhook_that_failed_is_made_up_for_by_the_next_answer(scene: Scene) -> None:
    scene.comes_in()
    Delivery.objects.update(status=Delivery.Status.FAILED, received_at=timezone.now())
    assert statuses(scene)["webhook"] == Status.WEAK
    scene.asks_meta()
    assert statuses(scene)["webhook"] == Status.OK


def test_a_connection_of_v2_is_no_error(scene: Scene) -> None:
    scene.meta.speak("v2")
    row = scene.comes_in()
    assert row.mbe_version == "v2"
    found = scene.walk()
    assert found.is_live and "Meta still answers in v2" in found.verdict
    assert found.findings["installs"].seen[-1] == "Meta answers in v2."
    assert found.findings["features"].status in (Status.OK, Status.WEAK)


def test_a_failing_sync_leaves_a_business_live_that_was_connected(scene: Scene) -> None:
    scene.comes_in()
    scene.meta.fail("server_error", path="installs")
    scene.asks_meta()
    found = scene.walk()
    assert found.is_live and found.findings["installs"].status == Status.WEAK


def test_an_uninstall_on_its_way_is_told_while_the_business_is_still_live(scene: Scene) -> None:
    row = scene.comes_in()
    asked = ask(row, by="staff")
    found = scene.walk()
    installs = found.findings["installs"]
    assert found.is_live and installs.status == Status.WEAK and "asked Meta to uninstall" in installs.text
    assert [each.button.url for each in installs.remedies] == [
        reverse("admin:uninstalling_uninstall_change", args=[asked.pk])
    ]
    call_off(asked)
    assert scene.walk().findings["installs"].status == Status.OK


def test_an_implied_or_extra_feature_in_trouble_is_weak(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(add=["catalog"])
    found = scene.walk()
    assert found.is_live
    assert found.findings["activation"].status == Status.WEAK
    assert "is empty" in found.findings["activation"].text


def test_one_button_that_works_is_enough_for_its_type(scene: Scene) -> None:
    scene.comes_in()
    first = scene.feature("lead_ads").feature_instance_id
    scene.happens(add=["lead_ads"])
    scene.happens(configure={first: {"enabled": False}})
    found = scene.walk()
    assert found.is_live and found.findings["features"].status == Status.WEAK


def test_a_second_use_case_does_not_hide_that_the_first_is_gone(scene: Scene) -> None:
    scene.button()
    EntryPointFactory.create(meta_app=scene.app, slug="chat", vertical="ECOMMERCE", intent="MESSENGER_CHAT")
    merchant = scene.invited()
    for slug, intent in (("chat", "MESSENGER_CHAT"), ("go", "LEAD_ADS")):
        merchant.go_through(slug, intent)
        scene.hears_from_meta()
        scene.work()
    scene.happens(remove=["messenger_chat"])
    found = scene.walk()
    assert (found.stops_at, found.is_live) == ("features", False)
    assert "Of what the business came for this is not installed: " in found.verdict


def test_what_the_business_came_for_before_an_uninstall_is_not_asked_for(scene: Scene) -> None:
    scene.comes_in()
    scene.meta.change(scene.external_id, uninstall=True, keep_tokens=True)
    scene.asks_meta()
    assert scene.walk().stops_at == "installs"
    EntryPointFactory.create(meta_app=scene.app, slug="chat", vertical="ECOMMERCE", intent="MESSENGER_CHAT")
    scene.invited().go_through("chat", "MESSENGER_CHAT")
    scene.work()
    case = scene.walk().case
    assert case.came_through == [("ECOMMERCE", "MESSENGER_CHAT")]
    assert scene.walk().findings["features"].status != Status.BROKEN


def test_of_what_was_chosen_in_a_menu_all_counts(scene: Scene) -> None:
    scene.comes_in()
    assert not scene.walk().case.is_needed("messenger_chat")
    EntryPointFactory.create(meta_app=scene.app, slug="menu", vertical="ECOMMERCE", intent="")
    scene.invited().go_through("menu", "MESSENGER_CHAT")
    scene.work()
    assert scene.walk().case.is_needed("messenger_chat")


def test_what_is_known_to_be_fine_is_told_after_the_step_that_stops(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(kill_tokens=460)
    found = statuses(scene)
    assert [found[name] for name in ("link", "attempt", "grant")] == [Status.OK] * 3
    assert (found["token"], found["webhook"], found["installs"]) == (Status.BROKEN, Status.OK, Status.NOT_REACHED)


def test_who_must_sign_in_again_and_cancels_is_told_of_the_cancellation(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(kill_tokens=460)
    assert scene.walk().stops_at == "token"
    scene.goes_through()
    assert scene.walk().stops_at == "grant"
    scene.goes_through("LEAD_ADS")
    scene.work()
    assert scene.walk().is_live


def test_a_cancelled_attempt_of_a_connected_business_changes_nothing(scene: Scene) -> None:
    scene.comes_in()
    scene.goes_through()
    assert OnboardingAttempt.objects.latest("pk").outcome == OnboardingAttempt.Outcome.CANCELLED
    assert scene.walk().is_live


def test_metas_words_are_shown(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(kill_tokens=460)
    seen = scene.walk().findings["token"].seen
    assert any("Meta says: " in each and "The session is no longer valid" in each for each in seen)


def test_after_an_uninstall_meta_is_not_said_to_have_said_what_the_portal_saw(scene: Scene) -> None:
    uninstalled_by_the_merchant(scene)
    found = scene.walk().findings["installs"]
    assert any(each.startswith("Meta sent word of an uninstall, and now says: (") for each in found.seen)
    assert not any("Meta says: " in each for each in found.seen)


def test_a_sync_is_offered_only_where_a_token_is_left_to_ask_with(scene: Scene) -> None:
    scene.comes_in()
    scene.meta.change(scene.external_id, uninstall=True, keep_tokens=True)
    scene.asks_meta()
    assert [str(each.button.label) for each in scene.walk().findings["installs"].remedies] == [
        "New launch link",
        "Sync now",
    ]
    AccessToken.objects.update(dead_at=timezone.now())
    assert [str(each.button.label) for each in scene.walk().findings["installs"].remedies] == ["New launch link"]


def test_an_import_whose_merchant_cancels_later_did_not_come_through_the_link(scene: Scene) -> None:
    scene.button()
    row = InstallationFactory.create(meta_app=scene.app, business=scene.business)
    secret = scene.meta.connect(scene.external_id, "lead_ads", "ads")
    AccessTokenFactory.create(installation=row, secret=secret, is_imported=True)
    scene.asks_meta()
    assert scene.walk().findings["link"].text == "The business came without a launch link of the portal's."
    scene.goes_through()
    found = scene.walk()
    assert found.is_live
    assert found.findings["link"].text == "The merchant has used a launch link."
    assert found.findings["grant"].text == "The consent was not given by way of the portal."
    scene.goes_through("LEAD_ADS")
    assert scene.walk().findings["link"].text == "The business came through a launch link."


def test_a_delivery_processed_again_heals_the_walk(scene: Scene) -> None:
    keys = scene.settings.ENCRYPTION_KEYS
    its_webhook_cannot_be_processed(scene)
    newest = scene.settings.ENCRYPTION_KEYS
    assert scene.walk().stops_at == "webhook"
    scene.settings.ENCRYPTION_KEYS = (*newest, *keys)
    for each in Delivery.objects.all():
        scene.press("webhooks_delivery", each.pk, "press_process_again")
    scene.hears_from_meta()
    scene.work()
    assert scene.walk().is_live


def test_a_sync_asked_for_on_the_page_heals_the_walk(scene: Scene) -> None:
    meta_gives_no_sound_answer(scene)
    assert scene.walk().stops_at == "installs"
    scene.press("features_installation", scene.installation().pk, "press_sync")
    scene.work()
    assert scene.walk().is_live


def test_an_adopted_business_goes_on(scene: Scene) -> None:
    scene.meta._call("post", "connections", app_id=scene.app.app_id, external_business_id=scene.external_id,
                     features=["lead_ads"], send_webhook=True)  # fmt: skip
    name, scene.business.external_business_id = scene.external_id, "another-name"
    scene.business.save()
    scene.hears_from_meta()
    scene.business.external_business_id = name
    scene.business.save()
    found = scene.walk()
    assert found.stops_at == "webhook"
    notice = found.case.waiting_notice
    assert notice is not None
    scene.press("webhooks_deliverednotice", notice.pk, "press_adopt")
    scene.work()
    assert scene.walk().is_live


def test_there_is_a_walk_for_each_app_that_the_business_is_on_or_tried(scene: Scene) -> None:
    other: MetaApp = MetaAppFactory.create(partner=scene.app.partner)
    assert apps_of(scene.business) == [scene.app, other], "nobody knows which"
    EntryPointFactory.create(meta_app=other, slug="other")
    assert apps_of(scene.business) == [other], "the one with a button"
    scene.comes_in()
    assert apps_of(scene.business) == [scene.app], "the one that it is on"
    assert len(scene.page().context["walks"]) == 1


@pytest.mark.parametrize("state", [each for each in Installation.State if each != Installation.State.CONNECTED])
def test_whatever_the_rows_nobody_is_live_without_a_connection(scene: Scene, state: str) -> None:
    scene.comes_in()
    for reason in ("", *Installation.Reason.values):
        Installation.objects.update(state=state, reason=reason)
        found = scene.walk()
        assert not found.is_live and found.stops_at in STEPS, reason
        assert found.verdict and found.decisive is not None and found.decisive.remedies, reason

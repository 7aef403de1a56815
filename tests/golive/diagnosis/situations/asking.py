"""What can be wrong with tokens, webhooks, and what Meta says is installed."""

from datetime import timedelta

from django.utils import timezone

from features.models import AccessToken, Installation
from tests.factories import BusinessFactory
from tests.golive.diagnosis.scene import Scene, Situation
from webhooks.models import Delivery
from webhooks.processing import process_inbox


def _connects_at_meta(scene: Scene, external_id: str) -> None:
    """A business is connected there, and the webhook waits to be sent."""
    wish = {"app_id": scene.app.app_id, "external_business_id": external_id, "features": ["lead_ads"]}
    scene.meta._call("post", "connections", **wish, send_webhook=True)


def the_token_is_dead(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(kill_tokens=460)


def the_app_was_removed_and_no_webhook_told(scene: Scene) -> None:
    scene.comes_in()
    scene.meta.change(scene.external_id, uninstall=True)
    scene.asks_meta()


def somebody_logged_out(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(kill_tokens=467)


def the_token_died_of_something_else(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(kill_tokens=459)


def its_webhook_failed_and_names_it(scene: Scene) -> None:
    scene.meta.turn_webhooks(business_integration=False)
    _connects_at_meta(scene, scene.external_id)
    assert set(scene.deliver()) == {200}
    Delivery.objects.update(status=Delivery.Status.FAILED, problem="KeyError")


def the_token_has_run_out(scene: Scene) -> None:
    scene.comes_in()
    AccessToken.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    scene.happens(kill_tokens=463)


def the_token_never_came(scene: Scene) -> None:
    scene.button()
    scene.meta._call("put", "knobs", webhooks={"omit_token": True, "business_integration": False})
    _connects_at_meta(scene, scene.external_id)
    scene.hears_from_meta()
    scene.work()


def the_apps_secret_is_lost_with_its_key(scene: Scene) -> None:
    scene.comes_in()
    scene.lose_the_key()
    scene.asks_meta()


def the_token_is_lost_with_its_key(scene: Scene) -> None:
    scene.comes_in()
    scene.lose_the_key()
    scene.type_in_the_secret()
    scene.asks_meta()


def its_webhook_is_refused(scene: Scene) -> None:
    scene.button()
    scene.starts_at_meta("LEAD_ADS")
    assert set(scene.deliver("another-secret")) == {403}


def its_webhook_cannot_be_processed(scene: Scene) -> None:
    scene.button()
    scene.starts_at_meta("LEAD_ADS")
    assert set(scene.deliver()) == {200}
    scene.lose_the_key()
    scene.type_in_the_secret()
    process_inbox()
    assert {each.status for each in Delivery.objects.all()} == {Delivery.Status.FAILED}


def it_waits_to_be_adopted(scene: Scene) -> None:
    _connects_at_meta(scene, "walk-in")
    scene.hears_from_meta()
    scene.business = BusinessFactory.create(partner=scene.app.partner, external_business_id="walk-in")


def nothing_is_installed(scene: Scene) -> None:
    scene.button()
    scene.goes_through("LEAD_ADS")
    scene.happens(remove=["lead_ads", "ads"])


def meta_does_not_show_it(scene: Scene) -> None:
    scene.comes_in()
    scene.meta.fail("not_visible", path="installs", count=AccessToken.objects.count())
    scene.asks_meta()


def meta_makes_the_app_wait(scene: Scene) -> None:
    scene.button()
    scene.goes_through("LEAD_ADS")
    scene.meta.fail("rate_limit_app", path="installs")
    scene.work()


def meta_makes_the_business_wait(scene: Scene) -> None:
    scene.button()
    scene.goes_through("LEAD_ADS")
    scene.meta.fail("rate_limit_buc", path="installs", minutes=30)
    scene.work()


def meta_gives_no_sound_answer(scene: Scene) -> None:
    scene.button()
    scene.goes_through("LEAD_ADS")
    scene.meta.fail("server_error", path="installs", count=3)
    for _ in range(3):
        Installation.objects.update(not_before=None)
        scene.work()


def meta_has_given_no_sound_answer_once(scene: Scene) -> None:
    scene.button()
    scene.goes_through("LEAD_ADS")
    scene.meta.fail("server_error", path="installs")
    scene.work()


def meta_is_being_asked(scene: Scene) -> None:
    scene.button()
    scene.goes_through("LEAD_ADS")


def meta_has_another_secret_since(scene: Scene) -> None:
    scene.comes_in()
    scene.meta_has_secret("another-secret")
    scene.asks_meta()


def meta_refuses_to_answer(scene: Scene) -> None:
    scene.comes_in()
    scene.meta.fail("echo", path="installs")
    scene.asks_meta()


def uninstalled_by_the_merchant(scene: Scene) -> None:
    scene.comes_in()
    scene.meta._call("patch", f"connections/{scene.external_id}", uninstall=True)
    scene.hears_from_meta()
    scene.work()


SITUATIONS = (
    Situation(the_token_is_dead, "token", "The password at Meta was changed", "New launch link"),
    Situation(the_app_was_removed_and_no_webhook_told, "token", "The app was removed", "New launch link"),
    Situation(somebody_logged_out, "token", "somebody logged out", "New launch link"),
    Situation(the_token_died_of_something_else, "token", "Meta no longer accepts", "New launch link"),
    Situation(its_webhook_failed_and_names_it, "webhook", "1 failed webhook names this business.", "Process again"),
    Situation(the_token_has_run_out, "token", "The access token has run out.", "New launch link"),
    Situation(the_token_never_came, "token", "gave no access token", "New launch link"),
    Situation(the_apps_secret_is_lost_with_its_key, "token", "opens the app's secret", "Meta app"),
    Situation(the_token_is_lost_with_its_key, "token", "opens the access token", "New launch link"),
    Situation(its_webhook_is_refused, "webhook", "not signed with the secret that is kept here", "Meta app"),
    Situation(its_webhook_cannot_be_processed, "webhook", "could not be processed", "Process again"),
    Situation(it_waits_to_be_adopted, "webhook", "waits to be adopted", "Adopt this business"),
    Situation(nothing_is_installed, "installs", "Meta has nothing installed for this business yet.", "New launch link"),
    Situation(meta_does_not_show_it, "installs", "Meta no longer shows this business", "New launch link"),
    Situation(meta_makes_the_app_wait, "installs", "Meta makes the whole app wait until", "Meta app"),
    Situation(meta_makes_the_business_wait, "installs", "Meta makes this business wait", "The installation's page"),
    Situation(meta_gives_no_sound_answer, "installs", "3 tries in a row failed", "Sync now"),
    Situation(meta_has_given_no_sound_answer_once, "installs", "Meta gives no sound answer: 1 try failed.", "Sync now"),
    Situation(meta_is_being_asked, "installs", "Meta is being asked just now.", "Look again"),
    Situation(meta_has_another_secret_since, "installs", "does not accept the app secret that is kept", "Meta app"),
    Situation(meta_refuses_to_answer, "installs", "Meta refuses to say what is installed.", "Meta app"),
    Situation(uninstalled_by_the_merchant, "installs", "The business uninstalled the integration", "New launch link"),
)

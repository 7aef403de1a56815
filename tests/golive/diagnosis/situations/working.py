"""What can be wrong with what is installed."""

from typing import Any

from features.activation.models import Activation
from features.sync import drain as sync
from tests.features.configuration.ground import turn_configuration
from tests.golive.diagnosis.scene import Scene, Situation

SETTINGS: dict[str, Any] = {"cta_button_text": "Book Now", "cta_button_url": "https://book.example/salon"}


def books(scene: Scene) -> None:
    """Connected by a button that wants the Instagram button and the catalog."""
    scene.comes_in("APPOINTMENTS", "IG_SERVICES")


def a_feature_is_taken_away(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(remove=["lead_ads"])


def a_feature_is_switched_off(scene: Scene) -> None:
    scene.comes_in()
    instance = scene.feature("lead_ads").feature_instance_id
    scene.happens(configure={instance: {"enabled": False}})


def a_button_is_switched_off_at_meta(scene: Scene) -> None:
    books(scene)
    feature = scene.feature("ig_cta")
    scene.wants(feature, enabled=True, **SETTINGS)
    scene.happens(configure={feature.feature_instance_id: {"enabled": False}})


def meta_refuses_the_configuration(scene: Scene) -> None:
    books(scene)
    turn_configuration(scene.meta, refuse={"types": ["ig_cta"], "message": "The address is not allowed."})
    scene.wants(scene.feature("ig_cta"), **SETTINGS)


def meta_keeps_something_else(scene: Scene) -> None:
    books(scene)
    turn_configuration(scene.meta, keeps={"ig_cta": {"cta_button_text": "BOOK_NOW"}})
    scene.wants(scene.feature("ig_cta"), **SETTINGS)


def changed_at_meta(scene: Scene) -> None:
    books(scene)
    feature = scene.feature("ig_cta")
    scene.wants(feature, **SETTINGS)
    scene.happens(configure={feature.feature_instance_id: {"cta_button_text": "Reserve"}})


def wanted_and_never_pushed(scene: Scene) -> None:
    books(scene)
    scene.wants(scene.feature("ig_cta"), is_pushed=False, **SETTINGS)


def nothing_is_set(scene: Scene) -> None:
    books(scene)


def no_products(scene: Scene) -> None:
    books(scene)
    scene.wants(scene.feature("ig_cta"), **SETTINGS)


def a_page_may_not_be_subscribed(scene: Scene) -> None:
    scene.button()
    scene.goes_through("LEAD_ADS")
    scene.meta.change(scene.external_id, withheld_scopes=["pages_manage_metadata"])
    scene.work()


def the_pixel_has_not_fired(scene: Scene) -> None:
    scene.comes_in("MEASUREMENT_AND_OPTIMIZATION", "CONVERSIONS_API")


def the_ad_account_is_disabled(scene: Scene) -> None:
    scene.button()
    scene.goes_through("LEAD_ADS")
    scene.meta.change(scene.external_id, ad_account_status=2)
    scene.work()


def nobody_has_looked_yet(scene: Scene) -> None:
    scene.button()
    scene.goes_through("LEAD_ADS")
    sync()
    assert {each.state for each in Activation.objects.all()} == {Activation.State.PENDING}


SITUATIONS = (
    Situation(a_feature_is_taken_away, "features", "not installed: Lead ads.", "Management view at Meta"),
    Situation(
        a_feature_is_switched_off, "features", "Lead ads: It is switched off at Meta.", "Management view at Meta"
    ),
    Situation(a_button_is_switched_off_at_meta, "features", "It is switched off at Meta.", "Push ours"),
    Situation(meta_refuses_the_configuration, "configuration", "Meta refused the configuration", "Edit configuration"),
    Situation(meta_keeps_something_else, "configuration", "Meta kept something else", "Adopt Meta's values"),
    Situation(changed_at_meta, "configuration", "has changed the configuration at Meta", "Push ours"),
    Situation(wanted_and_never_pushed, "configuration", "has not been pushed to Meta", "Push ours"),
    Situation(nothing_is_set, "activation", "Neither text nor address is set.", "Edit configuration"),
    Situation(no_products, "activation", "is empty. Hand over the business's products.", "Hand over products"),
    Situation(a_page_may_not_be_subscribed, "activation", "Lead ads: A permission is missing", "New launch link"),
    Situation(the_pixel_has_not_fired, "activation", "The pixel has not fired yet.", "Mark as working"),
    Situation(the_ad_account_is_disabled, "activation", "Meta has disabled the ad account", "Check now"),
    Situation(nobody_has_looked_yet, "activation", "has not looked yet whether it works", "Check now"),
)

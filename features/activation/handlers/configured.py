"""Features with settings of their own: what is wanted has been pushed, and Meta has confirmed it."""

from collections.abc import Iterator
from typing import Any

from features.activation.handlers.selling import catalog_step
from features.activation.handling import Actor, Look, Step, StepState
from features.configuration.models import Wanted
from mbe.customizing import comparable

Status = Wanted.Status


def configured(look: Look) -> Iterator[Step]:
    """A button or a text: its settings, and that Meta has it switched on."""
    yield settings_step(look)
    if look.feature.is_enabled is False:
        yield _switched_off(look)


def page_card(look: Look) -> Iterator[Step]:
    """The card of services: its settings, and items in its catalog."""
    yield from configured(look)
    yield catalog_step(look)


def settings_step(look: Look) -> Step:
    """Say how Meta's settings compare with what is wanted."""
    if look.wanted is None:
        return _as_the_merchant_set_it(look)
    facts = {"settings": look.wanted.values}
    words = look.last_push.detail if look.last_push else ""
    steps = {
        Status.AS_WANTED: Step("settings_confirmed", StepState.DONE, facts),
        Status.UNPUSHED: Step("settings_not_pushed", StepState.WAITING, facts),
        Status.PUSHING: Step("settings_being_pushed", StepState.WAITING, facts),
        Status.DRIFT: Step("settings_changed_at_meta", StepState.TO_DO, facts, actor=Actor.STAFF),
        Status.REFUSED: Step("settings_refused", StepState.FAILED, facts, words),
        Status.DIFFERS: Step("settings_kept_otherwise", StepState.TO_DO, facts, words, Actor.STAFF),
    }
    return steps[Status(look.wanted.status)]


def _as_the_merchant_set_it(look: Look) -> Step:
    found = {name: value for name, value in _settings(look).items() if value not in (None, "", [])}
    if found:
        return Step("settings_as_merchant_set", StepState.DONE, {"settings": found})
    return Step("settings_not_set", StepState.TO_DO, actor=Actor.STAFF)


def _settings(look: Look) -> dict[str, Any]:
    return comparable(look.feature.configuration)


def _switched_off(look: Look) -> Step:
    is_wanted_off = look.wanted is not None and look.wanted.values.get("enabled") is False
    if is_wanted_off:
        return Step("switched_off_as_wanted", StepState.NOTE)
    return Step("switched_off", StepState.TO_DO, actor=Actor.MERCHANT)

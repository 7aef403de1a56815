"""How pages of the admin show an activation: a pill on lists and cards, the steps on the feature's own page."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from features.activation.models import Activation
from features.activation.texts import sentence
from features.models import Feature
from partners.display import NOTHING, facts, pill, two_lines

SECTION = "admin/portal/activation_section.html"
State, StepState = Activation.State, Activation.StepState

STATE_TONES: dict[str, str] = {
    State.PENDING: "plain",
    State.ACTIVE: "good",
    State.ACTION_NEEDED: "warning",
    State.FAILED: "bad",
    State.UNKNOWN: "plain",
    State.ENDED: "plain",
}
STEP_TONES: dict[str, str] = {
    StepState.DONE: "good",
    StepState.TO_DO: "warning",
    StepState.FAILED: "bad",
    StepState.WAITING: "plain",
    StepState.NOTE: "plain",
}
# Shown apart from the other facts, which stand in the sentence or in a list.
SNIPPET, LINK, SETTINGS = "snippet", "link", "settings"


def activation_of(feature: Feature) -> Activation | None:
    """A feature's activation, if it has one; read it with the feature."""
    # The relation's own error is an AttributeError.
    return getattr(feature, "activation", None)


def state_pill(activation: Activation) -> SafeString:
    """The state of an activation."""
    return pill(activation.get_state_display(), STATE_TONES[activation.state])


def activation_pill(feature: Feature) -> SafeString | str:
    """The state on a feature's card and in lists, and who has to act; empty for a feature without an activation."""
    activation = activation_of(feature)
    if activation is None:
        return ""
    shown = state_pill(activation)
    return two_lines(shown, activation.get_actor_display()) if activation.actor else shown


def activation_section(feature: Feature) -> SafeString | str:
    """The steps on a feature's own page: what is done, what is to do and by whom, with what to copy."""
    activation = activation_of(feature)
    if activation is None:
        return NOTHING
    context = {
        "activation": activation,
        "pill": state_pill(activation),
        "steps": [_shown(each) for each in activation.steps],
        "is_unknown": activation.state == State.UNKNOWN,
        "is_retried": activation.state == State.FAILED and activation.failures > 0,
    }
    return render_to_string(SECTION, context)


def is_confirmable(activation: Activation | None) -> bool:
    """Whether a person may say that it works: a step is open that the portal cannot check."""
    steps = activation.steps if activation else []
    return any(each.get("is_confirmable") and each["state"] == StepState.TO_DO for each in steps)


def _shown(step: dict[str, Any]) -> dict[str, object]:
    found = step.get("facts") or {}
    state = StepState(step["state"])
    actor = step.get("actor")
    settings = found.get(SETTINGS)
    return {
        "pill": pill(state.label, STEP_TONES[state]),
        "text": sentence(step),
        "actor": Activation.Actor(actor).label if actor else "",
        "detail": step.get("detail", ""),
        "link": found.get(LINK, ""),
        "snippet": found.get(SNIPPET, ""),
        "settings": facts(settings) if settings else "",
        "is_confirmed": bool(step.get("is_confirmable")) and state == StepState.DONE,
        "snippet_title": _("Code for the website"),
    }

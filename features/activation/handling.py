"""What a handler is: it looks at one feature, does what is missing, and says how far each step is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from features.activation.calls import Calls
from features.activation.models import Activation
from features.configuration.models import Push, Wanted
from features.models import Feature, Installation

StepState = Activation.StepState
Actor = Activation.Actor


@dataclass(frozen=True)
class Step:
    """One step and how far it is.

    `step` is a code that `texts` has a sentence for, filled with `facts` (plain JSON); `detail` is in Meta's words;
    `actor` (of `Actor`) says who has to act on a step that is to do. A step that `is_confirmable` is done once a person
    has said so: handlers give it as it looks without that word.
    """

    step: str
    state: StepState
    facts: dict[str, Any] = field(default_factory=dict)
    detail: str = ""
    actor: str = ""
    is_confirmable: bool = False


@dataclass(frozen=True)
class Look:
    """What a handler gets: rows loaded before any call, and the calls that it may make.

    `installation` comes with `meta_app` and `business`; `siblings` are the installation's living features, this one
    among them unless it is gone; `confirmed`: a person has said that what the portal cannot check works.
    """

    feature: Feature
    installation: Installation
    siblings: tuple[Feature, ...]
    wanted: Wanted | None
    last_push: Push | None
    confirmed: bool
    calls: Calls

    def asset(self, key: str) -> str:
        """The feature's own asset of this kind, by Meta's name for it; the first of several, empty for none."""
        value = self.feature.connected_assets.get(key)
        only = value[0] if isinstance(value, list) and value else value
        return str(only) if isinstance(only, str | int) and str(only) != "0" else ""


# Called outside any transaction. It may raise any `GraphError` or `NoUsableToken`: the engine says what that means, and
# keeps the steps given before. Of the database it may read and write within short transactions of its own.
Handler = Callable[[Look], Iterable[Step]]
# What is to be taken back at Meta when a feature goes; raises as a handler does.
Ending = Callable[[Look], None]

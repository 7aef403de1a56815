"""What one step of the way shows: whether it is done, in plain words, what was seen, and what helps."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from features.own_reasons import in_words, is_own
from partners.models import Role
from partners.object_tools import Button


class Status(TextChoices):
    """How one step stands."""

    OK = "ok", gettext_lazy("ok")
    WEAK = "weak", gettext_lazy("could be better")
    BROKEN = "broken", gettext_lazy("stops here")
    NOT_REACHED = "not_reached", gettext_lazy("not reached")
    DOES_NOT_APPLY = "does_not_apply", gettext_lazy("does not apply")


TONES: dict[str, str] = {Status.OK: "good", Status.WEAK: "warning", Status.BROKEN: "bad"}


@dataclass(frozen=True)
class Remedy:
    """What helps, as a button, for those who may do at least what `role` may."""

    button: Button
    role: Role = Role.VIEWER


@dataclass(frozen=True)
class Finding:
    """One step: `text` says it in a sentence, `seen` is the evidence (times, Meta's words), `remedies` are buttons."""

    status: Status
    text: str
    seen: Sequence[str] = ()
    remedies: Sequence[Remedy] = ()


def ok(text: str, *seen: str) -> Finding:
    """The step is done."""
    return Finding(Status.OK, text, said(*seen))


def broken(text: str, *seen: str, helps: Sequence[Remedy] = ()) -> Finding:
    """The business is not live because of this."""
    return Finding(Status.BROKEN, text, said(*seen), helps)


def weak(text: str, *seen: str, helps: Sequence[Remedy] = ()) -> Finding:
    """It holds nothing up, but should be looked at."""
    return Finding(Status.WEAK, text, said(*seen), helps)


def does_not_apply(text: str) -> Finding:
    """This business goes another way."""
    return Finding(Status.DOES_NOT_APPLY, text)


def not_reached() -> Finding:
    """Nothing can be said before an earlier step is done."""
    return Finding(Status.NOT_REACHED, _("This comes after the step that stops."))


def said(*seen: str) -> tuple[str, ...]:
    """The evidence, without what is empty."""
    return tuple(each for each in seen if each)


def in_metas_words(words: str) -> str:
    """What Meta said, as evidence, or what the portal found itself; empty where nothing was said."""
    if is_own(words):
        return in_words(words)
    return _("Meta says: %(words)s") % {"words": words} if words else ""

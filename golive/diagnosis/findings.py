"""What one step of the way shows: whether it is done, in plain words, what was seen, and what helps."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from partners.object_tools import Button


class Status(TextChoices):
    """How one step stands."""

    OK = "ok", _("ok")
    WEAK = "weak", _("could be better")
    BROKEN = "broken", _("stops here")
    NOT_REACHED = "not_reached", _("not reached")
    DOES_NOT_APPLY = "does_not_apply", _("does not apply")


TONES: dict[str, str] = {Status.OK: "good", Status.WEAK: "warning", Status.BROKEN: "bad"}


@dataclass(frozen=True)
class Finding:
    """One step: `text` says it in a sentence, `seen` is the evidence (times, Meta's words), `remedies` are buttons."""

    status: Status
    text: str
    seen: Sequence[str] = ()
    remedies: Sequence[Button] = ()


def ok(text: str, *seen: str) -> Finding:
    """The step is done."""
    return Finding(Status.OK, text, said(*seen))


def broken(text: str, *seen: str, helps: Sequence[Button] = ()) -> Finding:
    """The business is not live because of this."""
    return Finding(Status.BROKEN, text, said(*seen), helps)


def weak(text: str, *seen: str, helps: Sequence[Button] = ()) -> Finding:
    """It holds nothing up, but should be looked at."""
    return Finding(Status.WEAK, text, said(*seen), helps)


def does_not_apply(text: str, *seen: str) -> Finding:
    """This business goes another way."""
    return Finding(Status.DOES_NOT_APPLY, text, said(*seen))


def said(*seen: str) -> tuple[str, ...]:
    """The evidence, without what is empty."""
    return tuple(each for each in seen if each)

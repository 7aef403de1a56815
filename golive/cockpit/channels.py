"""What entry points that still have a v2 channel lead to: suggested, chosen, taken back."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from golive.readiness.watching import watching
from mbe.catalog import INTENTS, VERTICALS
from mbe.v2 import intents_for_channel
from onboarding.checks import entry_point_problems
from onboarding.models import EntryPoint
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.models import MetaApp
from partners.tenancy import tenant

UNDECIDED = ""
# No intent of Meta's has this name.
WHOLE_MENU = "whole_menu"


@dataclass(frozen=True)
class Choice:
    """Something that an entry point could lead to: an intent or the whole menu, and what that is for the reader."""

    value: str
    text: str

    @property
    def is_menu(self) -> bool:
        """Whether it is no intent, but the menu of the vertical."""
        return self.value == WHOLE_MENU


@dataclass(frozen=True)
class Suggestion:
    """What an entry point leads to and could: what its app offers, the likeliest first, and why not the others."""

    entry_point: EntryPoint
    chosen: str
    choices: tuple[Choice, ...]
    problems: tuple[str, ...]
    fits: bool

    @property
    def vertical(self) -> str:
        """The vertical in the reader's words."""
        known = VERTICALS.get(self.entry_point.vertical)
        return known.label.in_language(get_language() or "en") if known else self.entry_point.vertical

    @property
    def others(self) -> list[Choice]:
        """What it could lead to instead."""
        return [each for each in self.choices if each.value != self.chosen]

    @property
    def has_intents(self) -> bool:
        """Whether an intent is among the choices."""
        return any(not each.is_menu for each in self.choices)


def with_channel(app: MetaApp) -> list[Suggestion]:
    """The app's entry points with a v2 channel, with what fits each; an app has few."""
    rows = EntryPoint.objects.filter(meta_app=app).exclude(channel="").select_related("meta_app").order_by("pk")
    return [suggest(each) for each in rows]


def suggest(entry_point: EntryPoint) -> Suggestion:
    """What fits the entry point's channel in its vertical, and the whole menu."""
    vertical, app = entry_point.vertical, entry_point.meta_app
    intents = intents_for_channel(vertical, entry_point.channel)
    problems = {each: entry_point_problems(vertical, each, app) for each in intents}
    offered = [_intent(vertical, each) for each in intents if not problems[each]]
    menu_problems = entry_point_problems(vertical, "", app)
    menu = (
        []
        if menu_problems
        else [Choice(WHOLE_MENU, _("No intent: merchants choose among all that the menu of the vertical offers."))]
    )
    texts = [text for each in problems.values() for text in each]
    chosen = choice_of(entry_point)
    return Suggestion(
        entry_point, chosen, (*offered, *menu), (*texts, *menu_problems), chosen in (*intents, WHOLE_MENU)
    )


def choice_of(entry_point: EntryPoint) -> str:
    """What was chosen for it: an intent, the whole menu, or nothing yet."""
    return entry_point.intent or (WHOLE_MENU if entry_point.has_chosen_menu else UNDECIDED)


def turn(app: MetaApp, number: int, before: str, after: str, by: By) -> bool:
    """Lead the entry point to one of its choices, or leave it undecided; False where it is not (or no more) `before`.

    False too where the choice is not, or no longer, suggested.
    """
    with tenant(app.partner_id):
        rows = EntryPoint.objects.select_for_update(of=("self",)).select_related("meta_app").exclude(channel="")
        locked = rows.filter(pk=number, meta_app=app).first()
        if locked is None or before == after or choice_of(locked) != before or not _may_be(locked, after):
            return False
        with watching(app):
            _save(locked, after, by)
    return True


def _may_be(entry_point: EntryPoint, choice: str) -> bool:
    return choice == UNDECIDED or choice in [each.value for each in suggest(entry_point).choices]


def _save(entry_point: EntryPoint, choice: str, by: By) -> None:
    is_menu = choice == WHOLE_MENU
    after = {"intent": "" if is_menu else choice, "has_chosen_menu": is_menu}
    changes = {name: [getattr(entry_point, name), value] for name, value in after.items()}
    for name, value in after.items():
        setattr(entry_point, name, value)
    entry_point.save(update_fields=list(after))
    record(
        Action.CHANGED, entry_point, by=by, changes={name: both for name, both in changes.items() if both[0] != both[1]}
    )


def _intent(vertical: str, name: str) -> Choice:
    return Choice(name, INTENTS[vertical, name].use_case.in_language(get_language() or "en"))

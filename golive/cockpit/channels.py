"""Intents for entry points that still have a v2 channel: suggested, accepted, taken back."""

from dataclasses import dataclass

from golive.readiness.watching import watching
from mbe.v2 import intents_for_channel
from onboarding.checks import entry_point_problems
from onboarding.models import EntryPoint
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.models import MetaApp
from partners.tenancy import tenant


@dataclass(frozen=True)
class Suggestion:
    """What an entry point could lead to: intents that its app offers, the likeliest first, and why not the others."""

    entry_point: EntryPoint
    intents: tuple[str, ...]
    problems: tuple[str, ...]


def with_channel(app: MetaApp) -> list[Suggestion]:
    """The app's entry points with a v2 channel, with what fits each; an app has few."""
    rows = EntryPoint.objects.filter(meta_app=app).exclude(channel="").select_related("meta_app").order_by("pk")
    return [suggest(each) for each in rows]


def suggest(entry_point: EntryPoint) -> Suggestion:
    """What fits the entry point's channel in its vertical."""
    fitting = intents_for_channel(entry_point.vertical, entry_point.channel)
    problems = {each: entry_point_problems(entry_point.vertical, each, entry_point.meta_app) for each in fitting}
    offered = tuple(each for each in fitting if not problems[each])
    return Suggestion(entry_point, offered, tuple(text for each in fitting for text in problems[each]))


def accept(app: MetaApp, number: int, intent: str, by: By) -> bool:
    """Give the entry point without an intent this suggested one; False where that is not (or no longer) possible."""
    return _turn(app, number, "", intent, by)


def take_back(app: MetaApp, number: int, intent: str, by: By) -> bool:
    """Leave the entry point without an intent again; False where it has another one by now."""
    return _turn(app, number, intent, "", by)


def _turn(app: MetaApp, number: int, before: str, after: str, by: By) -> bool:
    with tenant(app.partner_id):
        rows = EntryPoint.objects.select_for_update(of=("self",)).select_related("meta_app").exclude(channel="")
        locked = rows.filter(pk=number, meta_app=app, intent=before).first()
        if locked is None or before == after or (after and after not in suggest(locked).intents):
            return False
        locked.intent = after
        with watching(app):
            locked.save(update_fields=["intent"])
        record(Action.CHANGED, locked, by=by, changes={"intent": [before, after]})
    return True

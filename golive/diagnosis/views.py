"""The page “Why is this business not live?”."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from golive.diagnosis.findings import TONES, Finding, Remedy
from golive.diagnosis.loading import apps_of, load
from golive.diagnosis.walking import STEPS, Walk, deciding, walk
from golive.pages import business_of, page
from partners.display import pill
from partners.models import Role
from partners.viewing import Viewer, viewer


@require_safe
def diagnosis(request: HttpRequest, business_id: int) -> HttpResponse:
    """Show the walk of a business on each of its apps: what it stops at, what helps, and every step."""
    business = business_of(request, business_id)
    walks = [walk(load(app, business)) for app in apps_of(business)]
    counting = deciding(walks)
    context = {
        "title": _("Why is %(business)s not live?") % {"business": business.name or business.external_business_id},
        "business": business,
        "walks": [_walk(each, viewer(request), counts=each in counting) for each in walks],
        "may_add_app": viewer(request).may(Role.OWNER),
    }
    return page(request, "diagnosis.html", context)


def _walk(taken: Walk, by: Viewer, *, counts: bool) -> dict[str, Any]:
    shown = pill(_("live"), "good") if taken.is_live else pill(_("not live"), "bad")
    stops_at = STEPS[taken.stops_at][0] if taken.stops_at else ""
    return {
        "app": taken.case.app,
        "counts": counts,
        "pill": shown,
        "verdict": taken.verdict,
        "stops_at": stops_at,
        "helps": _helps(taken.decisive.remedies if taken.decisive else (), by),
        "steps": [_step(name, each, taken, by) for name, each in taken.findings.items()],
    }


def _step(name: str, finding: Finding, taken: Walk, by: Viewer) -> dict[str, Any]:
    # What helps with the step that stops stands above.
    helps = () if name == taken.stops_at else finding.remedies
    status = finding.status
    return {
        "label": STEPS[name][0],
        "pill": pill(status.label, TONES.get(status, "plain")),
        "text": finding.text,
        "seen": finding.seen,
        "is_decisive": name == taken.stops_at,
        "helps": _helps(helps, by),
    }


def _helps(remedies: Sequence[Remedy], by: Viewer) -> dict[str, Any]:
    """The buttons that this person may press, and the words of those that a manager may."""
    return {
        "buttons": [each.button for each in remedies if by.may(each.role)],
        "for_others": [each.button.label for each in remedies if not by.may(each.role)],
    }

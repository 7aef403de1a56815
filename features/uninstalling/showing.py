"""How pages show an uninstall: a pill, its steps with their times, what is going on, and what helps."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from features.admin_shows import feature_label
from features.management_view import management_url
from features.models import Feature, Installation
from features.uninstalling.models import Uninstall
from features.uninstalling.obstacles import NO_API, obstacle
from features.uninstalling.texts import remedy_of, standing_of
from partners.display import pill

State = Uninstall.State
STATE_TONES: dict[str, str] = {
    State.REQUESTED: "plain",
    State.ACKNOWLEDGED: "plain",
    State.GONE: "good",
    State.REFUSED: "bad",
    State.UNCONFIRMED: "bad",
    State.CALLED_OFF: "plain",
}
MOST_SHOWN = 20


@dataclass(frozen=True)
class Step:
    """One step; `at` is None for one that is still to come."""

    text: str
    at: datetime | None


def state_pill(row: Uninstall) -> SafeString:
    """How far it is."""
    return pill(row.get_state_display(), STATE_TONES[row.state])


def subject_of(row: Uninstall) -> str:
    """What is uninstalled, in the reader's words."""
    return feature_label(row.feature.feature_type) if row.feature else _("the whole connection")


def steps_of(row: Uninstall) -> list[Step]:
    """What has happened, oldest first, and after that what is still to come."""
    done = [Step(_("Asked for by %(who)s") % {"who": row.asked_by}, row.asked_at)]
    to_come = [
        Step(_("Sent to Meta"), row.sent_at),
        Step(_("Acknowledged by Meta"), row.acknowledged_at),
        Step(_("Seen to be gone, and recorded"), row.ended_at if row.state == State.GONE else None),
    ]
    done += [each for each in to_come if each.at]
    if row.connected_anew_at:
        done.append(Step(_("The business connected anew"), row.connected_anew_at))
    if row.ended_at and row.state != State.GONE:
        done.append(Step(str(row.get_state_display()), row.ended_at))
    is_to_come = row.is_open and row.connected_anew_at is None
    return done + ([each for each in to_come if not each.at] if is_to_come else [])


def uninstall_shown(row: Uninstall) -> SafeString:
    """One uninstall; needs its feature and installation."""
    is_waiting = row.is_open and row.not_before is not None and row.not_before > timezone.now()
    context = {
        "row": row,
        "pill": state_pill(row),
        "subject": subject_of(row),
        "steps": steps_of(row),
        "standing": standing_of(row),
        "remedy": remedy_of(row),
        "waits_until": row.not_before if is_waiting else None,
    }
    return render_to_string("admin/portal/uninstall.html", context)


def uninstall_section(installation: Installation, feature: Feature | None = None) -> SafeString:
    """What stands about uninstalling on the page of an installation, or of a feature.

    All that is under way, or else what was last; and where there is no button, why.
    """
    why_not = obstacle(installation, feature)
    context = {
        "shown": [uninstall_shown(row) for row in _rows(installation, feature)],
        "why_not": why_not,
        "management_url": management_url(installation) if why_not == NO_API else "",
        "query": f"feature={feature.pk}" if feature else f"installation={installation.pk}",
    }
    return render_to_string("admin/portal/uninstall_section.html", context)


def _rows(installation: Installation, feature: Feature | None) -> list[Uninstall]:
    rows = Uninstall.objects.filter(installation=installation).select_related("feature", "installation").order_by("-pk")
    about = rows.filter(Q(feature=feature) | Q(feature=None)) if feature else rows
    under_way = list(about.filter(state__in=Uninstall.OPEN)[:MOST_SHOWN])
    return under_way or list(rows.filter(feature=feature)[:1])

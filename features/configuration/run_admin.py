"""Pushes to many businesses in the admin: watched, left, returned to, stopped."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from features.admin_shows import feature_label
from features.configuration.models import Push, PushRun
from features.configuration.runs import progress, stop_run
from features.configuration.showing import STATE_TONES, push_pill
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.changelist import PartnerFilter
from partners.display import NOTHING, pill
from partners.object_tools import Tool
from partners.tenant_admin import ReadOnlyTenantAdmin

MOST_SHOWN = 50
# What somebody has to look at.
UNHAPPY = (Push.State.REFUSED, Push.State.DIFFERS, Push.State.MOVED)
STOP_QUESTION = gettext_lazy(
    "Nothing more of it is sent to Meta. What was pushed already stays, and what a worker has in hand comes to its end."
)


def is_running(run: PushRun) -> bool:
    """Whether something of it still waits to be pushed."""
    return Push.objects.filter(run=run, state=Push.State.WAITING).exists()


class PushRunAdmin(ReadOnlyTenantAdmin):
    """Each push to many, with how far it is."""

    change_form_template = "admin/portal/configuration_run.html"
    list_display = ("asked_at", "asker", "stands", "stopped_at")
    list_select_related = ("asked_by",)
    list_filter = (PartnerFilter,)
    fields = ("asker", "asked_at", "stopped_at")
    tools = (Tool("stop", gettext_lazy("Stop"), STOP_QUESTION, is_for=is_running),)

    class Media:
        css = {"all": ("admin_portal/configuration.css",)}

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what the page names."""
        return super().get_queryset(request).select_related("asked_by")

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find all: the list has no search."""
        return Q()

    def preload(self, rows: list[Any]) -> None:
        """Count the pushes of the page's rows by state, with one query."""
        counts = Push.objects.filter(run__in=[row.pk for row in rows]).values_list("run", "state")
        of_run: dict[int, Counter[str]] = {}
        for run, state, count in counts.annotate(Count("pk")).order_by():
            of_run.setdefault(run, Counter())[state] = count
        for row in rows:
            row.counts = of_run.get(row.pk, Counter())

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Tell the page how far it is."""
        run = kwargs.get("obj")
        if isinstance(run, PushRun):
            counts = progress(run)
            total, waiting = counts.total(), counts[Push.State.WAITING]
            context |= {
                "run": run,
                "counts": _shown_counts(run, counts),
                "total": total,
                "done": total - waiting,
                "is_running": waiting > 0,
                "unhappy": _unhappy(run),
                "are_cut": sum(counts[each] for each in UNHAPPY) > MOST_SHOWN,
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def stop(self, request: HttpRequest, run: PushRun) -> None:
        """Push nothing more of it."""
        count = stop_run(run)
        record_in_admin(request, Action.STOPPED, [run])
        text = ngettext(
            "Stopped: %(count)d feature is not pushed.", "Stopped: %(count)d features are not pushed.", count
        )
        messages.success(request, text % {"count": count})

    @admin.display(description=gettext_lazy("asked for by"))
    def asker(self, run: PushRun) -> str:
        """Name the person; the account is not for everybody to see."""
        return run.asked_by.get_username() if run.asked_by else NOTHING

    @admin.display(description=gettext_lazy("how far"))
    def stands(self, run: Any) -> str:
        """Say how many are pushed, and how many somebody has to look at."""
        total, waiting = run.counts.total(), run.counts[Push.State.WAITING]
        unhappy = sum(run.counts[each] for each in UNHAPPY)
        text = _("%(done)d of %(total)d done") % {"done": total - waiting, "total": total}
        to_look_at = _("%(count)d to look at") % {"count": unhappy}
        return f"{text} · {to_look_at}" if unhappy else text


def _shown_counts(run: PushRun, counts: Counter[str]) -> list[dict[str, Any]]:
    url = reverse("admin:configuration_push_changelist") + f"?run={run.pk}&state__exact="
    return [
        {"pill": pill(state.label, STATE_TONES.get(state, "plain")), "count": counts[state], "url": f"{url}{state}"}
        for state in Push.State
        if counts[state]
    ]


def _unhappy(run: PushRun) -> Sequence[dict[str, Any]]:
    rows = Push.objects.filter(run=run, state__in=UNHAPPY).select_related("feature", "installation__business")
    return [
        {"row": each, "pill": push_pill(each), "feature": feature_label(each.feature.feature_type)}
        for each in rows.order_by("-pk")[:MOST_SHOWN]
    ]

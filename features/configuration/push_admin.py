"""Pushes in the admin: the plan with what it would change, its way to Meta, and how it ended."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from features.admin_shows import feature_label
from features.configuration.advice import advice
from features.configuration.feature_pages import adopt_and_say, plan_and_lead
from features.configuration.feature_section import is_editable
from features.configuration.healing import that_go_on
from features.configuration.mock_ups import mock_up_of
from features.configuration.models import Push
from features.configuration.observed import observed
from features.configuration.planning import ask, differences, drop
from features.configuration.showing import label_of, push_pill, rows_of
from features.finding import found_installations
from features.models import Feature
from mbe.customizing import differences as differing
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.changelist import PartnerFilter
from partners.display import NOTHING, page_link, two_lines
from partners.object_tools import Tool
from partners.tenancy import tenant
from partners.tenant_admin import ReadOnlyTenantAdmin
from partners.viewing import viewer

State = Push.State
# Ends after which somebody has to choose: take Meta's values, or try again.
TO_DECIDE = (State.MOVED, State.DIFFERS, State.REFUSED)


def is_planned(push: Push) -> bool:
    """Whether it can be asked for."""
    return push.state == State.PLANNED


def may_be_planned_anew(push: Push) -> bool:
    """Whether it came to nothing, or was overtaken, and its feature can still be set."""
    is_over = push.state in (*TO_DECIDE, State.DROPPED) or (is_planned(push) and is_stale(push))
    return is_over and is_editable(push.feature)


def may_be_given_up(push: Push) -> bool:
    """Whether Meta's values may be taken in its place."""
    return push.state in TO_DECIDE and is_editable(push.feature)


def is_stale(push: Push) -> bool:
    """Whether Meta has something else by now than the plan was made against."""
    return bool(differing(push.based_on, observed(push.feature)))


class PushAdmin(ReadOnlyTenantAdmin):
    """Every plan and push of one feature's configuration."""

    change_form_template = "admin/portal/configuration_push.html"
    list_display = ("planned_at", "state_shown", "feature_shown", "business", "changed_settings", "by_whom")
    list_select_related = ("feature", "installation__business")
    list_filter = (PartnerFilter, "state")
    search_fields = ("installation__business__external_business_id",)
    search_help_text = gettext_lazy("The beginning of a business's name or external business id.")

    class Media:
        css = {"all": ("admin_portal/configuration.css",)}

    tools = (
        Tool("press_push", gettext_lazy("Push to Meta"), is_for=lambda push: is_planned(push) and not is_stale(push)),
        Tool("plan_anew", gettext_lazy("Plan anew"), is_for=may_be_planned_anew),
        Tool("adopt_metas", gettext_lazy("Adopt Meta's values"), is_for=may_be_given_up),
        Tool("drop_plan", gettext_lazy("Drop the plan"), is_for=is_planned),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what `__str__` and the page name."""
        related = ("feature__wanted", "installation__business", "installation__meta_app", "run")
        return super().get_queryset(request).select_related(*related, "feature__installation__business")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show what has happened so far."""
        if obj is None:
            return ()
        moments = [
            name
            for name in ("asked_at", "tried_at", "posted_at", "ended_at", "confirmed_later_at")
            if getattr(obj, name)
        ]
        runs = ["run_link"] if obj.run_id else []
        return ((_("How it went"), {"fields": ("by_whom", "planned_at", *moments, *runs)}),)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let a feature and a push to many lead to theirs."""
        return lookup in ("feature", "run") or super().lookup_allowed(lookup, value, request)

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find the pushes of a business, by way of its features."""
        features = Feature.objects.filter(installation__in=found_installations(viewer(request), term))
        return Q(feature__in=list(features.values_list("pk", flat=True)))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Tell the page how it stands."""
        push = kwargs.get("obj")
        if isinstance(push, Push):
            context |= {
                "push": push,
                "pill": push_pill(push),
                "is_stale": is_planned(push) and is_stale(push),
                "goes_on": _when_it_goes_on(push),
                "waits_until": push.not_before if push.not_before and push.not_before > timezone.now() else None,
                "warnings": _warnings(push) if push.is_open else [],
                "mock_up": mock_up_of(push.feature, push.wanted),
                "feature_label": feature_label(push.feature.feature_type),
                **_table(push),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    # --- buttons

    def press_push(self, request: HttpRequest, push: Push) -> None:
        """Ask for it."""
        with tenant(push.partner_id):
            count = ask([push])
        if count:
            record_in_admin(request, Action.PUSHED, [push])
        else:
            messages.error(request, _("Another push of this feature is on its way: wait for its end, then push again."))

    def drop_plan(self, request: HttpRequest, push: Push) -> None:
        """Let nothing come of it."""
        with tenant(push.partner_id):
            count = drop([push])
        if count:
            record_in_admin(request, Action.STOPPED, [push])

    def plan_anew(self, request: HttpRequest, push: Push) -> HttpResponse:
        """Make a plan of what is wanted now against what Meta has now."""
        return plan_and_lead(request, push.feature)

    def adopt_metas(self, request: HttpRequest, push: Push) -> None:
        """Want what Meta has."""
        adopt_and_say(request, push.feature)

    # --- what is shown

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, push: Push) -> SafeString:
        """Show how far it is."""
        return push_pill(push)

    @admin.display(description=gettext_lazy("feature"))
    def feature_shown(self, push: Push) -> SafeString:
        """Name the feature."""
        return two_lines(feature_label(push.feature.feature_type), push.feature.feature_instance_id)

    @admin.display(description=gettext_lazy("business"))
    def business(self, push: Push) -> SafeString:
        """Name the business."""
        business = push.installation.business
        return two_lines(business.name, business.external_business_id)

    @admin.display(description=gettext_lazy("changes"))
    def changed_settings(self, push: Push) -> str:
        """Name the settings that it changes."""
        return ", ".join(label_of(push.feature.feature_type, each.name) for each in differences(push)) or NOTHING

    @admin.display(description=gettext_lazy("planned by"))
    def by_whom(self, push: Push) -> str:
        """Name the person; the portal itself pushes an entry point's defaults."""
        return push.planned_by or _("the portal: an entry point's defaults")

    @admin.display(description=gettext_lazy("push to many"))
    def run_link(self, push: Push) -> SafeString | str:
        """Lead to the push to many of which it is one."""
        return page_link(push.run)


def _table(push: Push) -> dict[str, Any]:
    """Each setting as Meta had it, as it should be, and as Meta has it afterwards."""
    columns, headings = [push.based_on], [_("At Meta when planned") if push.ended_at else _("At Meta")]
    if push.state in TO_DECIDE and push.kept is not None:
        columns.append(push.kept)
        headings.append(_("At Meta now") if push.state == State.MOVED else _("At Meta afterwards"))
    rows = rows_of(push.feature.feature_type, *columns, push.wanted)
    return {"headings": [*headings, _("Wanted")], "rows": rows}


def _when_it_goes_on(push: Push) -> str:
    """What a refused push waits for to go on by itself; empty for one that does not."""
    if push.reason not in Push.CURABLE or not that_go_on().filter(pk=push.pk).exists():
        return ""
    if push.reason == Push.Reason.SECRET:
        return _("It is tried again by itself when the right secret is typed in on the Meta app's page.")
    return _("It is tried again by itself when the business has signed in at Meta again.")


def _warnings(push: Push) -> list[tuple[str, str]]:
    found = advice(push.feature.feature_type, push.wanted)
    return [(label_of(push.feature.feature_type, name), text) for name, texts in found.items() for text in texts]

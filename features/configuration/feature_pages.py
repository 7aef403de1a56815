"""A feature's configuration in the admin: edited with a preview, planned, pushed, or taken over from Meta."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from features.admin_shows import feature_label
from features.configuration.feature_section import has_drifted, is_editable
from features.configuration.forms import ConfigurationForm, fingerprint_of
from features.configuration.mock_ups import mock_up_of
from features.configuration.models import Wanted
from features.configuration.observed import observed
from features.configuration.planning import plan
from features.configuration.showing import rows_of
from features.configuration.standing import wanted_of
from features.configuration.wanting import Outdated, adopt, want
from features.models import Feature
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.models import Role
from partners.object_tools import Button, Tool
from partners.tenancy import tenant
from partners.tenant_admin import ReadOnlyTenantAdmin
from partners.viewing import viewer

TEMPLATE = "admin/portal/configuration_edit.html"
_EDIT = "admin:features_feature_configuration"


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """What the audit log says of two flat configurations."""
    names = dict.fromkeys([*before, *after])
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}


def plan_and_lead(request: HttpRequest, feature: Feature) -> HttpResponse:
    """Plan a push of what is wanted, and lead to the plan; back to the feature where Meta has it already."""
    with tenant(feature.partner_id):
        pushes = plan([feature], by=request.user.get_username())
    if not pushes:
        messages.success(request, _("Meta has all of it already: there is nothing to push."))
        return HttpResponseRedirect(reverse("admin:features_feature_change", args=[feature.pk]))
    record_in_admin(request, Action.PLANNED, pushes)
    return HttpResponseRedirect(reverse("admin:configuration_push_change", args=[pushes[0].pk]))


def adopt_and_say(request: HttpRequest, feature: Feature) -> None:
    """Want what Meta has of one feature, and say so."""
    wanted = wanted_of(feature)
    with tenant(feature.partner_id):
        count = adopt([feature], request.user.get_username())
    if not count:
        messages.error(request, _("It is being pushed just now: wait for the end of that."))
        return
    adopted = Wanted.objects.get(feature=feature)
    changes = changes_between(wanted.values if wanted else {}, adopted.values)
    record(Action.ADOPTED, feature, by=By.request(request), changes=changes)
    messages.success(request, _("What Meta has is what is wanted now; editing brings the former values back."))


class ConfigurationPages(ReadOnlyTenantAdmin):
    """Adds to the admin of features the page on which settings are edited, and the buttons around it."""

    tools: ClassVar[Sequence[Tool]] = (
        Tool("push_ours", gettext_lazy("Push ours"), is_for=has_drifted),
        Tool("adopt_metas", gettext_lazy("Adopt Meta's values"), is_for=has_drifted),
    )

    class Media:
        css = {"all": ("admin_portal/configuration.css",)}

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the form."""
        view = self.admin_site.admin_view(self.configuration_view)
        own = path("<path:object_id>/configuration/", view, name="features_feature_configuration")
        return [own, *super().get_urls()]

    def buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        """Put the way to the form before the rest."""
        edit = Button(_("Edit configuration"), reverse(_EDIT, args=[quote(row.pk)]))
        may_edit = is_editable(row) and viewer(request).may(Role.MANAGER)
        return [*([edit] if may_edit else []), *super().buttons(request, row)]

    def push_ours(self, request: HttpRequest, feature: Feature) -> HttpResponse:
        """Plan a push of what is wanted, and show the plan."""
        return plan_and_lead(request, feature)

    def adopt_metas(self, request: HttpRequest, feature: Feature) -> None:
        """Want what Meta has."""
        adopt_and_say(request, feature)

    def configuration_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the form; save it (then the plan is next), or draw what is typed without saving it."""
        feature = self.get_object(request, unquote(object_id))
        if feature is None or not is_editable(feature):
            raise Http404
        if not viewer(request).may(Role.MANAGER):
            raise PermissionDenied
        form = _form(feature, request.POST if request.method == "POST" else None)
        is_preview = "_preview" in request.POST
        if is_preview or not form.is_bound or not form.is_valid():
            return self._page(request, feature, form, is_preview=is_preview)
        return self._saved(request, feature, form)

    def _saved(self, request: HttpRequest, feature: Feature, form: ConfigurationForm) -> HttpResponse:
        now = observed(feature)
        if form.cleaned_data["seen"] != fingerprint_of(now):
            form = _renewed(feature, form, seen=fingerprint_of(now))
            return self._page(request, feature, form, at_meta=now)
        before = wanted_of(feature)
        try:
            with tenant(feature.partner_id):
                wanted = want(feature, form.values, by=request.user.get_username(), version=form.version_seen)
        except Outdated as outdated:
            theirs = outdated.current
            form = _renewed(feature, form, version=str(theirs.version) if theirs else "")
            return self._page(request, feature, form, theirs=theirs)
        changes = changes_between(before.values if before else {}, wanted.values)
        if changes:
            record(Action.CHANGED, feature, by=By.request(request), changes=changes)
        return plan_and_lead(request, feature)

    def _page(
        self,
        request: HttpRequest,
        feature: Feature,
        form: ConfigurationForm,
        *,
        is_preview: bool = False,
        at_meta: dict[str, Any] | None = None,
        theirs: Wanted | None = None,
    ) -> TemplateResponse:
        """The form; with what changed `at_meta` meanwhile, or what somebody else wants since (`theirs`)."""
        other = theirs.values if theirs else at_meta
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Edit configuration"),
            "feature": feature,
            "label": feature_label(feature.feature_type),
            "form": form,
            "mock_up": mock_up_of(feature, form.values),
            "is_preview": is_preview,
            "is_moved": at_meta is not None,
            "theirs": theirs,
            "their_headings": [_("Theirs"), _("Yours")],
            "meta_headings": [_("At Meta now"), _("Yours")],
            "rows": rows_of(feature.feature_type, other, form.values) if other is not None else [],
            "back": reverse("admin:features_feature_change", args=[feature.pk]),
        }
        return TemplateResponse(request, TEMPLATE, context)


def _form(feature: Feature, data: Any) -> ConfigurationForm:
    wanted, now = wanted_of(feature), observed(feature)
    # Whoever sets up what Meta says nothing about means to switch it on.
    start = {"enabled": True} | {name: value for name, value in now.items() if value is not None}
    initial = {**start, **(wanted.values if wanted else {})}
    marks = {"version": wanted.version if wanted else "", "seen": fingerprint_of(now)}
    business = feature.installation.business
    return ConfigurationForm(
        feature.feature_type,
        data,
        partner=feature.partner.name,
        business=business,
        initial=initial | marks,
    )


def _renewed(feature: Feature, form: ConfigurationForm, **marks: str) -> ConfigurationForm:
    """The same form with what was typed, and marks of what is so by now: saved once more, it goes over that."""
    return _form(feature, {**{name: form.data.get(name) for name in form.data}, **marks})

"""Actions on many features: push what is wanted, adopt what Meta has, set one configuration; each asks first."""

from collections.abc import Sequence
from typing import cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from features.configuration.bulk import Outlook, editable, outlook_of_adoption, outlook_of_push, outlook_of_setting
from features.configuration.bulk_setting import set_all
from features.configuration.feature_pages import ConfigurationPages
from features.configuration.forms import ConfigurationForm, fingerprint_of
from features.configuration.mock_ups import mock_up
from features.configuration.runs import start_run
from features.configuration.wanting import adopt
from features.models import Feature
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.tenancy import tenant
from partners.tenant_admin import chosen_ids

TEMPLATE = "admin/portal/configuration_bulk.html"
PUSH = gettext_lazy("Push wanted configuration")
ADOPT = gettext_lazy("Adopt Meta's values")
SET = gettext_lazy("Set configuration…")


class BulkConfigurationPages(ConfigurationPages):
    """Adds the actions to the list of features."""

    actions = ("push_wanted", "adopt_chosen", "set_configuration")

    @admin.action(description=PUSH, permissions=["use"])
    def push_wanted(self, request: HttpRequest, queryset: QuerySet[Feature]) -> HttpResponse | None:
        """Push to up to 1,000 features what is wanted of them, after showing what would change."""
        features = _chosen(request, queryset)
        if features is None:
            return None
        outlook = outlook_of_push(features)
        if not outlook.features:
            messages.info(request, _("Meta has all that is wanted of the features chosen: there is nothing to push."))
            return None
        if "confirmed" in request.POST:
            return _push(request, outlook.features)
        title, button = _("Push wanted configuration"), _("Push to Meta")
        return self._ask_about(request, features, outlook, action="push_wanted", title=title, button=button)

    @admin.action(description=ADOPT, permissions=["use"])
    def adopt_chosen(self, request: HttpRequest, queryset: QuerySet[Feature]) -> HttpResponse | None:
        """Want what Meta has of up to 1,000 features, after showing what would be wanted."""
        features = _chosen(request, queryset)
        if features is None:
            return None
        outlook = outlook_of_adoption(features)
        if not outlook.features:
            messages.info(request, _("Meta has all that is wanted of the features chosen: there is nothing to adopt."))
            return None
        if "confirmed" in request.POST:
            _adopt(request, outlook.features)
            return None
        title, button = _("Adopt Meta's values"), _("Adopt Meta's values")
        return self._ask_about(request, features, outlook, action="adopt_chosen", title=title, button=button)

    @admin.action(description=SET, permissions=["use"])
    def set_configuration(self, request: HttpRequest, queryset: QuerySet[Feature]) -> HttpResponse | None:
        """Want the same of up to 1,000 features of one type, and push it, after showing what would change."""
        features = _chosen(request, queryset)
        if features is None or not _are_alike(request, features):
            return None
        partner = features[0].partner.name
        is_typed = "_outlook" in request.POST or "_set" in request.POST
        data = request.POST if is_typed else None
        form = ConfigurationForm(features[0].feature_type, data, partner=partner, initial={"enabled": True})
        if not is_typed or not form.is_valid():
            return self._ask_about(request, features, None, action="set_configuration", title=SET, form=form)
        outlook = outlook_of_setting(features, form.values)
        is_as_shown = request.POST.get("shown") == fingerprint_of(form.values)
        if "_set" in request.POST and outlook.features and is_as_shown:
            return _set(request, outlook.features, form)
        return self._ask_about(request, features, outlook, action="set_configuration", title=SET, form=form)

    def _ask_about(
        self,
        request: HttpRequest,
        chosen: Sequence[Feature],
        outlook: Outlook | None,
        *,
        action: str,
        title: object,
        button: str = "",
        form: ConfigurationForm | None = None,
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "chosen": chosen,
            "outlook": outlook,
            "headings": [_("Wanted"), _("At Meta")] if action == "adopt_chosen" else [_("At Meta"), _("Wanted")],
            "action": action,
            "button": button,
            "form": form,
            # What is typed after the look at it is looked at once more.
            "shown": fingerprint_of(form.values) if form else "",
            "mock_up": mock_up(form.feature_type, _("A business"), form.values) if form else None,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, TEMPLATE, context)


def _chosen(request: HttpRequest, queryset: QuerySet[Feature]) -> list[Feature] | None:
    """The features chosen that have settings; None, and word of it, where none is left or they are of several partners.

    They come in the order of the list.
    """
    ids = chosen_ids(request, queryset)
    if ids is None:
        return None
    related = ("wanted", "partner", "installation__business", "installation__meta_app")
    rows = Feature.objects.filter(pk__in=ids).select_related(*related).order_by("-pk")
    features = editable(rows)
    if not features:
        messages.error(request, _("None of the features chosen is installed and has settings."))
        return None
    if len({each.partner_id for each in features}) > 1:
        messages.error(request, _("These are features of several partners: choose those of one."))
        return None
    return features


def _are_alike(request: HttpRequest, features: Sequence[Feature]) -> bool:
    if len({each.feature_type for each in features}) == 1:
        return True
    messages.error(request, _("Choose features of one type: each type has settings of its own."))
    return False


def _push(request: HttpRequest, features: Sequence[Feature]) -> HttpResponse:
    run = start_run(features[0].partner_id, features, cast(User, request.user))
    record_in_admin(request, Action.PUSHED, [run])
    return HttpResponseRedirect(reverse("admin:configuration_pushrun_change", args=[run.pk]))


def _adopt(request: HttpRequest, features: Sequence[Feature]) -> None:
    with tenant(features[0].partner_id):
        count = adopt(features, request.user.get_username())
    record_in_admin(request, Action.ADOPTED, features)
    text = ngettext(
        "Meta's values of %(count)d feature adopted.", "Meta's values of %(count)d features adopted.", count
    )
    messages.success(request, text % {"count": count})
    if count < len(features):
        messages.warning(request, _("Features that are being pushed just now were left as they are."))


def _set(request: HttpRequest, features: Sequence[Feature], form: ConfigurationForm) -> HttpResponse:
    left_out = set_all(request, features, form.values)
    if left_out:
        names = ", ".join(str(each.installation.business) for each in left_out[:10])
        text = _("Somebody else changed these meanwhile, so they were left out: %(names)s.")
        messages.warning(request, text % {"names": names})
    return _push(request, [each for each in features if each not in left_out])

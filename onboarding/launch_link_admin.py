"""Launch links in the admin: made, shown once, revoked."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from features.finding import found_businesses
from onboarding.cards import entry_points_of
from onboarding.forms import LaunchLinkForm
from onboarding.likeliest import likeliest, obvious
from onboarding.linking import Made, link_of_form
from onboarding.models import EntryPoint, LaunchLink, new_token
from partners.audit.admin_log import record_in_admin
from partners.audit.models import Action
from partners.changelist import PartnerFilter
from partners.display import page_link, pill
from partners.models import Business
from partners.object_tools import ObjectToolsMixin, Tool
from partners.tenancy import tenant
from partners.tenant_admin import TenantAdmin, chosen_ids
from partners.viewing import viewer

REVOKE_QUESTION = _("Whoever holds the link can no longer open it. This cannot be undone; a new link can be made.")


def add_address(business: Business) -> str:
    """Where a launch link for this business is made."""
    return reverse("admin:onboarding_launchlink_add") + f"?business={business.pk}"


def show_once(model_admin: ObjectToolsMixin, request: HttpRequest, made: Made) -> HttpResponse:
    """Show the address of a link, the only time that it is known; and say so where it opens no button now."""
    link = made.link
    with tenant(link.partner_id):
        is_empty = not entry_points_of(link)
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": LaunchLink._meta,
        "title": _("The launch link"),
        "link": link,
        "address": made.address,
        "is_again": made.is_again,
        "is_empty": is_empty,
        "is_shown_once": True,
    }
    response = TemplateResponse(request, "admin/portal/launch_link_made.html", context)
    response["Cache-Control"] = "no-store"
    return response


class _NamesApp(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Entry points to choose from, each with its app: a link counts for that one."""

    def label_from_instance(self, obj: Any) -> str:
        """Name both."""
        return f"{obj} · {obj.meta_app}"


class UseFilter(admin.SimpleListFilter):
    """Whether a link still opens the merchant's page."""

    title = _("usable")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer the three states."""
        return [("usable", _("usable")), ("expired", _("expired")), ("revoked", _("revoked"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LaunchLink]) -> QuerySet[LaunchLink]:
        """Keep the links of one state."""
        match self.value():
            case "usable":
                return queryset.filter(revoked_at=None, expires_at__gt=timezone.now())
            case "expired":
                return queryset.filter(revoked_at=None, expires_at__lte=timezone.now())
            case "revoked":
                return queryset.exclude(revoked_at=None)
        return queryset


class LaunchLinkAdmin(TenantAdmin):
    """Invitations to businesses; only a hash of each is kept."""

    form = LaunchLinkForm
    can_change = False
    added_action = Action.LINK_MADE
    list_display = ("created_at", "business", "entry_point_shown", "use", "expires_at", "last_used_at", "created_by")
    list_select_related = ("business", "entry_point", "created_by")
    list_filter = (PartnerFilter, UseFilter)
    search_fields = ("business__external_business_id",)
    search_help_text = _("The beginning of a business's name or external business id.")
    autocomplete_fields = ("business", "entry_point")
    actions = ("revoke_chosen",)
    tools = (Tool("revoke", _("Revoke"), REVOKE_QUESTION, is_for=lambda link: link.is_usable),)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Load what `__str__` and the page name."""
        return super().get_queryset(request).select_related("business", "entry_point", "created_by")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Ask for little, show all."""
        shown = ("business_link", "entry_point_shown", "use", "created_at", "created_by", "expires_at")
        return (*shown, "revoked_at", "last_used_at") if obj else ("business", "entry_point", "form")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let nothing of a link change."""
        return self.get_fields(request, obj) if obj else ()

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find the links of a business."""
        return Q(business__in=found_businesses(viewer(request), term))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer one way to save: the next page shows the address."""
        one_way = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **one_way})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Choose the entry point that is meant: of the Meta app in the address, or where it is plain anyway."""
        given = super().get_changeform_initial_data(request)
        app = str(given.pop("meta_app", ""))
        found = self._meant(self._business(request), app if app.isdecimal() else "", request)
        return {"entry_point": str(found.pk), **given} if found else given

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """List the entry points for the business in the address, so that one can be chosen without JavaScript."""
        business = self._business(request) if db_field.name == "entry_point" and request.method != "POST" else None
        if business:
            active = self._rows("entry_point", request).filter(partner=business.partner_id, is_active=True)
            served = [each.pk for each in active if business.serves(each.vertical)]
            listed = active.filter(pk__in=served).select_related("meta_app").order_by("meta_app", "pk")
            kwargs |= {"queryset": listed, "form_class": _NamesApp, "widget": forms.Select}
            kwargs["empty_label"] = _("none: all of them")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _meant(self, business: Business | None, app: str, request: HttpRequest) -> EntryPoint | None:
        if business and not app:
            return obvious(business)
        rows = self._rows("entry_point", request).filter(meta_app=app or 0, is_active=True).order_by("pk")
        served = [each for each in rows.select_related("meta_app") if not business or business.serves(each.vertical)]
        found = likeliest(business, served[0].meta_app) if business and served else None
        return found or next(iter(served), None)

    def _business(self, request: HttpRequest) -> Business | None:
        """The one that the address names, if this person may see it."""
        pk = request.GET.get("business", "")
        found: Business | None = self._rows("business", request).filter(pk=pk if pk.isdecimal() else 0).first()
        return found

    def _rows(self, name: str, request: HttpRequest) -> QuerySet[Any]:
        return self.get_field_queryset(None, self.opts.get_field(name), request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the link, unless this very form has made it; its address goes on the page that answers."""
        key = form.cleaned_data["form"] or new_token()
        with tenant(obj.partner_id):
            obj.made = link_of_form(key, obj.business, obj.entry_point, cast(User, request.user))
        obj.pk = obj.made.link.pk

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Record a link when it is made, not when its form comes again; the form's key tells nobody anything."""
        if not obj.made.is_again:
            super().log_addition(request, obj, {name: each for name, each in message.items() if name != "form"})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the address, once."""
        return show_once(self, request, obj.made)

    @admin.action(description=_("Revoke"), permissions=["use"])
    def revoke_chosen(self, request: HttpRequest, links: QuerySet[LaunchLink]) -> HttpResponse | None:
        """Revoke the links chosen, after asking."""
        ids = chosen_ids(request, links.filter(revoked_at=None))
        if ids is None:
            return None
        usable = list(links.filter(pk__in=ids))
        if usable and "confirmed" not in request.POST:
            back = request.get_full_path()
            return self.ask(
                request,
                title=_("Revoke launch links"),
                question=REVOKE_QUESTION,
                rows=usable,
                back=back,
                action="revoke_chosen",
            )
        self._revoke(request, usable)
        return None

    def revoke(self, request: HttpRequest, link: LaunchLink) -> None:
        """Revoke this link."""
        self._revoke(request, [link])

    def _revoke(self, request: HttpRequest, links: list[LaunchLink]) -> None:
        for link in links:
            with tenant(link.partner_id):
                LaunchLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
        record_in_admin(request, Action.LINK_REVOKED, links)
        text = ngettext("%(count)d link revoked.", "%(count)d links revoked.", len(links))
        messages.success(request, text % {"count": len(links)})

    @admin.display(description=_("business"))
    def business_link(self, link: LaunchLink) -> SafeString | str:
        """Lead to the business."""
        return page_link(link.business)

    @admin.display(description=_("entry point"))
    def entry_point_shown(self, link: LaunchLink) -> str:
        """Name the entry point, or say that it opens all."""
        return str(link.entry_point) if link.entry_point else str(_("all"))

    @admin.display(description=_("use"))
    def use(self, link: LaunchLink) -> SafeString:
        """Say whether it still opens."""
        if link.revoked_at:
            return pill(_("revoked"), "bad")
        return pill(_("usable"), "good") if link.is_usable else pill(_("expired"), "warning")

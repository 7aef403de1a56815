"""The arms that staff chose for a business, on its page."""

from typing import Any

from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from onboarding.models import ArmOverride, EntryPoint
from partners.display import NOTHING
from partners.models import Business, Role
from partners.open_choices import OpenInline
from partners.tenant_form import TenantForm
from partners.viewing import viewer


class ArmForm(TenantForm):
    """One business's arm of one rollout."""

    partner_of = "entry_point"

    class Meta:
        model = ArmOverride
        fields = ("entry_point", "use_minimal_onboarding")


class ArmFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """The chosen arms of one business."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Let a form name a row of this business only; Django lets it name any, and ignores others on saving."""
        super().add_fields(form, index)
        field: Any = form.fields["id"]
        field.queryset = self.get_queryset()


class ArmInline(OpenInline):
    """Chosen arms; without one the entry point's percentage decides."""

    model = ArmOverride
    form = ArmForm
    formset = ArmFormSet
    fields = ("entry_point", "use_minimal_onboarding", "rollout")
    readonly_fields = ("rollout",)
    verbose_name_plural = _("Rollout of the v3 menu: chosen for this business whatever the percentage")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Offer the entry points of the business's partner only."""
        formset = super().get_formset(request, obj, **kwargs)
        field: Any = formset.form.base_fields.get("entry_point")
        if field is not None and obj is not None:
            field.queryset = EntryPoint.objects.filter(partner_id=obj.partner_id).order_by("slug")
            widget = field.widget
            widget.can_add_related = widget.can_change_related = widget.can_delete_related = False
        return formset

    @admin.display(description=_("rollout"))
    def rollout(self, row: ArmOverride) -> SafeString | str:
        """Lead to the rollout's page, with this business in its form."""
        if not row.pk:
            return NOTHING
        query = f"?business={row.business.external_business_id}"
        address = reverse("golive-rollout", args=[row.entry_point_id]) + query
        return format_html('<a href="{}">{}</a>', address, _("Rollout of the v3 menu"))

    def has_view_permission(self, request: HttpRequest, obj: Business | None = None) -> bool:
        """Let members see."""
        return viewer(request).may(Role.VIEWER)

    def has_change_permission(self, request: HttpRequest, obj: Business | None = None) -> bool:
        """Let those choose who may turn a rollout."""
        return viewer(request).may(Role.MANAGER)

    def has_add_permission(self, request: HttpRequest, obj: Business | None = None) -> bool:
        """Let those choose who may turn a rollout."""
        return self.has_change_permission(request, obj)

    has_delete_permission = has_change_permission

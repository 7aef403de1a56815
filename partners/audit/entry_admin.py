"""The audit log in the admin: for owners to read, and for nobody to change."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from partners.audit.models import AuditEntry
from partners.audit.showing import action_pill, changes_section, kind_of, shown_changes
from partners.changelist import PartnerFilter
from partners.display import NOTHING, two_lines
from partners.models import Partner, Role
from partners.tenant_admin import ReadOnlyTenantAdmin
from partners.viewing import viewer

MOST_NAMED = 4


class AuditEntryAdmin(ReadOnlyTenantAdmin):
    """Who did what, when, and from where."""

    view_role = change_role = Role.OWNER
    change_form_template = "admin/portal/audit_entry.html"
    change_list_template = "admin/portal/audit_change_list.html"
    list_display = ("occurred_at", "action_shown", "what", "who", "changed")
    list_select_related = False
    list_filter = (PartnerFilter, "action")
    search_fields = ("actor_name",)
    search_help_text = _("Somebody's user name or the number of what was changed, each whole.")
    fields = ("occurred_at", "action_shown", "what", "changes_shown", "who", "address_shown", "partner_shown")

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by whom or about what."""
        return Q(actor_name=term) | Q(object_id=term)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Offer the export where there is one partner to export."""
        can_export = viewer(request).partner is not None
        return super().changelist_view(request, {**(extra_context or {}), "can_export": can_export})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Name the partner only to those who see several."""
        return tuple(name for name in self.fields if name != "partner_shown" or viewer(request).partner is None)

    @admin.display(description=_("action"))
    def action_shown(self, entry: AuditEntry) -> SafeString:
        """Say what was done."""
        return action_pill(entry)

    @admin.display(description=_("what"))
    def what(self, entry: AuditEntry) -> SafeString:
        """Name the object by the name that it had."""
        return two_lines(entry.object_name, f"{kind_of(entry)} {entry.object_id}")

    @admin.display(description=_("by"))
    def who(self, entry: AuditEntry) -> SafeString:
        """Name who did it, and the way."""
        return two_lines(entry.actor_name or NOTHING, entry.get_via_display())

    @admin.display(description=_("changed"))
    def changed(self, entry: AuditEntry) -> str:
        """Name the first fields that changed."""
        names = [each.name for each in shown_changes(entry)]
        return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "") or NOTHING

    @admin.display(description=_("changes"))
    def changes_shown(self, entry: AuditEntry) -> SafeString:
        """Show what was, and what is since."""
        return changes_section(entry)

    @admin.display(description=_("from"))
    def address_shown(self, entry: AuditEntry) -> str:
        """Show the address of the person's machine."""
        return entry.address or NOTHING

    @admin.display(description=_("partner"))
    def partner_shown(self, entry: AuditEntry) -> str:
        """Name the partner, also one that is gone."""
        if entry.partner_id is None:
            return str(_("none: the platform's own"))
        return str(Partner.objects.filter(pk=entry.partner_id).first() or entry.partner_id)

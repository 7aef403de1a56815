"""Colleagues in the admin: owners say who does what, and who no longer does."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from partners.audit.recording import By
from partners.changelist import PartnerFilter
from partners.display import moment, pill, two_lines
from partners.models import Membership, Role
from partners.object_tools import Button, Tool
from partners.people import members
from partners.people.accounts import mail_address_of
from partners.people.forms import LAST_OWNER, MemberForm
from partners.people.models import Authenticator
from partners.people.recorded_admin import RecordedAdmin
from partners.people.roles import role_name
from partners.viewing import viewer

DEACTIVATE_QUESTION = _("From the next click on this person sees nothing of the partner. You can let them in again.")
REACTIVATE_QUESTION = _("This person sees the partner again, with the role from before.")


class MemberAdmin(RecordedAdmin):
    """A partner's people: everybody sees colleagues, owners change them. New ones come by invitation."""

    form = MemberForm
    change_role = Role.OWNER
    can_add = False
    can_delete = True
    list_display = ("person", "partner", "role_shown", "state", "second_factor", "last_sign_in")
    list_display_links = ("person",)
    list_select_related = ("user", "partner")
    list_filter = (PartnerFilter, "role", "is_active")
    search_fields = ("user__username",)
    search_help_text = _("The beginning of a name or address.")
    fields = ("person", "partner", "role", "state", "second_factor", "last_sign_in", "created_at")
    readonly_fields = ("person", "partner", "state", "second_factor", "last_sign_in", "created_at")
    actions = None
    tools = (
        Tool("deactivate", _("Deactivate"), DEACTIVATE_QUESTION, role=Role.OWNER, is_for=lambda row: row.is_active),
        Tool("reactivate", _("Reactivate"), REACTIVATE_QUESTION, role=Role.OWNER, is_for=lambda row: not row.is_active),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Load the people with their memberships."""
        return super().get_queryset(request).select_related("user", "partner")

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by the beginning of any name; a partner has few people."""
        names = ("username", "email", "first_name", "last_name")
        return Q(*[(f"user__{name}__istartswith", term) for name in names], _connector=Q.OR)

    def preload(self, rows: list[Any]) -> None:
        """Know of the page's people who has a second factor."""
        people = [row.user_id for row in rows]
        with_one = set(Authenticator.objects.filter(user__in=people, confirmed=True).values_list("user_id", flat=True))
        for row in rows:
            row.has_authenticator = row.user_id in with_one

    def buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        """Give owners the help for those who are locked out, too."""
        found = super().buttons(request, row)
        if not viewer(request).may(Role.OWNER):
            return found
        helps = (
            ("member_reset_link", _("Password reset link")),
            ("member_remove_second_factor", _("Remove the second factor")),
        )
        return [*found, *[Button(label, reverse(f"people:{name}", args=[quote(row.pk)])) for name, label in helps]]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Change the role, and nothing else."""
        members.change_role(obj, Role(form.cleaned_data["role"]), By.request(request))

    def deactivate(self, request: HttpRequest, member: Membership) -> None:
        """Deactivate this member."""
        try:
            members.deactivate(member, By.request(request))
        except members.LastOwner:
            messages.error(request, LAST_OWNER)

    def reactivate(self, request: HttpRequest, member: Membership) -> None:
        """Let this member in again."""
        members.reactivate(member, By.request(request))

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[Any]]:
        """Keep the last owner; whoever else changes members waits from here on."""
        rows = list(objs)
        shown, counts, lacking, held_by = super().get_deleted_objects(rows, request)
        kept = [LAST_OWNER for row in rows if members.is_last_owner(members.locked(row))]
        return shown, counts, lacking, [*held_by, *kept]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """End the membership."""
        members.remove(obj, By.request(request))

    @admin.display(description=_("person"))
    def person(self, member: Membership) -> SafeString:
        """Name the person, with the address."""
        user = member.user
        return two_lines(user.get_full_name() or user.get_username(), mail_address_of(user))

    @admin.display(description=_("role"))
    def role_shown(self, member: Membership) -> str:
        """Name the role in one word."""
        return role_name(member.role)

    @admin.display(description=_("state"))
    def state(self, member: Membership) -> SafeString:
        """Say whether the membership opens anything."""
        if not member.user.is_active:
            return pill(_("account deactivated"), "bad")
        return pill(_("active"), "good") if member.is_active else pill(_("deactivated"), "bad")

    @admin.display(description=_("second factor"))
    def second_factor(self, member: Membership) -> SafeString:
        """Say whether there is a second factor."""
        if not hasattr(member, "has_authenticator"):
            self.preload([member])
        has_one: bool = getattr(member, "has_authenticator", False)
        return pill(_("yes"), "good") if has_one else pill(_("no"))

    @admin.display(description=_("last sign-in"))
    def last_sign_in(self, member: Membership) -> str:
        """Say when the person signed in last."""
        return moment(member.user.last_login)

"""Invitations in the admin: made, sent again, revoked, by owners."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from partners.audit.recording import By
from partners.changelist import PartnerFilter
from partners.display import moment, pill, two_lines
from partners.models import Role
from partners.object_tools import Tool
from partners.people import invitations
from partners.people.forms import InvitationForm
from partners.people.models import Invitation
from partners.people.recorded_admin import RecordedAdmin
from partners.people.roles import role_name
from partners.tenant_admin import sole_partner_of

AGAIN_QUESTION = _("The link from before stops working; a new one takes its place, for seven days.")
REVOKE_QUESTION = _("The link stops working. This cannot be undone; you can invite the person anew.")
ENDED = _("This invitation was accepted or revoked meanwhile.")


class InvitationAdmin(RecordedAdmin):
    """How colleagues come in; only a hash of each link is kept."""

    form = InvitationForm
    view_role = change_role = Role.OWNER
    can_change = False
    list_display = ("email", "partner", "role_shown", "state", "mail", "created_by", "expires_at")
    list_select_related = ("partner", "created_by")
    list_filter = (PartnerFilter, "role")
    search_fields = ("email",)
    search_help_text = _("The beginning of an address.")
    actions = None
    tools = (
        Tool("send_again", _("Send again"), AGAIN_QUESTION, role=Role.OWNER, is_for=lambda row: row.can_be_sent_again),
        Tool("revoke", _("Revoke"), REVOKE_QUESTION, role=Role.OWNER, is_for=lambda row: row.can_be_sent_again),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        """Load what the page names."""
        return super().get_queryset(request).select_related("partner", "created_by")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Ask for little, show all."""
        if obj:
            return ("email", "partner", "role", "state", "mail", "created_by", "created_at", "expires_at")
        return ("email", "role") if sole_partner_of(request) else ("partner", "email", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let nothing of an invitation change."""
        return self.get_fields(request, obj) if obj else ()

    def search_filter(self, request: HttpRequest, term: str) -> Q:
        """Find by the beginning of the address; a partner has few invitations."""
        return Q(email__istartswith=term)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer one way to save: the next page may show the link."""
        one_way = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **one_way})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Invite; the link goes into a mail, or on the page that answers."""
        inviter = cast(User, request.user)
        made, obj.address = invitations.invite(
            obj.partner_id, form.cleaned_data["email"], Role(obj.role), inviter, By.request(request)
        )
        obj.pk, obj.email, obj.expires_at = made.pk, made.email, made.expires_at

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Show the link once, or say that it is mailed."""
        return self._sent(request, obj, obj.address) or self.response_post_save_add(request, obj)

    def send_again(self, request: HttpRequest, invitation: Invitation) -> HttpResponse | None:
        """Make a new link for this invitation."""
        try:
            address = invitations.send_again(invitation, By.request(request))
        except invitations.Ended:
            messages.error(request, ENDED)
            return None
        invitation.refresh_from_db()
        return self._sent(request, invitation, address)

    def revoke(self, request: HttpRequest, invitation: Invitation) -> None:
        """Revoke this invitation."""
        try:
            invitations.revoke(invitation, By.request(request))
        except invitations.Ended:
            messages.error(request, ENDED)

    def _sent(self, request: HttpRequest, invitation: Invitation, address: str) -> HttpResponse | None:
        if not address:
            messages.success(request, _("The invitation goes to %(email)s by mail.") % {"email": invitation.email})
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("The invitation's link"),
            "invitation": invitation,
            "address": address,
            "is_shown_once": True,
        }
        response = TemplateResponse(request, "admin/portal/invitation_made.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.display(description=_("role"))
    def role_shown(self, invitation: Invitation) -> str:
        """Name the role in one word."""
        return role_name(invitation.role)

    @admin.display(description=_("state"))
    def state(self, invitation: Invitation) -> SafeString:
        """Say what has become of it."""
        if invitation.accepted_at:
            return pill(_("accepted"), "good")
        if invitation.revoked_at:
            return pill(_("revoked"), "bad")
        return pill(_("waits for an answer")) if invitation.is_open else pill(_("expired"), "warning")

    @admin.display(description=_("mail"))
    def mail(self, invitation: Invitation) -> SafeString | str:
        """Say whether it was mailed, and what the mail server had against it."""
        if invitation.mail_due_at:
            waiting = pill(_("to be mailed"), "warning" if invitation.mail_problem else "plain")
            return two_lines(waiting, invitation.mail_problem)
        if invitation.mailed_at:
            return moment(invitation.mailed_at)
        return "" if settings.SENDS_MAIL else str(_("link shown"))

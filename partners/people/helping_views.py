"""What an owner does for a colleague who is locked out: a link for a new password, an end to a lost second factor.

These pages stand outside the admin, because they must know whether the person belongs to other partners, too: whoever
could reset that person's password would open those. Inside the admin nothing of other partners is seen.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.models import Membership, Role
from partners.people import second_factor as factor
from partners.people.accounts import mail_address_of
from partners.people.members import belongs_here_alone
from partners.people.resets import link_for
from partners.tenancy import platform
from partners.viewing import viewer

ask_or_act = require_http_methods(["GET", "HEAD", "POST"])


@ask_or_act
def member_reset_link(request: HttpRequest, member_id: int) -> HttpResponse:
    """Make a link with which a colleague chooses a new password, and show it once."""
    member = _member(request, member_id)
    return _reset_link(request, member.user, member.partner_id, _page_of("partners_membership", member.pk))


@ask_or_act
def person_reset_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Do the same for platform staff and anybody who is none of them."""
    return _reset_link(request, _anybody(request, user_id), None, _page_of("auth_user", user_id))


@ask_or_act
def member_remove_second_factor(request: HttpRequest, member_id: int) -> HttpResponse:
    """Take away a colleague's second factor."""
    member = _member(request, member_id)
    return _remove(request, member.user, member.partner_id, _page_of("partners_membership", member.pk))


@ask_or_act
def person_remove_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """Do the same for platform staff and anybody who is none of them."""
    return _remove(request, _anybody(request, user_id), None, _page_of("auth_user", user_id))


def _member(request: HttpRequest, member_id: int) -> Membership:
    looks = viewer(request)
    if not looks.may(Role.OWNER):
        raise PermissionDenied
    with platform():
        rows = Membership.objects.select_related("user", "partner")
        seen = rows.filter(partner=looks.partner) if looks.partner else rows
        member = seen.filter(pk=member_id).first()
    if member is None:
        raise Http404
    return member


def _anybody(request: HttpRequest, user_id: int) -> User:
    if not viewer(request).is_platform:
        raise PermissionDenied
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise Http404
    return user


def _is_refused(request: HttpRequest, user: User, partner_id: int | None) -> bool:
    if viewer(request).is_platform:
        return user.is_superuser
    with platform():
        return partner_id is None or not belongs_here_alone(user, partner_id)


def _reset_link(request: HttpRequest, user: User, partner_id: int | None, back: str) -> HttpResponse:
    context = {"person": user, "back": back, "title": _("Password reset link")}
    if settings.SENDS_MAIL and mail_address_of(user) and not viewer(request).is_platform:
        return render(request, "people/help_by_mail.html", context)
    if _is_refused(request, user, partner_id):
        return render(request, "people/help_refused.html", context, status=403)
    if request.method != "POST":
        question = _("Make a link with which this person chooses a new password? It works once, for a day.")
        return render(request, "people/help_ask.html", {**context, "question": question})
    address = link_for(user)
    record(Action.LINK_MADE, user, by=By.request(request), partner_id=partner_id)
    shown = {**context, "address": address, "is_shown_once": True}
    return render(request, "people/reset_link_made.html", shown)


def _remove(request: HttpRequest, user: User, partner_id: int | None, back: str) -> HttpResponse:
    context = {"person": user, "back": back, "title": _("Remove the second factor")}
    if _is_refused(request, user, partner_id):
        return render(request, "people/help_refused.html", context, status=403)
    if request.method != "POST":
        question = _("Remove the second factor? The password alone then signs this person in.")
        return render(request, "people/help_ask.html", {**context, "question": question})
    if factor.remove(user):
        record(Action.SECOND_FACTOR_REMOVED, user, by=By.request(request), partner_id=partner_id)
    messages.success(request, _("The second factor is removed."))
    return redirect(back)


def _page_of(name: str, pk: int) -> str:
    return reverse(f"admin:{name}_change", args=[pk])

"""Password resets: links for one use, mailed to whoever asks, or shown to an owner."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.timezone import now
from django.utils.translation import get_language

from partners.models import Membership
from partners.people.accounts import accounts_of, mail_address_of
from partners.people.letters import claimed, finish, mail, postmen
from partners.people.models import ResetRequest
from partners.tenancy import platform

SAME_PERSON_SECONDS = 5 * 60
MOST_OF_ONE_MACHINE = 20
MACHINE_SECONDS = 60 * 60
KEPT_SECONDS = 24 * 60 * 60


class ResetTokens(PasswordResetTokenGenerator):
    """Django's tokens, which a sign-in or a new password ends, and every new membership or power as well.

    An owner may be shown a link for somebody who belongs to that partner alone: once the person joins another, or the
    platform's staff, it must open nothing.
    """

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        with platform():
            partners = sorted(Membership.objects.filter(user_id=user.pk).values_list("partner_id", flat=True))
        powers = (user.is_active, user.is_staff, user.is_superuser)
        return f"{super()._make_hash_value(user, timestamp)}{partners}{powers}"


reset_tokens = ResetTokens()


def ask(email: str, address: str) -> None:
    """Note that somebody forgot a password. It does the same whether an account has the address or not."""
    recent = ResetRequest.objects.filter(asked_at__gt=now() - timedelta(seconds=MACHINE_SECONDS))
    again_from = now() - timedelta(seconds=SAME_PERSON_SECONDS)
    if recent.filter(email=email.lower(), asked_at__gt=again_from).exists():
        return
    if address and recent.filter(address=address).count() >= MOST_OF_ONE_MACHINE:
        return
    language = get_language() or settings.LANGUAGE_CODE
    ResetRequest.objects.create(email=email.lower(), address=address or None, language=language, mail_due_at=now())
    transaction.on_commit(postmen.wake)


def due() -> list[int]:
    """Forget old requests, and name those that wait."""
    ResetRequest.objects.filter(asked_at__lt=now() - timedelta(seconds=KEPT_SECONDS)).delete()
    rows = ResetRequest.objects.filter(mail_due_at__lte=now()).order_by("mail_due_at")
    return list(rows.values_list("pk", flat=True)[:200])


def mail_reset(request_id: int) -> bool:
    """Mail a link to every account with the address that was typed; False when nothing was to do."""
    request = claimed(ResetRequest.objects.all(), request_id)
    if request is None:
        return False
    # To the address that the account has, which the person who asked may have written in other letters.
    letters = [(mail_address_of(user), user) for user in accounts_of(request.email) if _may_reset(user)]
    problems = [_mail(to, user, request.language) for to, user in letters if to]
    finish(ResetRequest.objects.all(), request, next(filter(None, problems), ""))
    return bool(letters)


def link_for(user: User) -> str:
    """Make the address at which this person may choose a new password, once, within `PASSWORD_RESET_TIMEOUT`.

    Never inside a partner's door: it asks for all memberships.
    """
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = reset_tokens.make_token(user)
    return settings.PUBLIC_URL + reverse("people:reset_link", args=[uid, token])


def _may_reset(user: User) -> bool:
    return user.is_active and user.has_usable_password()


def _mail(to: str, user: User, language: str) -> str:
    context = {"address": link_for(user), "username": user.get_username()}
    return mail(to, language, "people/reset_mail.txt", context)

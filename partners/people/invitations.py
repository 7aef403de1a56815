"""Invitations: made, mailed, revoked, accepted once."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import get_language

from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.models import Membership, Partner, Role
from partners.people.accounts import accounts_of, mail_address_of
from partners.people.letters import claimed, finish, mail, postmen
from partners.people.members import revoke_invitations_for
from partners.people.models import Invitation
from partners.people.tokens import hashed, new_token
from partners.tenancy import platform, tenant

logger = logging.getLogger(__name__)


class Ended(Exception):
    """The invitation was accepted, revoked or replaced, or has expired, or nobody stands behind it any more."""


class AccountExists(Exception):
    """The address has an account by now: its owner must sign in to accept."""


def invite(partner_id: int, email: str, role: Role, inviter: User, by: By) -> tuple[Invitation, str]:
    """Invite somebody, inside the partner's door; give the address of the link, empty where it is mailed."""
    invitation = Invitation(
        partner_id=partner_id,
        email=email.lower(),
        role=role,
        language=get_language() or settings.LANGUAGE_CODE,
        created_by=inviter,
        expires_at=_expiry(),
    )
    invitation.save()
    record(Action.INVITED, invitation, by=by, changes={"role": [None, role.value]})
    return invitation, _send(invitation)


def send_again(invitation: Invitation, by: By) -> str:
    """Replace the link of an invitation by a new one, inside the partner's door; raises `Ended`.

    Gives the address of the new link, empty where it is mailed.
    """
    open_still = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not open_still.update(expires_at=_expiry(), token_hash="", mail_attempts=0, mail_problem=""):
        raise Ended
    record(Action.LINK_MADE, invitation, by=by)
    return _send(invitation)


def revoke(invitation: Invitation, by: By) -> None:
    """End an invitation that nobody has accepted, inside the partner's door; raises `Ended`."""
    if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=now()):
        raise Ended
    record(Action.INVITATION_REVOKED, invitation, by=by)


def mail_invitation(partner_id: int, invitation_id: int) -> bool:
    """Make the link of an invitation that is due, and mail it; False when there is nothing to mail for this partner."""
    with tenant(partner_id):
        ours = Invitation.objects.filter(partner_id=partner_id).open()
        invitation = claimed(ours.select_related("partner", "created_by"), invitation_id)
        if invitation is None:
            logger.warning("no invitation %s of partner %s is to be mailed", invitation_id, partner_id)
            return False
        token = _new_link(invitation)
        context: dict[str, object] = {"partner": invitation.partner.name, "inviter": _name_of(invitation.created_by)}
    context |= {"address": address_of_link(token), "expires_at": invitation.expires_at}
    problem = mail(invitation.email, invitation.language, "people/invitation_mail.txt", context)
    with tenant(partner_id):
        finish(Invitation.objects.filter(partner_id=partner_id), invitation, problem)
    return not problem


def due() -> list[tuple[int, int]]:
    """Name the invitations of all partners that wait to be mailed, as (partner, invitation)."""
    with platform():
        rows = Invitation.objects.open().filter(mail_due_at__lte=now()).order_by("mail_due_at")
        return list(rows.values_list("partner_id", "pk")[:200])


def find(token_hash: str) -> Invitation | None:
    """Find the invitation whose link's token has this hash, whatever has become of it."""
    with platform():
        rows = Invitation.objects.select_related("partner", "created_by")
        return rows.filter(token_hash=token_hash).first() if token_hash else None


def join_as_new(invitation: Invitation, name: str, password: str, by: By) -> User:
    """Accept as somebody without an account: make it. Raises `Ended` or `AccountExists`."""
    # Hashing takes a while: nobody is to wait for it in the transaction.
    sealed = make_password(password)
    user = User(username=invitation.email, email=invitation.email, first_name=name, is_staff=True, password=sealed)
    with tenant(invitation.partner_id):
        _accept(invitation)
        if accounts_of(invitation.email):
            raise AccountExists
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError:
            raise AccountExists from None
        _join(invitation, user, by)
    return user


def join(invitation: Invitation, user: User, by: By) -> None:
    """Accept as somebody who is signed in, and whose address it is. Raises `Ended`."""
    with tenant(invitation.partner_id):
        _accept(invitation)
        _join(invitation, user, by)


def address_of_link(token: str) -> str:
    """Give the address that opens an invitation."""
    return settings.PUBLIC_URL + reverse("people:invitation_link", args=[token])


def _accept(invitation: Invitation) -> None:
    # Whoever changes members waits, so that nobody comes in while an owner or a member is sent away.
    Partner.objects.select_for_update(no_key=True).get(pk=invitation.partner_id)
    if not _is_backed(invitation):
        raise Ended
    # One row, one update: of two who accept at once, the second finds nothing open.
    same = Invitation.objects.open().filter(pk=invitation.pk, token_hash=invitation.token_hash)
    if not same.update(accepted_at=now(), mail_due_at=None):
        raise Ended


def _is_backed(invitation: Invitation) -> bool:
    # However the inviter's time ended: also where no owner pressed a button for it.
    made_by = invitation.created_by_id
    inviter = User.objects.filter(pk=made_by, is_active=True).first() if made_by else None
    if inviter is None or inviter.is_superuser:
        return inviter is not None
    owners = Membership.objects.filter(partner_id=invitation.partner_id, role=Role.OWNER, is_active=True)
    return owners.filter(user=inviter).exists()


def _join(invitation: Invitation, user: User, by: By) -> None:
    member, is_new = Membership.objects.get_or_create(
        partner_id=invitation.partner_id, user=user, defaults={"role": invitation.role}
    )
    # An owner lets back in whom an owner sent away; no invitation does, whenever it was made.
    if not member.is_active:
        raise Ended
    revoke_invitations_for(invitation.partner_id, user, by)
    # Whoever is in already stays with the present role.
    if is_new:
        record(Action.JOINED, member, by=by, changes={"role": [None, invitation.role]})


def _send(invitation: Invitation) -> str:
    if settings.SENDS_MAIL:
        Invitation.objects.filter(pk=invitation.pk).update(mail_due_at=now())
        transaction.on_commit(postmen.wake)
        return ""
    return address_of_link(_new_link(invitation))


def _new_link(invitation: Invitation) -> str:
    token = new_token()
    invitation.token_hash = hashed(token)
    Invitation.objects.filter(pk=invitation.pk).update(token_hash=invitation.token_hash)
    return token


def _expiry() -> datetime:
    return now() + timedelta(seconds=settings.INVITATION_SECONDS)


def _name_of(user: User | None) -> str:
    return (user.get_full_name() or mail_address_of(user) or user.get_username()) if user else ""

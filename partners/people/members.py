"""What owners do with members: roles, leaving and coming back. A partner never loses its last active owner."""

from django.contrib.auth.models import User
from django.utils.timezone import now

from partners.audit.models import Action
from partners.audit.recording import By, record
from partners.models import Membership, Partner, Role
from partners.people.accounts import is_addressed
from partners.people.models import Invitation


class LastOwner(Exception):
    """The change would leave the partner without an active owner."""


def locked(member: Membership) -> Membership:
    """Read a membership anew, with all of its partner waiting; needs the partner's door.

    Whoever changes members takes this lock first, so that two owners cannot take away each other's role at once.
    """
    Partner.objects.select_for_update(no_key=True).get(pk=member.partner_id)
    return Membership.objects.select_related("user", "partner").get(pk=member.pk)


def is_last_owner(member: Membership) -> bool:
    """Whether nobody else could look after the partner; needs the lock."""
    if member.role != Role.OWNER or not member.is_active or not member.user.is_active:
        return False
    owners = Membership.objects.filter(partner_id=member.partner_id, role=Role.OWNER, is_active=True)
    return not owners.filter(user__is_active=True).exclude(pk=member.pk).exists()


def change_role(member: Membership, role: Role, by: By) -> None:
    """Give a member another role; raises `LastOwner`."""
    before = locked(member)
    if before.role == role:
        return
    if is_last_owner(before):
        raise LastOwner
    Membership.objects.filter(pk=member.pk).update(role=role)
    _revoke_invitations_of(before, by)
    record(Action.ROLE_CHANGED, before, by=by, changes={"role": [before.role, role.value]})


def deactivate(member: Membership, by: By) -> None:
    """End what a member sees, from the next request on; raises `LastOwner`."""
    before = locked(member)
    if is_last_owner(before):
        raise LastOwner
    if Membership.objects.filter(pk=member.pk, is_active=True).update(is_active=False):
        _revoke_invitations_of(before, by)
        record(Action.DEACTIVATED, before, by=by)


def reactivate(member: Membership, by: By) -> None:
    """Let a member in again, with the role from before."""
    before = locked(member)
    if Membership.objects.filter(pk=member.pk, is_active=False).update(is_active=True):
        record(Action.REACTIVATED, before, by=by)


def remove(member: Membership, by: By) -> None:
    """End a membership for good; the account stays. Raises `LastOwner`."""
    before = locked(member)
    if is_last_owner(before):
        raise LastOwner
    _revoke_invitations_of(before, by)
    record(Action.REMOVED, before, by=by, changes={"role": [before.role, None]})
    before.delete()


def belongs_here_alone(user: User, partner_id: int) -> bool:
    """Whether all memberships of a person, active or not, are this partner's; needs `platform`.

    Only of such a person may an owner reset the password or the second factor: of anybody else it would open another
    partner. Whoever belongs to no partner is platform staff or nobody.
    """
    partners = set(Membership.objects.filter(user=user).values_list("partner_id", flat=True))
    return partners == {partner_id} and not user.is_superuser


def revoke_invitations_for(partner_id: int, user: User, by: By) -> None:
    """End a partner's invitations that ask in somebody who is in, or is no longer to be; needs the partner's door."""
    for each in Invitation.objects.unanswered().filter(partner_id=partner_id):
        if is_addressed(user, each.email):
            _revoke(each, by)


def _revoke_invitations_of(member: Membership, by: By) -> None:
    # Whoever leaves could have kept a link to come back by, in this name or another.
    revoke_invitations_for(member.partner_id, member.user, by)
    for each in Invitation.objects.unanswered().filter(partner_id=member.partner_id, created_by_id=member.user_id):
        _revoke(each, by)


def _revoke(invitation: Invitation, by: By) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(revoked_at=now(), mail_due_at=None)
    record(Action.INVITATION_REVOKED, invitation, by=by)

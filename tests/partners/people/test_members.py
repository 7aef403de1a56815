"""Owners look after their colleagues; a partner never loses its last active owner."""

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from partners.audit.models import Action, AuditEntry
from partners.audit.recording import By
from partners.models import Membership, Partner, Role
from partners.people.members import LastOwner, change_role, deactivate
from partners.tenancy import tenant
from tests.admin_rows import page, signed_in, superuser, tool
from tests.factories import MembershipFactory, PartnerFactory

pytestmark = pytest.mark.django_db

LIST = "partners_membership"


@pytest.fixture
def owner() -> Membership:
    """The one owner of a partner."""
    return MembershipFactory.create()


def colleague(owner: Membership, role: Role = Role.MANAGER) -> Membership:
    """Somebody else of the same partner."""
    return MembershipFactory.create(partner=owner.partner, role=role)


def role_of(member: Membership) -> str:
    """The role that is kept."""
    member.refresh_from_db()
    return member.role


def test_an_owner_changes_a_role_and_the_audit_log_says_so(owner: Membership) -> None:
    member = colleague(owner)
    answer = signed_in(owner.user).post(page(LIST, member), {"role": "viewer"})
    assert answer.status_code == 302 and role_of(member) == Role.VIEWER
    entry = AuditEntry.objects.get(action=Action.ROLE_CHANGED)
    assert entry.partner_id == owner.partner_id and entry.changes == {"role": ["manager", "viewer"]}
    assert not AuditEntry.objects.filter(action=Action.CHANGED).exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MANAGER])
def test_others_see_their_colleagues_and_change_none(owner: Membership, role: Role) -> None:
    client = signed_in(colleague(owner, role).user)
    shown = client.get(reverse(f"admin:{LIST}_changelist"))
    assert shown.status_code == 200 and owner.user.username in shown.content.decode()
    assert client.get(page(LIST, owner)).status_code == 200
    assert client.post(page(LIST, owner), {"role": "viewer"}).status_code == 403
    assert client.post(tool(LIST, owner, "deactivate")).status_code == 403
    assert client.post(page(LIST, owner, "delete"), {"post": "yes"}).status_code == 403
    assert role_of(owner) == Role.OWNER and owner.is_active


def test_people_of_other_partners_are_not_there(owner: Membership) -> None:
    stranger = MembershipFactory.create()
    client = signed_in(owner.user)
    assert stranger.user.username not in client.get(reverse(f"admin:{LIST}_changelist")).content.decode()
    assert client.get(page(LIST, stranger)).status_code == 404
    assert client.post(tool(LIST, stranger, "deactivate")).status_code == 404


def test_a_member_is_deactivated_after_a_question_and_comes_back(owner: Membership) -> None:
    member, client = colleague(owner), signed_in(owner.user)
    assert "From the next click" in client.get(tool(LIST, member, "deactivate")).content.decode()
    client.post(tool(LIST, member, "deactivate"))
    member.refresh_from_db()
    assert not member.is_active
    client.post(tool(LIST, member, "reactivate"))
    member.refresh_from_db()
    assert member.is_active


def test_a_member_is_removed_and_the_account_stays(owner: Membership) -> None:
    member = colleague(owner)
    assert signed_in(owner.user).post(page(LIST, member, "delete"), {"post": "yes"}).status_code == 302
    assert not Membership.objects.filter(pk=member.pk).exists()
    member.user.refresh_from_db()
    assert AuditEntry.objects.get(action=Action.REMOVED).partner_id == owner.partner_id


def test_the_last_owner_stays(owner: Membership) -> None:
    MembershipFactory.create(partner=owner.partner, is_active=False)
    MembershipFactory.create(partner=owner.partner, user__is_active=False)
    client = signed_in(owner.user)
    assert "last active owner" in client.post(page(LIST, owner), {"role": "viewer"}).content.decode()
    client.post(tool(LIST, owner, "deactivate"))
    client.post(page(LIST, owner, "delete"), {"post": "yes"})
    assert role_of(owner) == Role.OWNER and owner.is_active


def test_platform_staff_see_the_people_of_all(owner: Membership) -> None:
    other = MembershipFactory.create()
    shown = signed_in(superuser()).get(reverse(f"admin:{LIST}_changelist")).content.decode()
    assert owner.user.username in shown and other.user.username in shown


def test_a_deactivated_membership_ends_a_session_with_a_clear_word(owner: Membership) -> None:
    member = colleague(owner)
    client = signed_in(member.user)
    assert client.get(reverse("admin:index")).status_code == 200
    signed_in(owner.user).post(tool(LIST, member, "deactivate"))
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("admin:login")
    assert "your account opens no partner" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_who_has_another_partner_stays_signed_in_there(owner: Membership) -> None:
    member = colleague(owner)
    other = MembershipFactory.create(user=member.user)
    client = signed_in(member.user)
    signed_in(owner.user).post(tool(LIST, member, "deactivate"))
    shown = client.get(reverse("admin:index"))
    assert shown.status_code == 200 and str(other.partner) in shown.content.decode()
    assert str(owner.partner) not in shown.content.decode()


def test_a_deactivated_account_ends_every_session(owner: Membership) -> None:
    client = signed_in(owner.user)
    assert client.get(reverse("admin:index")).status_code == 200
    signed_in(superuser()).post(tool("auth_user", owner.user, "deactivate"))
    assert client.get(reverse("admin:index")).url.startswith(reverse("admin:login"))  # type: ignore[attr-defined]


def test_members_manage_no_accounts(owner: Membership) -> None:
    client = signed_in(owner.user)
    assert client.get(reverse("admin:auth_user_changelist")).status_code == 403
    assert client.post(tool("auth_user", owner.user, "deactivate")).status_code in (403, 404)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [deactivate, lambda member, by: change_role(member, Role.VIEWER, by)])
def test_two_owners_at_once_cannot_leave_the_partner_without_one(act: object) -> None:
    partner = PartnerFactory.create()
    owners = [MembershipFactory.create(partner=partner) for _each in range(2)]
    start, refused = Barrier(2), []

    def take_away(member: Membership) -> None:
        try:
            start.wait()
            with tenant(partner.pk):
                act(member, By.command("test"))  # type: ignore[operator]
        except LastOwner:
            refused.append(member)
        finally:
            connection.close()

    threads = [Thread(target=take_away, args=[each]) for each in owners]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(refused) == 1
    assert Membership.objects.filter(partner=partner, role=Role.OWNER, is_active=True).count() == 1


def test_a_switch_shows_one_partner_at_a_time_and_only_own_ones(owner: Membership) -> None:
    other = MembershipFactory.create(user=owner.user)
    stranger = PartnerFactory.create()
    client = signed_in(owner.user)
    look_at(client, other.partner)
    assert client.get(page("partners_partner", other.partner)).status_code == 200
    assert client.get(page("partners_partner", owner.partner)).status_code == 404
    assert client.post(reverse("people:look_at"), {"partner": stranger.pk}).status_code == 404
    for nothing in ("", "9" * 5000):
        assert client.post(reverse("people:look_at"), {"partner": nothing}).status_code == 404
    look_at(client, owner.partner)
    assert client.get(page("partners_partner", owner.partner)).status_code == 200


def test_platform_staff_look_at_one_partner_and_back_at_all(owner: Membership) -> None:
    client = signed_in(superuser())
    client.post(tool("partners_partner", owner.partner, "look_at"))
    assert "Look at all partners" in client.get(reverse("admin:index")).content.decode()
    assert client.get(reverse("admin:auth_user_add")).status_code == 403
    client.post(reverse("people:look_at"), {"partner": ""})
    shown = client.get(reverse("admin:index")).content.decode()
    assert "All partners" in shown and "Look at all partners" not in shown


def look_at(client: Client, partner: Partner) -> None:
    """Switch the partner in view."""
    assert client.post(reverse("people:look_at"), {"partner": partner.pk}).status_code == 302

"""What an entry holds, whose it is, and that it stays."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import ProgrammingError, connection
from django.test import RequestFactory

from partners.audit.models import Action, AuditEntry, Via
from partners.audit.recording import LONGEST_VALUE, By, record, record_all
from partners.tenancy import WrongDoor, platform, tenant
from tests.factories import BusinessFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

SOMEBODY = By(None, "somebody", "192.0.2.7", Via.PAGE)


def test_an_entry_says_who_did_what_to_which_row_from_where() -> None:
    member = MembershipFactory.create()
    business = BusinessFactory.create(partner=member.partner)
    request = RequestFactory().post("/admin/", REMOTE_ADDR="192.0.2.7")
    request.user = member.user
    entry = record(Action.CHANGED, business, by=By.request(request), changes={"name": ["A", "B"]})
    entry.refresh_from_db()
    assert (entry.partner_id, entry.actor_id, entry.actor_name) == (
        member.partner_id,
        member.user_id,
        member.user.username,
    )
    assert (entry.via, entry.address, entry.action) == (Via.ADMIN, "192.0.2.7", Action.CHANGED)
    assert (entry.object_type, entry.object_id, entry.object_name) == (
        "partners.business",
        str(business.pk),
        str(business),
    )
    assert entry.changes == {"name": ["A", "B"]}


def test_somebody_who_is_not_signed_in_has_the_name_that_is_given() -> None:
    request = RequestFactory().post("/join/", REMOTE_ADDR="")
    request.user = AnonymousUser()
    entry = record(Action.SIGN_IN_REFUSED, UserFactory.create(), by=By.request(request, "mallory"))
    assert (entry.actor_id, entry.actor_name, entry.via, entry.address) == (None, "mallory", Via.PAGE, None)


def test_what_belongs_to_no_partner_is_the_platforms() -> None:
    person = UserFactory.create()
    assert record(Action.DEACTIVATED, person, by=SOMEBODY).partner_id is None
    with tenant(MembershipFactory.create().partner_id), pytest.raises(WrongDoor):
        record(Action.DEACTIVATED, person, by=SOMEBODY)


def test_a_command_goes_by_the_name_of_who_runs_it() -> None:
    by = By.command("sync")
    assert by.via == Via.COMMAND
    assert by.name.endswith(": manage.py sync")


def test_long_values_are_cut_and_odd_ones_become_text() -> None:
    odd: dict[str, list[Any]] = {
        "long": ["x" * 9_000, None],
        "list": [["y" * 9_000], [1, True]],
        "odd": ["a\0b", "\udcff"],
    }
    entry = record(Action.CHANGED, BusinessFactory.create(), by=SOMEBODY, changes=odd)
    entry.refresh_from_db()
    assert entry.changes["long"] == ["x" * LONGEST_VALUE + "…", None]
    assert entry.changes["list"] == [["y" * LONGEST_VALUE + "…"], [1, True]]
    assert entry.changes["odd"] == ["ab", "?"]


def test_rows_of_several_partners_go_to_the_log_of_each() -> None:
    businesses = BusinessFactory.create_batch(2)
    with platform():
        record_all(Action.SYNC_ASKED, businesses, by=SOMEBODY)
    for business in businesses:
        with tenant(business.partner_id):
            assert [entry.object_id for entry in AuditEntry.objects.all()] == [str(business.pk)]


def test_an_entry_outlives_whom_it_names() -> None:
    member = MembershipFactory.create()
    entry = record(Action.CHANGED, member.partner, by=By(member.user, member.user.username, "", Via.ADMIN))
    partner, user = member.partner, member.user
    user.delete()
    partner.delete()
    entry.refresh_from_db()
    assert (entry.partner_id, entry.actor_name) == (int(entry.object_id), user.username)


@pytest.mark.parametrize("is_platform", [False, True], ids=["app", "platform"])
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_auditentry SET actor_name = 'nobody'", "DELETE FROM audit_auditentry"]
)
def test_the_runtime_roles_may_only_add(statement: str, is_platform: bool) -> None:
    entry = record(Action.ADDED, BusinessFactory.create(), by=SOMEBODY)
    door = platform() if is_platform else tenant(entry.partner_id or 0)
    with pytest.raises(ProgrammingError, match="permission denied"), door, connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.filter(pk=entry.pk).exists()

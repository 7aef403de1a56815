"""Who tries too often waits, for each account and for each address; the throttle keeps no password."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.audit.models import AuditEntry
from partners.people.resets import link_for
from tests.admin_rows import signed_in, superuser, tool
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

LOGIN = reverse("admin:login")
RIGHT = "correct horse battery"


def attempt(name: str, password: str = "wrong", address: str = "192.0.2.1") -> int:
    """Try to sign in; give the status: 302 is in, 200 not, 429 too often."""
    answer = Client(REMOTE_ADDR=address).post(LOGIN, {"username": name, "password": password})
    return answer.status_code


def wear_out(name: str, addresses: bool = True) -> None:
    """Try as often as is allowed, from ever other addresses or for ever other names."""
    for number in range(settings.AXES_FAILURE_LIMIT):
        if addresses:
            attempt(name, address=f"198.51.100.{number}")
        else:
            attempt(f"{name}{number}")


def test_an_account_is_locked_for_every_address() -> None:
    MembershipFactory.create(user__username="ann")
    wear_out("ann")
    assert attempt("ann", RIGHT, "203.0.113.9") == 429
    assert attempt("ANN", RIGHT, "203.0.113.9") == 429


def test_an_address_is_locked_for_every_account() -> None:
    MembershipFactory.create(user__username="ann")
    wear_out("somebody", addresses=False)
    assert attempt("ann", RIGHT) == 429
    assert attempt("ann", RIGHT, "203.0.113.9") == 302


def test_after_the_pause_the_account_opens_again_however_often_others_tried_meanwhile() -> None:
    MembershipFactory.create(user__username="ann")
    wear_out("ann")
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME + timedelta(seconds=60))
    assert attempt("ann", "wrong", "203.0.113.7") == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - settings.AXES_COOLOFF_TIME)
    assert attempt("ann", RIGHT, "203.0.113.9") == 302


def test_the_answer_says_when_to_try_again_and_not_whether_there_is_such_an_account() -> None:
    MembershipFactory.create(user__username="ann")
    pages = []
    for name, address in (("ann", "203.0.113.1"), ("nobody", "203.0.113.2")):
        wear_out(name)
        answer = Client(REMOTE_ADDR=address).post(LOGIN, {"username": name, "password": "wrong"})
        assert answer.status_code == 429 and 0 < int(answer["Retry-After"]) <= 15 * 60
        pages.append(answer.content.decode().partition("Try again after")[0])
    assert pages[0] == pages[1] and "Too many attempts" in pages[0]


def test_a_network_of_ipv6_is_one_machine() -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        attempt(f"somebody{number}", address=f"2001:db8:1:2::{number + 1:x}")
    assert attempt("another", address="2001:db8:1:2:ffff::9") == 429
    assert attempt("another", address="2001:db8:1:3::1") == 200


def test_platform_staff_unlock_an_account_and_nobody_else_does() -> None:
    owner = MembershipFactory.create(user__username="Ann")
    wear_out("ann")
    wear_out("ben")
    assert signed_in(owner.user).post(tool("auth_user", owner.user, "unlock")).status_code in (403, 404)
    assert attempt("ann", RIGHT, "203.0.113.9") == 429
    client = signed_in(superuser())
    assert "a pause ends" in client.get(tool("auth_user", owner.user, "unlock")).content.decode()
    assert client.post(tool("auth_user", owner.user, "unlock")).status_code == 302
    assert attempt("Ann", RIGHT, "203.0.113.9") == 302
    assert attempt("ben", RIGHT, "203.0.113.9") == 429
    assert AuditEntry.objects.get(object_name="Ann").changes == {"sign-in": ["locked", "unlocked"]}


def test_a_new_password_by_a_link_ends_the_pause_of_the_account() -> None:
    ann = MembershipFactory.create(user__username="ann").user
    wear_out("ann")
    client, new = Client(REMOTE_ADDR="203.0.113.9"), "a heron over the harbour"
    form = client.get(link_for(ann), follow=True).redirect_chain[-1][0]
    assert client.post(form, {"new_password1": new, "new_password2": new}).status_code == 302
    assert attempt("ann", new, "203.0.113.9") == 302


def test_the_present_password_is_not_guessed_in_a_session_of_somebody_else() -> None:
    ann = MembershipFactory.create(user__username="ann").user
    client, new = signed_in(ann), "a heron over the harbour"
    data = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    change = reverse("admin:password_change")
    statuses = [client.post(change, data).status_code for _each in range(settings.AXES_FAILURE_LIMIT)]
    assert set(statuses[:-1]) == {200}
    assert client.post(change, {**data, "old_password": RIGHT}).status_code == 429
    ann.refresh_from_db()
    assert ann.check_password(RIGHT)
    AccessAttempt.objects.all().delete()
    assert client.post(change, {**data, "old_password": RIGHT}).status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200
    assert attempt("ann", new) == 302


def test_people_are_not_deleted_many_at_once() -> None:
    assert "delete_selected" not in signed_in(superuser()).get(reverse("admin:auth_user_changelist")).content.decode()


def test_a_person_who_signs_in_does_not_free_an_address_for_guessing() -> None:
    MembershipFactory.create(user__username="mallory")
    for _each in range(settings.AXES_FAILURE_LIMIT - 1):
        attempt("ann")
    assert attempt("mallory", RIGHT) == 302
    attempt("ann")
    assert attempt("mallory", RIGHT) == 429


def test_neither_tables_nor_log_hold_a_password_also_not_one_in_the_wrong_field(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    for _each in range(settings.AXES_FAILURE_LIMIT + 1):
        attempt("typed-S3cret-as-name", "typed-S3cret")
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM axes_accessattempt t")
        rows = " ".join(row[0] for row in cursor.fetchall())
    assert rows and "S3cret" not in rows
    assert "S3cret" not in " ".join(record.getMessage() for record in caplog.records if record.name.startswith("axes"))


@pytest.mark.django_db(transaction=True)
def test_attempts_at_once_hardly_pass_the_limit() -> None:
    MembershipFactory.create(user__username="ann")
    crowd = 8
    statuses: list[int] = []
    start = Barrier(crowd)

    def guess() -> None:
        try:
            start.wait()
            statuses.extend(attempt("ann") for _each in range(6))
        finally:
            connection.close()

    threads = [Thread(target=guess) for _each in range(crowd)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert statuses.count(200) <= settings.AXES_FAILURE_LIMIT + crowd
    assert attempt("ann", RIGHT) == 429

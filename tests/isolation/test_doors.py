"""The two doors: what may be opened inside of what, and that each is closed again whatever happens."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import DatabaseError, close_old_connections, connection

from partners.models import Business, Partner
from partners.tenancy import TENANT, WrongDoor, platform, tenant
from tests.factories import BusinessFactory

Inside = tuple[str, str]


@pytest.fixture
def two(transactional_db: None) -> Iterator[tuple[int, int]]:
    """Two partners with a business each; the connection then has the role of the runtime."""
    partners = (BusinessFactory.create().partner_id, BusinessFactory.create().partner_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), set_config('role', 'none', false)")
        (before, _now) = cursor.fetchone()
    yield partners
    # What is set for a session stays with its connection, in the pool as well.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, false)", [before])


def inside() -> Inside:
    """The tenant and the role that the database knows of."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(current_setting('{TENANT}', true), ''), current_setting('role')")
        row = cursor.fetchone()
    return (row[0], row[1])


def seen() -> set[int]:
    """Whose businesses a query without any filter finds."""
    return set(Business.objects.values_list("partner_id", flat=True))


def test_outside_both_doors_there_is_nothing(two: tuple[int, int]) -> None:
    assert inside() == ("", "none") and seen() == set()
    assert not Partner.objects.exists()


def test_a_tenants_door_opens_its_rows_and_closes_again(two: tuple[int, int]) -> None:
    for partner in two:
        with tenant(partner):
            assert inside() == (str(partner), "none") and seen() == {partner}
        assert inside() == ("", "none") and seen() == set()


def test_inside_a_tenant_no_other_door_opens(two: tuple[int, int]) -> None:
    own, other = two
    with tenant(own):
        for door in (tenant(other), platform()):
            with pytest.raises(WrongDoor), door:
                pytest.fail("it opened")
        with tenant(own):
            assert seen() == {own}
        assert inside() == (str(own), "none") and seen() == {own}


def test_inside_the_platform_a_tenant_narrows_and_is_widened_again(two: tuple[int, int]) -> None:
    own, other = two
    with platform():
        role = inside()[1]
        for partner in (own, other):
            with tenant(partner):
                assert inside() == (str(partner), "none") and seen() == {partner}
                with pytest.raises(WrongDoor), platform():
                    pytest.fail("it opened")
            assert inside() == ("", role) and seen() == {own, other}
        with platform():
            assert seen() == {own, other}
    assert inside() == ("", "none") and seen() == set()


@pytest.mark.parametrize("statement", ["SELECT 1 / 0", ""])
def test_an_error_closes_the_door_that_it_leaves(two: tuple[int, int], statement: str) -> None:
    own, other = two

    def fail() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement or "SELECT 1")
        raise RuntimeError

    with platform():
        with pytest.raises((RuntimeError, DatabaseError)), tenant(own):
            Business.objects.update(name="not to be kept")
            fail()
        assert seen() == {own, other} and inside()[0] == ""
        with tenant(other):
            assert seen() == {other}
        assert not Business.objects.filter(name="not to be kept").exists()
    with pytest.raises((RuntimeError, DatabaseError)), tenant(own):
        fail()
    assert inside() == ("", "none") and seen() == set()


def test_threads_stand_behind_doors_of_their_own(two: tuple[int, int]) -> None:
    together = Barrier(2)

    def look(partner: int) -> set[int]:
        try:
            with tenant(partner):
                together.wait(10)
                found = seen()
                together.wait(10)
            return found
        finally:
            connection.close()

    with tenant(two[0]), ThreadPoolExecutor(2) as threads:
        assert list(threads.map(look, two)) == [{two[0]}, {two[1]}]


def test_a_task_that_fails_leaves_nothing_to_the_next_in_its_thread(
    two: tuple[int, int],
) -> None:
    def fail(partner: int) -> None:
        with tenant(partner):
            raise RuntimeError

    def look(partner: int) -> tuple[str, set[int]]:
        # As Celery's thread pool does between tasks: the same thread, old connections closed.
        close_old_connections()
        with tenant(partner):
            return inside()[0], seen()

    with ThreadPoolExecutor(1) as worker:
        for failing, following in (two, (two[1], two[0])):
            with pytest.raises(RuntimeError):
                worker.submit(fail, failing).result()
            assert worker.submit(look, following).result() == (str(following), {following})
        worker.submit(lambda: connection.close()).result()

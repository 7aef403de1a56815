"""No failing request leaves its tenant behind on a connection of the pool: a real server, threads, and a small pool."""

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.conf import settings as portal
from django.db import connection
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from partners.models import Business
from partners.tenancy import TENANT, platform
from tests.isolation.people import World, world

POOL_SIZE = 3
WAYS = ("exception", "statement", "swallowed", "timeout", "status", "terminated")


@pytest.fixture
def place(transactional_db: None) -> World:
    """Both partners, committed."""
    return world()


@pytest.fixture
def server(place: World, settings: Settings) -> Iterator[str]:
    """The portal behind a socket, with the role and a pool as in production, and an address that fails."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != "tests.app_role.as_app"]
    settings.ROOT_URLCONF = "tests.isolation.failing_urls"
    logging.disable(logging.CRITICAL)
    with small_pool():
        running = LiveServer("127.0.0.1")
        yield running.url
        running.stop()
    logging.disable(logging.NOTSET)


@contextmanager
def small_pool() -> Iterator[None]:
    """Sign in as the app, without the platform's role that the tests' own code has."""
    options = connection.settings_dict["OPTIONS"]
    before = dict(options)
    _close()
    del options["options"]
    options["pool"] = {"min_size": 1, "max_size": POOL_SIZE, "timeout": 10}
    try:
        yield
    finally:
        _close()
        options.update(before)


def _close() -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # the base class knows no pool


def states() -> list[tuple[str, str, int]]:
    """Of every connection that the pool may hold: the tenant, the role, and how many rows a plain query sees."""
    connection.close()
    pool: Any = connection.pool  # type: ignore[attr-defined]  # the base class knows no pool
    held = [pool.getconn() for _ in range(POOL_SIZE)]
    try:
        return [_state(each) for each in held]
    finally:
        for each in held:
            each.rollback()
            pool.putconn(each)


def _state(held: Any) -> tuple[str, str, int]:
    row = held.execute(
        f"SELECT coalesce(current_setting('{TENANT}', true), ''), current_setting('role'),"
        " (SELECT count(*) FROM partners_business)"
    ).fetchone()
    return (row[0], row[1], row[2])


CLEAN = [("", "none", 0)] * POOL_SIZE


def signed_in(place: World, person: str) -> dict[str, str]:
    """The cookies of somebody's browser; made before the pool is the server's alone."""
    return {name: each.value for name, each in place.browser_of(person).cookies.items()}


def names() -> set[str]:
    """What all businesses are called."""
    with platform():
        return set(Business.objects.values_list("name", flat=True))


@pytest.fixture
def cookies(place: World) -> dict[int, dict[str, str]]:
    """Of each partner an owner's session."""
    people = ((place.own, "owner"), (place.other, "stranger"))
    return {tenant.partner.pk: signed_in(place, person) for tenant, person in people}


@pytest.mark.parametrize("way", WAYS)
def test_a_request_that_fails_leaves_nothing(cookies: dict[int, dict[str, str]], server: str, way: str) -> None:
    before = names()
    for session in list(cookies.values()) * POOL_SIZE:
        answer = requests.get(f"{server}/admin/fail/{way}/", cookies=session, timeout=30)
        assert answer.status_code == 200 if way == "swallowed" else answer.status_code >= 500
    assert states() == CLEAN
    assert names() == before


def test_a_thread_that_ends_in_the_middle_leaves_nothing(cookies: dict[int, dict[str, str]], server: str) -> None:
    before = names()
    answer = requests.get(f"{server}/admin/fail/ended/", cookies=next(iter(cookies.values())), timeout=30)
    assert answer.status_code == 500
    assert names() == before
    # Its connection is lost to the pool: nobody gets it any more, and no transaction is open on it.
    with platform(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state LIKE 'idle in transaction%'"
        )
        assert cursor.fetchone() == (0,)
    for partner, session in cookies.items():
        answer = requests.get(f"{server}/admin/whose/", cookies=session, timeout=30)
        assert answer.json() == {"setting": str(partner), "rows": [partner]}


def test_a_client_that_hangs_up_leaves_nothing(cookies: dict[int, dict[str, str]], server: str) -> None:
    before = names()
    address = urlsplit(server)
    for session in list(cookies.values()) * POOL_SIZE:
        cookie = "; ".join(f"{name}={value}" for name, value in session.items())
        with socket.create_connection((address.hostname or "", address.port or 0)) as client:
            words = f"GET /admin/fail/slow/ HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookie}\r\n\r\n"
            client.sendall(words.encode())
    # Whoever comes after waits for a connection of the pool, and so for the requests that nobody reads.
    assert requests.get(f"{server}/healthz", timeout=30).ok
    assert states() == CLEAN
    assert names() == before


def test_partners_that_share_a_pool_never_see_each_others_rows(cookies: dict[int, dict[str, str]], server: str) -> None:
    def visit(number: int) -> None:
        partner, session = list(cookies.items())[number % 2]
        if number % 3 == 0:
            way = WAYS[number % len(WAYS)]
            requests.get(f"{server}/admin/fail/{way}/", cookies=session, timeout=30)
            return
        answer = requests.get(f"{server}/admin/whose/", cookies=session, timeout=30)
        assert answer.json() == {"setting": str(partner), "rows": [partner]}

    with ThreadPoolExecutor(8) as visitors:
        assert len(list(visitors.map(visit, range(60)))) == 60
    assert states() == CLEAN


def test_the_look_at_the_pool_would_find_a_tenant_that_stayed(place: World) -> None:
    partner = place.own.partner.pk
    with small_pool():
        connection.ensure_connection()
        pool: Any = connection.pool  # type: ignore[attr-defined]  # the base class knows no pool
        connection.close()
        with pool.connection() as held:
            held.execute(f"SELECT set_config('{TENANT}', %s, false)", [str(partner)])
        assert (str(partner), "none") in {state[:2] for state in states()}
    assert portal.DATABASES["default"]["OPTIONS"]["pool"]

"""What the tests of every room stand on: the sandbox Meta, and a real browser where there is one."""

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, nullcontext

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django import DjangoDbBlocker, Settings

from config.database_roles import as_owner
from config.environment import MANAGEMENT_PATH
from sandbox.server import RunningSandbox, start
from tests import browsers
from tests.browsers import Chromium, ended_after
from tests.leftovers import end_leftover_sessions

# How long an example takes says how busy the machine is; speed is measured elsewhere.
hypothesis_settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("untimed")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[ExitStack]:
    """Make the tests' database as the owner, who migrates it."""
    with ExitStack() as owner:
        owner.enter_context(as_owner())
        yield owner


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_modify_db_settings: ExitStack, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Sign in as the app; the tests' own code then takes the platform's role, and sees the rows of every partner.

    A request gives the role back before the portal's code runs (`tests.app_role`).
    """
    platform = settings.DATABASE_PLATFORM_ROLE
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            # After a test with transactions of its own Django empties the tables; some tests ask for statistics.
            cursor.execute(f"GRANT TRUNCATE, MAINTAIN ON ALL TABLES IN SCHEMA public TO {platform}")
            # Whoever waits for a lock that nobody gives back says so, in every thread and process of the tests.
            database = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"ALTER DATABASE {database} SET lock_timeout = '2min'")
        django_db_modify_db_settings.close()
        connection.settings_dict["OPTIONS"]["options"] = f"-c role={platform}"
        settings.MIDDLEWARE.insert(0, "tests.app_role.as_app")
        yield
        del connection.settings_dict["OPTIONS"]["options"]
        end_leftover_sessions()
        django_db_modify_db_settings.enter_context(as_owner())


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Settings) -> None:
    """Hash passwords fast: each person of a test would otherwise take half a second."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def no_waiting_for_quiet(settings: Settings) -> None:
    """What a webhook hints at is due at once, for tests that do not ask how long it waits."""
    settings.WEBHOOK_QUIET_SECONDS = 0


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[RunningSandbox]:
    """A Meta of the test's own, over HTTP; the settings point to it."""
    with start() as running:
        settings.META_GRAPH_URL = running.url
        settings.META_DIALOG_URL = f"{running.url}/{settings.META_GRAPH_VERSION}/dialog/oauth"
        settings.META_MANAGEMENT_URL = running.url + MANAGEMENT_PATH
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let no browser test wait for ever."""
    with ended_after(browsers.PATIENCE_SECONDS) if item.get_closest_marker("browser") else nullcontext():
        return (yield)


@pytest.fixture(scope="session")
def browser_program() -> str:
    """Where Chromium is; what needs it skips where there is none, unless REQUIRE_BROWSER is set."""
    return browsers.program()


@pytest.fixture(scope="session")
def one_chromium(browser_program: str) -> Iterator[Chromium]:
    """The driver, and the Chromium that the tests share."""
    # The driver keeps an event loop in this thread, in which Django would refuse the database to the test itself.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = Chromium(playwright, browser_program)
        yield chromium
        chromium.close()


@pytest.fixture
def chromium(one_chromium: Chromium) -> Browser:
    """The system's Chromium."""
    return one_chromium.running()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page in a fresh browser profile, in English."""
    context = chromium.new_context(locale="en-US")
    yield context.new_page()
    context.close()

"""Every task and every command, run for a partner about what is another's: nothing happens, and somebody is told."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.core.management import call_command, get_commands
from django.db import connection
from django.utils import timezone

from catalogs.models import Intake
from config.celery import app as celery
from features.models import Feature
from features.sync import sync_one
from golive.migration.models import Import
from partners.audit.models import AuditExport
from partners.commands import BadInput
from partners.people.models import Invitation
from tests.isolation.fingerprints import Watch
from tests.isolation.people import OTHER_MARK, OWN_MARK, World, world

pytestmark = pytest.mark.django_db
# As a worker does when it starts.
celery.loader.import_default_modules()

UNKNOWN = 999_999_999

# Of tasks with a partner: the kind of row that each is about, and what stands in the log.
TASKS = {
    "catalogs.take": ("catalogs_intake", "no intake {row} of partner {partner} is to be taken"),
    "migration.take": ("migration_import", "no import {row} of partner {partner} is to be taken"),
    "audit.export": ("audit_auditexport", "no export {row} of partner {partner} is to be made"),
    "readiness.check": ("partners_metaapp", "no app {row} of partner {partner} is to be checked"),
    "people.mail_invitation": ("people_invitation", "no invitation {row} of partner {partner} is to be mailed"),
}
# Schedules and sweeps look for work across partners; a password belongs to a person, not to a partner.
TASKS_OF_THE_PLATFORM = {
    "activation.begin_missing",
    "activation.run_due",
    "activation.send_test_events",
    "audit.sweep",
    "catalogs.fetch_feeds",
    "catalogs.push_due",
    "catalogs.take_due",
    "migration.take_due",
    "configuration.push_due",
    "features.reconcile",
    "features.sync_due",
    "onboarding.note_connected",
    "onboarding.settle_due",
    "people.mail_due",
    "people.mail_reset",
    "readiness.check_due",
    "uninstalling.run_due",
    "webhooks.process_inbox",
}
SHOP, BUTTON = f"{OWN_MARK}-1", f"{OWN_MARK}-button"
Words = Callable[[World], list[str]]
# Of commands with a partner: words that name the other one and something of the own one's, and what is said.
COMMANDS: list[tuple[str, Words, str]] = [
    ("show_business", lambda place: [SHOP], "has no business"),
    ("show_business", lambda place: [SHOP, "--app", app_id(place)], "has no Meta app"),
    ("sync", lambda place: [SHOP], "has no business"),
    ("sync", lambda place: ["--app", app_id(place)], "has no Meta app"),
    ("readiness", lambda place: ["--app", app_id(place)], "has no Meta app"),
    ("cockpit", lambda place: ["--app", app_id(place)], "has no Meta app"),
    ("diagnose", lambda place: [SHOP], "has no business"),
    ("diagnose", lambda place: [f"{OTHER_MARK}-1", "--app", app_id(place)], "has no Meta app"),
    ("import_v2", lambda place: ["no-file.csv", "--app", app_id(place)], "has no Meta app"),
    ("push_configuration", lambda place: [SHOP], "has no business"),
    ("push_configuration", lambda place: ["--app", app_id(place)], "has no Meta app"),
    ("uninstall", lambda place: [SHOP, "--yes"], "has no business"),
    ("uninstall", lambda place: [f"{OTHER_MARK}-1", "--app", app_id(place), "--yes"], "has no Meta app"),
    ("uninstall", lambda place: [f"{OTHER_MARK}-1", "--feature", instance_of(place), "--yes"], "has no feature"),
    ("add_business", lambda place: [SHOP, "--currency", "HKD"], "a new business needs --name"),
    ("add_entry_point", lambda place: [BUTTON, "--app", app_id(place), "--vertical", "ECOMMERCE"], "has no Meta app"),
    ("add_entry_point", lambda place: [BUTTON, "--label", "Renamed"], "a new entry point needs --vertical"),
    ("launch_link", lambda place: [SHOP], "has no business"),
    ("launch_link", lambda place: [f"{OTHER_MARK}-1", "--entry-point", BUTTON], "has no active entry point"),
    ("take_products", lambda place: [SHOP, "no-file.csv"], "has no business"),
    ("add_partner", lambda place: ["--app-id", app_id(place), "--app-secret", "stolen"], "belongs to another partner"),
]
# They ask for no partner: the specification, the schema, the keys, and the demo's own partner.
COMMANDS_OF_THE_PLATFORM = {"menu", "migrate", "rotate_keys", "seed_demo"}
MAKES_PARTNERS = "add_partner"


def app_id(place: World) -> str:
    """The own partner's app."""
    return str(place.own.rows["partners_metaapp"].app_id)  # type: ignore[attr-defined]  # an app


def instance_of(place: World) -> str:
    """The own partner's feature instance."""
    return Feature.objects.get(pk=place.own.rows["features_feature"].pk).feature_instance_id


@contextmanager
def as_runtime() -> Iterator[None]:
    """Run as the role of worker and commands."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), set_config('role', 'none', false)")
        (before, _now) = cursor.fetchone()
        yield
        cursor.execute("SELECT set_config('role', %s, false)", [before])


@pytest.fixture
def place() -> World:
    """Both partners; of the own one something waits for each task."""
    made = world()
    AuditExport.objects.filter(partner=made.own.partner).update(status=AuditExport.Status.WAITING)
    Intake.objects.filter(partner=made.own.partner).update(state=Intake.State.WAITING)
    Import.objects.filter(partner=made.own.partner).update(state=Import.State.WAITING)
    Invitation.objects.filter(partner=made.own.partner).update(mail_due_at=timezone.now())
    return made


def ours() -> set[str]:
    """The commands of the portal's own rooms."""
    rooms = {each.name for each in apps.get_app_configs() if "site-packages" not in each.path}
    return {name for name, room in get_commands().items() if room in rooms}


def tasks() -> set[str]:
    """The tasks of the portal's own rooms, as a worker finds them."""
    celery.loader.import_default_modules()
    return {name for name in celery.tasks if not name.startswith("celery.")}


def test_every_task_and_every_command_is_in_a_table() -> None:
    assert tasks() == TASKS.keys() | TASKS_OF_THE_PLATFORM
    assert ours() == {name for name, _words, _says in COMMANDS} | COMMANDS_OF_THE_PLATFORM
    assert not TASKS.keys() & TASKS_OF_THE_PLATFORM


@pytest.mark.parametrize("name", TASKS)
def test_a_task_for_the_wrong_partner_does_nothing_and_says_so(
    place: World, caplog: pytest.LogCaptureFixture, mailoutbox: list[object], name: str
) -> None:
    kind, says = TASKS[name]
    row, watch = place.own.rows[kind].pk, Watch(place.own.partner.pk)
    before = watch.look()
    for partner in (place.other.partner.pk, UNKNOWN):
        with as_runtime():
            celery.tasks[name](partner, row)
        assert says.format(row=row, partner=partner) in caplog.text
        assert watch.look() == before and not mailoutbox
    # For the right one it would have been done.
    with as_runtime():
        celery.tasks[name](place.own.partner.pk, row)
    assert watch.look().own != before.own and watch.look().others == before.others


@pytest.mark.parametrize(("name", "words", "says"), COMMANDS, ids=[f"{each[0]}: {each[2]}" for each in COMMANDS])
def test_a_command_for_the_wrong_partner_does_nothing_and_says_so(
    place: World, name: str, words: Words, says: str
) -> None:
    watch = Watch(place.own.partner.pk)
    before = watch.look()
    refuse(name, [place.other.partner.slug, *words(place)], says)
    if name != MAKES_PARTNERS:
        refuse(name, ["no-such-partner", *words(place)], "unknown partner")
    assert watch.look() == before


def refuse(name: str, words: list[str], says: str) -> None:
    """Run a command as an operator does; it ends with this line, and prints nothing."""
    output = io.StringIO()
    with as_runtime_refused(says):
        call_command(name, *words, stdout=output)
    assert output.getvalue() == ""


@contextmanager
def as_runtime_refused(says: str) -> Iterator[None]:
    """Run as the runtime's role, and be refused."""
    with as_runtime(), pytest.raises(BadInput, match=says) as refusal:
        yield
    assert refusal.value.returncode == 2


def test_a_sync_for_the_wrong_partner_claims_nothing(place: World) -> None:
    installation = place.own.rows["features_installation"]
    type(installation)._default_manager.filter(pk=installation.pk).update(requested_generation=5)
    watch = Watch(place.own.partner.pk)
    before = watch.look()
    with as_runtime():
        assert not sync_one(place.other.partner.pk, installation.pk)
    assert watch.look() == before

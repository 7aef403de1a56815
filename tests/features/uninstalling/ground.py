"""What the tests of uninstalling begin with: a connected business, and staff who want it gone."""

from typing import Any

from django.db import connection

from features.models import Change, Feature, Installation
from features.uninstalling.asking import ask
from features.uninstalling.models import Uninstall
from features.uninstalling.running import drain, run_one
from partners.tenancy import tenant
from tests.features.configuration.ground import connected as connected
from tests.features.configuration.ground import the as the
from tests.features.test_sync import sync
from tests.meta import Meta

State, Reason = Uninstall.State, Uninstall.Reason
BY = "ada"


def asked(installation: Installation, feature: Feature | None = None) -> Uninstall:
    """Have it uninstalled; no worker has begun."""
    with tenant(installation.partner_id):
        return ask(installation, feature, by=BY)


def again(row: Uninstall) -> Uninstall:
    """The row as it is now."""
    return Uninstall.objects.select_related("feature", "installation").get(pk=row.pk)


def went_on(row: Uninstall) -> Uninstall:
    """The time of the next try has come, and a worker goes on."""
    Uninstall.objects.filter(pk=row.pk).update(not_before=None)
    run_one(row.partner_id, row.pk)
    return again(row)


def looked(row: Uninstall) -> Uninstall:
    """A sync looks, and a worker judges what it saw."""
    sync(row.installation)
    return went_on(row)


def finished() -> None:
    """All workers do all that is due, until nothing is."""
    while drain():
        for each in Installation.objects.all():
            sync(each)


def calls(meta: Meta) -> int:
    """How often Meta was asked to uninstall a whole connection."""
    return meta.calls("uninstall")


def slow(meta: Meta, reads: int) -> None:
    """Let Meta take its time."""
    meta.turn(uninstall_reads=reads)


def is_there(meta: Meta) -> bool:
    """Whether anything is installed at Meta."""
    return any(each["features"] for each in meta.counters()["connections"])


def causes(installation: Installation, kind: str) -> list[str]:
    """What led to the lines of this kind."""
    rows = Change.objects.filter(installation=installation, kind=kind).order_by("pk")
    return list(rows.values_list("cause", flat=True))


def turn_configuration(meta: Meta, **knobs: Any) -> None:
    """Turn the knobs of written configurations."""
    meta._call("put", "knobs", configuration=knobs)


def expire_leases() -> None:
    """The worker that had the claim is dead, and its lease over."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE uninstalling_uninstall SET claimed_until = now() - interval '1 second'")

"""The way of v2 installations to v3, by a worker that is killed while it imports, and once more while it syncs.

Half of the tokens are people's, half are system users'; half of the businesses have shops, the other half has none
(`tests.v2_mixes`), in no order. The app is switched to v3 when half of the businesses have been synced as v2; those are
looked at a second time, as the regular look would within hours. The requests are those that the sandbox received, a
batch counting once, for the kind of what is in it; both kills cost some. Memory is the worker's resident size, in one
process from a quarter to the end of an import, and in the next from a quarter of the syncs to the end of all. Unit of
the wall time: seconds, with the waits for the leases of both killed workers.
"""

import csv
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from catalogs.models import Format
from config.parts import Process
from features.implied.models import Parity
from features.models import Change, Feature, Installation, MbeVersion
from features.tasks import reconcile
from golive.migration.arriving import fill, new_import
from golive.migration.models import Import
from partners.models import MetaApp, Partner
from tests.bench import meta
from tests.bench.parts import beat, memory, running, worker
from tests.bench.report import Row
from tests.v2_mixes import MIXES, Mix, mixed_up

APP_ID, APP_SECRET = "4096000000002", "bench-v2-app-secret"
COLUMNS = ("external_business_id", "access_token", "token_type", "channel", "name", "timezone", "currency", "domain")
KINDS = {"debug_token": "tokens", "installs": "installs", "configuration": "configuration"}
PATIENCE_SECONDS = 900.0
POLL_SECONDS = 0.1
MOST_GROWTH = 1.2

Meter = dict[str, Any]


@dataclass(frozen=True)
class Travelled:
    """What the sandbox counted until all were synced once, and in the look at those that were v2 until then."""

    businesses: int
    looked_at_again: int
    first: Meter
    again: Meter
    seconds: float
    import_memory: tuple[float, float]
    sync_memory: tuple[float, float]


def measure(businesses: int) -> list[Row]:
    """Bring so many businesses from v2 to v3."""
    app = _app()
    travelled = _travel(app, businesses, _file(businesses))
    return [
        _arrived(app, travelled),
        *(_requests(travelled, kind) for kind in KINDS),
        _exchanges(travelled),
        _memory("import", travelled.import_memory),
        _memory("syncs", travelled.sync_memory),
    ]


def _app() -> MetaApp:
    app = MetaApp(partner=Partner.objects.create(slug="bench-v2", name="Bench v2"), app_id=APP_ID, name="Bench v2")
    app.secret, app.verify_token = APP_SECRET, "bench-verify-token"
    app.save()
    meta.call("post", "apps", app_id=APP_ID, app_secret=APP_SECRET, mbe_version="v2")
    return app


def _file(businesses: int) -> bytes:
    """The partner's file: so many connections that v2 has made."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    rows = []
    for mix in MIXES:
        wish: dict[str, Any] = {"prefix": mix.prefix, "features": mix.features, "token_kind": mix.token_kind}
        wish["count"] = mix.quarters * businesses // 4
        for each in meta.call("post", "connections", app_id=APP_ID, brief=True, **wish):
            name = each["external_business_id"]
            shop = {"name": f"Shop {name}", "timezone": "Asia/Hong_Kong", "currency": "HKD", "domain": "shop.example"}
            rows.append({**each, "token_type": mix.token_kind, "channel": mix.channel, **shop})
    writer.writerows(mixed_up(rows))
    return out.getvalue().encode()


def _travel(app: MetaApp, businesses: int, file: bytes) -> Travelled:
    meta.forget_counters()
    begun_at = time.monotonic()
    with running(beat()):
        run = new_import(app, Format.CSV, name="v2.csv")
        if problem := fill(run, [file]):
            raise SystemExit(f"the file is not taken: {problem}")
        with _worker() as process:
            _until(lambda: _imported(run) >= businesses * 0.1)
            process.kill()
        with _worker() as process:
            _until(lambda: _imported(run) >= businesses * 0.25)
            early = memory(process)
            _until(lambda: _is_done(run))
            import_memory = (early, memory(process))
            _until(lambda: _synced(app).count() >= businesses * 0.1)
            process.kill()
        with _worker() as process:
            _until(lambda: _synced(app).count() >= businesses * 0.25)
            early = memory(process)
            _until(lambda: _synced(app).count() >= businesses * 0.5)
            meta.call("post", "apps", app_id=APP_ID, mbe_version="v3")
            _until(lambda: _synced(app).count() == businesses)
            first = meta.counters()
            meta.forget_counters()
            left = _synced(app).filter(mbe_version=MbeVersion.V2)
            looked_at_again = left.update(reconcile_at=timezone.now())
            reconcile.delay()
            _until(lambda: not left.exists())
            return Travelled(
                businesses,
                looked_at_again,
                first,
                meta.counters(),
                time.monotonic() - begun_at,
                import_memory,
                (early, memory(process)),
            )


@contextmanager
def _worker() -> Iterator[Process]:
    with running(worker()) as processes:
        yield processes["worker"]


def _until(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > ends_at:
            raise SystemExit(f"what was waited for did not come true within {PATIENCE_SECONDS:g} s")
        time.sleep(POLL_SECONDS)


def _imported(run: Import) -> int:
    run.refresh_from_db()
    if run.rejected:
        raise SystemExit(f"{run.rejected} rows of the file are rejected")
    return run.imported


def _is_done(run: Import) -> bool:
    run.refresh_from_db()
    return run.state == Import.State.DONE


def _synced(app: MetaApp) -> QuerySet[Installation]:
    return Installation.objects.filter(meta_app=app, state=Installation.State.CONNECTED).exclude(mbe_version="")


def _arrived(app: MetaApp, travelled: Travelled) -> Row:
    """All are v3 with every feature and its history, those that were v2 with a parity; and nobody saw a dialog."""
    kinds = Change.Kind
    at_v3 = sum(_whole(app, mix).filter(mbe_version=MbeVersion.V3).count() for mix in MIXES)
    history = Change.objects.filter(feature=OuterRef("pk"))
    features = Feature.objects.filter(installation__meta_app=app)
    with_history = features.filter(Exists(history.filter(kind=kinds.INSTALLED))).count()
    confirmed = features.filter(Exists(history.filter(kind=kinds.CONFIRMED))).count()
    held = features.filter(is_implied=True).exclude(removed_at=None).count()
    same = sum(_all_the_same(app, mix).count() for mix in MIXES)
    all_same = Parity.objects.filter(installation__meta_app=app).aggregate(number=Sum("same_count"))["number"] or 0
    dialogs = sum(sum(arm.values()) for each in (travelled.first, travelled.again) for arm in each["dialogs"].values())
    measured = (
        f"{at_v3:,} v3 in {travelled.seconds:.0f} s, {with_history:,} features with history; {same:,} were v2 before: "
        f"{confirmed:,} features confirmed, {held:,} catalogs go on in a shop, all the same; dialogs: {dialogs}"
    )
    expected = (travelled.businesses, features.count(), travelled.looked_at_again)
    is_so = (at_v3, with_history, same) == expected and confirmed + held == all_same and not dialogs
    what = f"{travelled.businesses:,} v2 installations imported, v3 in the middle, the worker killed twice"
    return Row(what, measured, "all v3 with history, no dialog", is_so and same > 0)


def _whole(app: MetaApp, mix: Mix) -> QuerySet[Installation]:
    """The mix's installations that have what Meta holds of them, and nothing implied beside it."""
    living, listed = Q(features__removed_at=None), Q(features__is_implied=False)
    counted = _synced(app).annotate(
        living=Count("features", filter=living), listed=Count("features", filter=living & listed)
    )
    of_mix = counted.filter(business__external_business_id__startswith=mix.prefix)
    return of_mix.filter(living=len(mix.features), listed=F("living"))


def _all_the_same(app: MetaApp, mix: Mix) -> QuerySet[Parity]:
    rows = Parity.objects.filter(installation__meta_app=app, gained_count=0, lost_count=0, same_count=mix.implied)
    return rows.filter(installation__business__external_business_id__startswith=mix.prefix)


def _requests(travelled: Travelled, kind: str) -> Row:
    first, again = _sent(travelled.first, kind), _sent(travelled.again, kind)
    most = _most(travelled.businesses)
    most_again = 0 if kind == "debug_token" else _most(travelled.looked_at_again)
    more = f"; {again} for the {travelled.looked_at_again:,} that were v2 until then" if again or most_again else ""
    goal = f"≤ {most:g}" + (f"; ≤ {most_again:g}" if most_again else "")
    what = f"the same: Graph requests for {KINDS[kind]}"
    return Row(what, f"{first}{more}", goal, 0 < first <= most and again <= most_again)


def _exchanges(travelled: Travelled) -> Row:
    sent = _sent(travelled.first, "system_user_token") + _sent(travelled.again, "system_user_token")
    what = f"the same: requests that exchange {travelled.businesses // 2:,} people's tokens for system users'"
    return Row(what, str(sent), "shown", True)


def _sent(counted: Meter, kind: str) -> int:
    """The requests of a kind: batches of nothing else, and single calls."""
    return int(counted["batches"].get(kind, 0)) + int(counted["requests"].get(kind, 0))


def _most(businesses: int) -> float:
    return businesses / 50 + businesses / 100


def _memory(part: str, sizes: tuple[float, float]) -> Row:
    early, late = sizes
    measured = f"{late / early:.2f} ({early:.0f} → {late:.0f} MB)"
    what = f"the same: the worker's memory, from a quarter to the end of the {part}"
    return Row(what, measured, f"≤ {MOST_GROWTH}", late / early <= MOST_GROWTH)

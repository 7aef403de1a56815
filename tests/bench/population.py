"""One partner with one app and its businesses: connected in the sandbox, recorded here, and once synced."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from features.hints import installation_of, mark_dirty
from features.models import AccessToken, Cause, Installation
from features.reconcile import reconcile
from features.sync import sync_one
from features.tokens import ReceivedToken, keep
from partners.models import Business, MetaApp, Partner
from partners.tenancy import tenant
from tests.bench import meta
from tests.bench.databases import by_owner
from tests.bench.notices import APP_ID, APP_SECRET, FEATURES, Subject
from webhooks.models import Delivery

POLL_SECONDS = 0.01
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Population:
    """The app and its connected businesses."""

    app: MetaApp
    subjects: tuple[Subject, ...]

    def installations(self, subjects: Iterable[Subject] | None = None) -> QuerySet[Installation]:
        """The records of these businesses, or of all."""
        chosen = self.subjects if subjects is None else subjects
        return Installation.objects.filter(pk__in=[each.installation_id for each in chosen])

    def hint(self, subjects: Sequence[Subject]) -> None:
        """Ask for a sync of these businesses, as a webhook does."""
        with tenant(self.app.partner_id):
            mark_dirty(self.installations(subjects), Cause.STAFF)

    def hold(self, seconds: int) -> None:
        """Let no sync start for so long, so that other work is measured alone; 0 lets them start."""
        until = timezone.now() + timedelta(seconds=seconds) if seconds else None
        MetaApp.objects.filter(pk=self.app.pk).update(paused_until=until)


def populate(how_many: int) -> Population:
    """Make so many connected businesses with three features each, whose records are what Meta says."""
    partner = Partner.objects.create(slug="bench", name="Bench")
    app = MetaApp(partner=partner, app_id=APP_ID, name="Bench")
    app.secret, app.verify_token = APP_SECRET, "bench-verify-token"
    app.save()
    meta.call("post", "apps", app_id=APP_ID, app_secret=APP_SECRET)
    connected = meta.call("post", "connections", app_id=APP_ID, count=how_many, prefix="shop-", features=FEATURES)
    names = [each["external_business_id"] for each in connected]
    businesses = Business.objects.bulk_create(
        Business(partner=partner, external_business_id=name, name=name) for name in names
    )
    installations = Installation.objects.bulk_create(
        Installation(partner=partner, meta_app=app, business=each, reconcile_at=timezone.now()) for each in businesses
    )
    # A login's token would be exchanged for this one at the first sync.
    kind = AccessToken.Kind.SYSTEM_USER
    keep(ReceivedToken(row, each["access_token"], kind) for row, each in zip(installations, connected, strict=True))
    reconcile()
    by_owner("ANALYZE")  # as autovacuum would have done by now
    return Population(
        app,
        tuple(
            Subject(each["external_business_id"], each["business_manager_id"], each["access_token"], row.pk)
            for row, each in zip(installations, connected, strict=True)
        ),
    )


def connect(population: Population, name: str, *features: str) -> Installation:
    """One more business of the app, connected at the sandbox with these features, and synced."""
    connected = meta.call("post", "connections", app_id=APP_ID, external_business_id=name, features=features)
    app = population.app
    with tenant(app.partner_id):
        business = Business.objects.create(partner=app.partner, external_business_id=name, name=name)
        installation = installation_of(app, business)
        keep([ReceivedToken(installation, connected["access_token"], AccessToken.Kind.SYSTEM_USER)])
        mark_dirty(Installation.objects.filter(pk=installation.pk), Cause.RETURN)
    sync_one(app.partner_id, installation.pk)
    return installation


def wait_until(is_so: Callable[[], bool]) -> None:
    """Return as soon as it is so; ends the run when it never is."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > ends_at:
            raise SystemExit(f"{is_so.__qualname__} did not come true within {PATIENCE_SECONDS:g} s")
        time.sleep(POLL_SECONDS)


def is_settled() -> bool:
    """Whether every sync that was asked for has been applied."""
    return not Installation.objects.filter(requested_generation__gt=F("applied_generation")).exists()


def is_inbox_empty() -> bool:
    """Whether every delivery has been worked through."""
    return not Delivery.objects.filter(status=Delivery.Status.RECEIVED).exists()

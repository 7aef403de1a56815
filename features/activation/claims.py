"""Who may look at an installation's activations now: one worker at a time, for as long as its lease runs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from features.activation.models import Activation
from features.claims import RENEW_AFTER_SECONDS, ClaimLost
from features.models import AccessToken, Installation
from features.tokens import alive_tokens_of
from mbe.errors import DeadToken
from partners.tenancy import platform, tenant

# Among so many that are due a worker looks for an installation that nobody else has locked.
CHOICE = 200
# Of one installation at once; those beyond have a turn of their own.
MOST_AT_ONCE = 50


@dataclass
class Claim:
    """The right to look at some activations of one installation; each row's `attempt` is the fence."""

    installation: Installation
    activations: Sequence[Activation]
    tokens: list[AccessToken]
    last_dead: DeadToken | None = None
    renewed: float = field(default_factory=time.monotonic)

    def keep(self) -> None:
        """Renew the lease before a further call, unless it is fresh; raises `ClaimLost` when it is gone."""
        if time.monotonic() - self.renewed < RENEW_AFTER_SECONDS:
            return
        with tenant(self.installation.partner_id):
            # As the others lock them: in one order.
            held = self.held().order_by("pk").select_for_update().values_list("pk", flat=True)
            ids = list(held)
            if len(ids) < len(self.activations):
                raise ClaimLost
            Activation.objects.filter(pk__in=ids).update(claimed_until=_lease_end())
        self.renewed = time.monotonic()

    def held(self) -> QuerySet[Activation]:
        """The rows that are still this worker's."""
        mine = Q(pk=None)
        for each in self.activations:
            mine |= Q(pk=each.pk, attempt=each.attempt)
        return Activation.objects.filter(mine).exclude(claimed_until=None)


def due() -> QuerySet[Activation]:
    """Activations whose time has come and that nobody looks at, of installations that nobody looks at."""
    now_looked_at = Activation.objects.filter(installation=OuterRef("installation"), claimed_until__gte=Now())
    return Activation.objects.filter(
        ~Exists(now_looked_at),
        Q(not_before=None) | Q(not_before__lte=Now()),
        Q(installation__meta_app__paused_until=None) | Q(installation__meta_app__paused_until__lte=Now()),
        due_at__lte=Now(),
    )


def claim_next() -> Claim | None:
    """Claim what is due of one installation, of any partner, where it has waited longest; None when nothing is due."""
    with platform():
        waiting = due().order_by("due_at").values_list("installation_id", flat=True)[:CHOICE]
        claims = (_claim(each) for each in dict.fromkeys(waiting))
        return next((claim for claim in claims if claim), None)


def claim_one(partner_id: int, installation_id: int) -> Claim | None:
    """Claim what is due of this installation; None when nothing is, or another worker has it."""
    with tenant(partner_id):
        return _claim(installation_id)


def _claim(installation_id: int) -> Claim | None:
    chosen = Installation.objects.filter(pk=installation_id).select_related("meta_app", "business")
    # Its row is locked first: two workers that each lock some activations would share one installation.
    installation = chosen.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
    if installation is None:
        return None
    # Only what is read under the lock is sure to be nobody else's. A row that a sync holds is for a later turn.
    ready = due().filter(installation=installation).order_by("pk")
    rows = list(ready.select_for_update(of=("self",), skip_locked=True)[:MOST_AT_ONCE])
    if not rows:
        return None
    Activation.objects.filter(pk__in=[row.pk for row in rows]).update(
        attempt=F("attempt") + 1, claimed_until=_lease_end()
    )
    for row in rows:
        row.attempt += 1
    return Claim(installation, rows, alive_tokens_of(installation.pk))


def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.CLAIM_SECONDS)

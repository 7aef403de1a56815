"""Who may push for an installation now: at most one worker, for as long as its lease runs."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from features.claims import RENEW_AFTER_SECONDS, ClaimLost
from features.configuration.models import Push
from features.models import AccessToken, Feature, Installation
from features.tokens import alive_tokens_of
from features.uninstalling.models import Uninstall
from partners.tenancy import platform, tenant

# Among so many that are due a worker looks for an installation that nobody else has locked.
CHOICE = 20


@dataclass
class Claim:
    """The right to bring the waiting pushes of one installation to Meta.

    `types` are those of its living instances; `generation` is that of the result of a sync that was applied last.
    """

    installation: Installation
    pushes: list[Push]
    types: dict[str, str]
    tokens: list[AccessToken]
    generation: int
    renewed: float = field(default_factory=time.monotonic)

    def keep(self) -> None:
        """Renew the lease before a further call, unless it is fresh; raises `ClaimLost` when nothing of it is left."""
        if time.monotonic() - self.renewed < RENEW_AFTER_SECONDS:
            return
        with tenant(self.installation.partner_id):
            if not self.held().update(claimed_until=_lease_end()):
                raise ClaimLost
        self.renewed = time.monotonic()

    def held(self) -> QuerySet[Push]:
        """Of its pushes those that are still this worker's: no other has taken over, and they wait."""
        mine = reduce(or_, (Q(pk=each.pk, attempt=each.attempt) for each in self.pushes))
        return Push.objects.filter(mine, state=Push.State.WAITING).exclude(claimed_until=None)

    def mark_posted(self, pushes: Iterable[Push]) -> list[Push]:
        """Write down that these go to Meta now, and give those that are still to go; raises `ClaimLost` for none."""
        with tenant(self.installation.partner_id):
            going = self.held().filter(pk__in=[each.pk for each in pushes])
            going.update(posted_at=Now(), claimed_until=_lease_end())
            ids = set(going.values_list("pk", flat=True))
            applied = Installation.objects.values_list("applied_generation", flat=True)
            self.generation = applied.get(pk=self.installation.pk)
        if not ids:
            raise ClaimLost
        self.renewed = time.monotonic()
        return [each for each in pushes if each.pk in ids]


def due() -> QuerySet[Push]:
    """Pushes that wait for nothing but a worker, of installations that no worker has in hand."""
    in_hand = Push.objects.filter(
        installation=OuterRef("installation"), state=Push.State.WAITING, claimed_until__gte=Now()
    )
    # What is being uninstalled is not configured meanwhile; a push waits for how that ends.
    about_it = Q(feature=None) | Q(feature=OuterRef("feature"))
    leaving = Uninstall.objects.filter(about_it, installation=OuterRef("installation"), state__in=Uninstall.OPEN)
    return Push.objects.filter(
        ~Exists(in_hand),
        ~Exists(leaving),
        Q(not_before=None) | Q(not_before__lte=Now()),
        Q(installation__meta_app__paused_until=None) | Q(installation__meta_app__paused_until__lte=Now()),
        state=Push.State.WAITING,
    )


def claim_next() -> Claim | None:
    """Claim all that is due of one installation, of any partner, where somebody has waited longest."""
    with platform():
        waiting = due().order_by("asked_at").values_list("installation_id", flat=True)[:CHOICE]
        claims = (_claim(each) for each in dict.fromkeys(waiting))
        return next((claim for claim in claims if claim), None)


def claim_one(partner_id: int, installation_id: int) -> Claim | None:
    """Claim all that is due of this installation; None when nothing is, or another worker has it."""
    with tenant(partner_id):
        return _claim(installation_id)


def _claim(installation_id: int) -> Claim | None:
    rows = Installation.objects.filter(pk=installation_id).select_related("meta_app", "business")
    installation = rows.select_for_update(of=("self",), skip_locked=True).first()
    # Only what is read under the lock is sure to be nobody else's.
    pushes = list(due().filter(installation=installation).select_related("feature")) if installation else []
    if installation is None or not pushes:
        return None
    ids = [each.pk for each in pushes]
    Push.objects.filter(pk__in=ids).update(attempt=F("attempt") + 1, claimed_until=_lease_end(), tried_at=Now())
    for each in pushes:
        each.attempt += 1
    living = Feature.objects.filter(installation=installation, removed_at=None)
    types = dict(living.values_list("feature_instance_id", "feature_type"))
    tokens = alive_tokens_of(installation.pk)
    return Claim(installation, pushes, types, tokens, installation.applied_generation)


def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.CLAIM_SECONDS)

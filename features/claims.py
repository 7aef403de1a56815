"""Who may fetch an installation now: at most one worker, for as long as its lease runs."""

import time
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Greatest, Now

from features.models import AccessToken, Cause, Installation
from features.tokens import alive_tokens
from partners.models import MetaApp
from partners.tenancy import platform, tenant

RENEW_AFTER_SECONDS = 5
# A file of thousands can wait; who presses a button or comes back from Meta does not wait behind it.
IS_IMPORTED = Q(requested_cause=Cause.IMPORT)


class ClaimLost(Exception):
    """The lease ran out and another worker has taken over."""


@dataclass
class Claim:
    """The right to fetch one installation, for one generation."""

    installation: Installation
    generation: int
    cause: Cause
    tokens: list[AccessToken]
    renewed: float = field(default_factory=time.monotonic)

    @property
    def is_uninstall_pending(self) -> bool:
        """Whether an uninstall notice came after the last applied result."""
        return self.installation.uninstall_generation > self.installation.applied_generation

    def keep(self) -> None:
        """Renew the lease before a further call, unless it is fresh; raises `ClaimLost` when it is gone."""
        if time.monotonic() - self.renewed < RENEW_AFTER_SECONDS:
            return
        with tenant(self.installation.partner_id):
            if not _held(self).update(claimed_until=_lease_end()):
                raise ClaimLost
        self.renewed = time.monotonic()


def unclaimed() -> QuerySet[Installation]:
    """Installations that nobody fetches and whose app Meta does not make wait."""
    return Installation.objects.filter(
        Q(claimed_until=None) | Q(claimed_until__lt=Now()),
        Q(meta_app__paused_until=None) | Q(meta_app__paused_until__lte=Now()),
    )


def due() -> QuerySet[Installation]:
    """Installations with a hint that no applied result covers, and nothing to wait for."""
    return unclaimed().filter(
        Q(not_before=None) | Q(not_before__lte=Now()),
        requested_generation__gt=F("applied_generation"),
        is_stopped=False,
    )


def waited_for() -> QuerySet[Installation]:
    """What is due and not of an import: somebody or something at Meta asks for it."""
    return due().exclude(IS_IMPORTED)


def claim_due(most: int = 1) -> list[Claim]:
    """Claim those that are waited for, the longest first, of any partner: up to `most`, of one app.

    Empty when none is.
    """
    with platform():
        return _claim(waited_for().order_by("requested_at")[:most])


def claim_imported(most: int) -> list[Claim]:
    """Claim up to `most` of an import that are due, of one app."""
    with platform():
        return _claim(_of_one_app(due().filter(IS_IMPORTED), "requested_at")[:most])


def claim_one(partner_id: int, installation_id: int) -> Claim | None:
    """Claim this installation if it is due; None when it is not, or another worker has it."""
    with tenant(partner_id):
        claims = _claim(due().filter(pk=installation_id, partner_id=partner_id))
    return claims[0] if claims else None


def claim_for_reconcile(most: int) -> list[Claim]:
    """Claim up to `most` idle or stopped installations of one app whose reconcile is due, asking for their sync."""
    with platform():
        ready = unclaimed().filter(
            Exists(AccessToken.objects.filter(installation=OuterRef("pk"), dead_at=None)),
            Q(requested_generation=F("applied_generation")) | Q(is_stopped=True),
            reconcile_at__lte=Now(),
        )
        return _claim(_of_one_app(ready, "reconcile_at")[:most], ask_for=Cause.RECONCILE)


def release(claim: Claim) -> None:
    """Give the claim back without a result: the installation is due again."""
    with tenant(claim.installation.partner_id):
        _held(claim).update(claimed_until=None)


def pause(meta_app: MetaApp, seconds: int) -> None:
    """Let no call of this app start for as long as Meta says."""
    with tenant(meta_app.partner_id):
        MetaApp.objects.filter(pk=meta_app.pk).update(
            paused_until=Greatest("paused_until", Now() + timedelta(seconds=seconds))
        )


def _of_one_app(ready: QuerySet[Installation], since: str) -> QuerySet[Installation]:
    """Those of the app whose turn it is, the longest waiting first, so that they fill one batch."""
    first = ready.order_by(since).values_list("meta_app_id", flat=True).first()
    return ready.filter(meta_app_id=first).order_by(since)


def _held(claim: Claim) -> QuerySet[Installation]:
    return Installation.objects.filter(pk=claim.installation.pk, claimed_generation=claim.generation).exclude(
        claimed_until=None
    )


def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.CLAIM_SECONDS)


def _claim(chosen: QuerySet[Installation], ask_for: Cause | None = None) -> list[Claim]:
    installations = list(
        chosen.select_related("meta_app", "business").select_for_update(of=("self",), skip_locked=True)
    )
    if not installations:
        return []
    # One client serves them all; the others are free again with the end of this transaction.
    installations = [each for each in installations if each.meta_app_id == installations[0].meta_app_id]
    # To take over a dead worker's claim is a hint of its own: whatever that worker still brings is older.
    bumped = {each.pk for each in installations if ask_for or each.claimed_until is not None}
    generation = F("requested_generation") + Case(When(pk__in=bumped, then=Value(1)), default=Value(0))
    asked = {"requested_cause": ask_for, "requested_at": Now(), "is_stopped": False} if ask_for else {}
    Installation.objects.filter(pk__in=[each.pk for each in installations]).update(
        requested_generation=generation, claimed_generation=generation, claimed_until=_lease_end(), **asked
    )
    tokens = alive_tokens([each.pk for each in installations])
    return [
        Claim(
            installation=each,
            generation=each.requested_generation + (each.pk in bumped),
            cause=ask_for or Cause(each.requested_cause),
            tokens=tokens[each.pk],
        )
        for each in installations
    ]

"""Who may go on with an uninstall now: at most one worker, for as long as its lease runs."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from features.claims import RENEW_AFTER_SECONDS, ClaimLost
from features.models import AccessToken
from features.tokens import alive_tokens_of
from features.uninstalling.models import Uninstall
from partners.tenancy import platform, tenant


@dataclass
class Claim:
    """The right to go on with one uninstall; `sent_before` is when a call was sent before this worker's."""

    uninstall: Uninstall
    tokens: list[AccessToken]
    sent_before: datetime | None
    renewed: float = field(default_factory=time.monotonic)

    def keep(self) -> None:
        """Renew the lease before a further call, unless it is fresh; raises `ClaimLost` when it is gone."""
        if time.monotonic() - self.renewed < RENEW_AFTER_SECONDS:
            return
        with tenant(self.uninstall.partner_id):
            if not self.held().update(claimed_until=lease_end()):
                raise ClaimLost
        self.renewed = time.monotonic()

    def held(self) -> QuerySet[Uninstall]:
        """The row, as long as it is open and still this worker's."""
        mine = Uninstall.objects.filter(pk=self.uninstall.pk, attempt=self.uninstall.attempt)
        return mine.filter(state__in=Uninstall.OPEN).exclude(claimed_until=None)


def due() -> QuerySet[Uninstall]:
    """Open uninstalls that wait for nothing but a worker."""
    return Uninstall.objects.filter(
        Q(claimed_until=None) | Q(claimed_until__lt=Now()),
        Q(not_before=None) | Q(not_before__lte=Now()),
        Q(installation__meta_app__paused_until=None) | Q(installation__meta_app__paused_until__lte=Now()),
        state__in=Uninstall.OPEN,
    )


def claim_next() -> Claim | None:
    """Claim the one that was asked for first, of any partner; None when nothing is due."""
    with platform():
        return _claim(due().order_by("asked_at"))


def claim_one(partner_id: int, uninstall_id: int) -> Claim | None:
    """Claim this one if it is due; None when it is not, or another worker has it."""
    with tenant(partner_id):
        return _claim(due().filter(pk=uninstall_id))


def lease_end() -> object:
    """When a claim that begins now is free again."""
    return Now() + timedelta(seconds=settings.CLAIM_SECONDS)


def _claim(rows: QuerySet[Uninstall]) -> Claim | None:
    related = ("installation__meta_app", "installation__business")
    row = rows.select_related(*related).select_for_update(of=("self",), skip_locked=True).first()
    if row is None:
        return None
    Uninstall.objects.filter(pk=row.pk).update(attempt=F("attempt") + 1, claimed_until=lease_end())
    row.attempt += 1
    return Claim(row, alive_tokens_of(row.installation_id), row.sent_at)

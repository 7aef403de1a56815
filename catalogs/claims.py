"""Who may push to a catalog now: at most one worker, for as long as its lease runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from catalogs.models import Catalog
from features.fetching import NoUsableToken
from features.models import AccessToken, Installation
from features.tokens import alive_tokens_of, bury
from mbe.errors import DeadToken, GraphError, NotVisible, PermissionMissing
from partners.tenancy import platform, tenant

RENEW_AFTER_SECONDS = 5

Answer = TypeVar("Answer")


class ClaimLost(Exception):
    """The lease ran out and another worker has taken over."""


@dataclass
class Claim:
    """The right to push to one catalog; `attempt` is its fence, `requested` what had been asked for when it began."""

    catalog: Catalog
    attempt: int
    requested: int
    tokens: list[AccessToken]
    renewed: float = field(default_factory=time.monotonic)

    @property
    def partner_id(self) -> int:
        """Whose catalog it is."""
        return self.catalog.partner_id

    def keep(self) -> None:
        """Renew the lease before a further call, unless it is fresh; raises `ClaimLost` when it is gone."""
        if time.monotonic() - self.renewed < RENEW_AFTER_SECONDS:
            return
        with tenant(self.partner_id):
            if not held(self).update(claimed_until=_lease_end()):
                raise ClaimLost
        self.renewed = time.monotonic()

    def call(self, call: Callable[[str], Answer]) -> Answer:
        """Call Meta with the living tokens in order, outside of any transaction.

        One that Meta refuses (190) is buried at once; one that may not do this gives way to the next. Raises
        `NoUsableToken` when none is left, and otherwise what the last one was answered.
        """
        last_error: GraphError | None = None
        for token in list(self.tokens):
            self.keep()
            try:
                return call(token.secret)
            except DeadToken as error:
                bury(token, error)
                self.tokens.remove(token)
                last_error = last_error or error
            except (PermissionMissing, NotVisible) as error:
                last_error = error
        if last_error is None or isinstance(last_error, DeadToken):
            raise NoUsableToken(last_error)
        raise last_error


def held(claim: Claim) -> QuerySet[Catalog]:
    """The claimed row, as long as no other worker has taken it over."""
    return Catalog.objects.filter(pk=claim.catalog.pk, attempt=claim.attempt).exclude(claimed_until=None)


def locked(claim: Claim) -> Catalog:
    """Lock the claimed row, inside `tenant`; raises `ClaimLost` when another worker has it."""
    catalog = held(claim).select_for_update().first()
    if catalog is None:
        raise ClaimLost
    return catalog


def due() -> QuerySet[Catalog]:
    """Catalogs that are to be looked at, that nobody looks at, and that need not wait for Meta or a connection."""
    may_push = Q(
        Q(installation__meta_app__paused_until=None) | Q(installation__meta_app__paused_until__lte=Now()),
        Q(not_before=None) | Q(not_before__lte=Now()),
        installation__state=Installation.State.CONNECTED,
    )
    return Catalog.objects.filter(
        Q(claimed_until=None) | Q(claimed_until__lt=Now()),
        Q(may_push & ~Q(state=Catalog.State.ENDED)) | Q(is_to_forget=True),
        due_at__lte=Now(),
    )


def claim_due() -> Claim | None:
    """Claim the one that has waited longest, of any partner; None when nothing is due."""
    with platform():
        chosen = due().order_by("due_at").select_related("installation__meta_app", "installation__business")
        catalog = chosen.select_for_update(of=("self",), skip_locked=True).first()
        if catalog is None:
            return None
        Catalog.objects.filter(pk=catalog.pk).update(
            attempt=F("attempt") + 1, claimed_until=_lease_end(), looked_at=Now()
        )
        return Claim(
            catalog,
            catalog.attempt + 1,
            catalog.requested,
            alive_tokens_of(catalog.installation_id),
        )


def _lease_end() -> object:
    return Now() + timedelta(seconds=settings.CLAIM_SECONDS)

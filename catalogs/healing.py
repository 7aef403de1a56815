"""Catalogs that stopped: they are tried again once what stopped them is gone.

Nobody tells of a new token or a new secret; whoever brings one, it is found here.
"""

from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Now

from catalogs.models import Catalog
from features.models import AccessToken, Installation
from mbe.errors import WRONG_SECRET
from partners.tenancy import platform

State, Reason = Catalog.State, Catalog.Reason

FOR_A_TOKEN = (Reason.NO_TOKEN, Reason.NOT_VISIBLE, Reason.PERMISSION)

_IS_SYNCED_SINCE = Q(installation__applied_generation__gt=F("stopped_generation"))
_HAS_NEWER_SECRET = Q(
    reason=Reason.REFUSED,
    detail__contains=WRONG_SECRET,
    looked_at__lt=F("installation__meta_app__secret_replaced_at"),
)


def resume_stopped() -> int:
    """Have those tried again, of any partner, whose cause is gone; returns how many.

    That is so where a sync asked for since has found the connection alive, and where a token or an app secret has come
    that the last look had not: what that refuses once more stays stopped.
    """
    newer = AccessToken.objects.filter(
        installation=OuterRef("installation"), dead_at=None, received_at__gt=OuterRef("looked_at")
    )
    has_newer_token = Q(Exists(newer), reason__in=FOR_A_TOKEN)
    with platform():
        healed = Catalog.objects.filter(
            _IS_SYNCED_SINCE | _HAS_NEWER_SECRET | has_newer_token,
            state=State.STOPPED,
            installation__state=Installation.State.CONNECTED,
        )
        ids = list(healed.order_by("pk").select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
        return Catalog.objects.filter(pk__in=ids).update(
            due_at=Now(),
            failures=0,
            reason="",
            detail="",
            # Those of a stop that somebody has ended meanwhile stay as they are.
            state=Case(When(state=State.STOPPED, then=Value(State.WAITING)), default=F("state")),
        )

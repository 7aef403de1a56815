"""Businesses that stopped because the app's secret was wrong: they are asked about again once another one is kept.

Nobody tells of a new secret; whoever writes one, it is found here.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from features.hints import mark_dirty
from features.models import Cause, Installation
from mbe.errors import WRONG_SECRET
from partners.models import MetaApp
from partners.tenancy import platform

PORTION = 500


def ask_where_the_secret_is_new(most: int = PORTION) -> int:
    """Have those synced, of any partner, that were refused with the secret before; how many, `most` at a time.

    A sync that was asked for after the change has used the new one: what that refuses is not asked for again.
    """
    # By then the regular look has been at all of them.
    since = timezone.now() - timedelta(seconds=settings.RECONCILE_SECONDS)
    with platform():
        apps = list(MetaApp.objects.filter(secret_replaced_at__gt=since).values_list("pk", flat=True))
        if not apps:
            return 0
        refused = Installation.objects.filter(
            meta_app__in=apps,
            is_stopped=True,
            reason=Installation.Reason.REFUSED,
            reason_detail__contains=WRONG_SECRET,
            requested_at__lt=F("meta_app__secret_replaced_at"),
        )
        portion = list(refused.order_by("pk").values_list("pk", flat=True)[:most])
        return len(mark_dirty(refused.filter(pk__in=portion), Cause.RECONCILE))

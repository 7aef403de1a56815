"""Pushes that Meta refused for want of a token, a permission or the right secret: they go on once it is there.

Nobody tells of a new token or a new secret; whoever brings one, it is found here. As at the first try Meta is read
before anything is posted: where somebody has changed it meanwhile, nothing is.
"""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from features.configuration.models import Push, Wanted
from features.configuration.standing import lock_installations
from features.models import AccessToken, Installation
from partners.tenancy import platform

PORTION = 500
# What was refused longer ago staff plan anew, if they still want it.
GOES_ON_FOR = timedelta(days=30)


def resume(most: int = PORTION) -> int:
    """Have those tried again, of any partner, that their last try lacked something for; how many, `most` at a time.

    What is refused once more for the same waits for the next token, or the next secret.
    """
    with platform():
        found = dict(_cured().order_by("pk").values_list("pk", "installation_id")[:most])
        if not found:
            return 0
        lock_installations(found.values())
        # Only what is read under the lock is sure not to have a newer plan.
        features = dict(_cured().filter(pk__in=found).values_list("pk", "feature_id"))
        Push.objects.filter(pk__in=features).update(
            state=Push.State.WAITING, reason="", detail="", kept=None, ended_at=None, failures=0
        )
        Wanted.objects.filter(feature__in=features.values()).update(status=Wanted.Status.PUSHING, status_at=Now())
        return len(features)


def that_go_on() -> QuerySet[Push]:
    """Refused pushes that go on by themselves when a token or secret comes: still wanted so, and the newest plan."""
    newer = Push.objects.filter(feature=OuterRef("feature"), pk__gt=OuterRef("pk"))
    return Push.objects.filter(
        Q(run=None) | Q(run__stopped_at=None),
        ~Exists(newer),
        state=Push.State.REFUSED,
        reason__in=Push.CURABLE,
        ended_at__gt=Now() - GOES_ON_FOR,
        feature__removed_at=None,
        feature__wanted__values=F("wanted"),
    )


def _cured() -> QuerySet[Push]:
    """Those of connected businesses for which what they lacked has come since their last try began."""
    newer = AccessToken.objects.filter(
        installation=OuterRef("installation"), dead_at=None, received_at__gt=OuterRef("tried_at")
    )
    has_newer_token = Q(Exists(newer), reason__in=Push.FOR_A_TOKEN)
    has_newer_secret = Q(reason=Push.Reason.SECRET, tried_at__lt=F("installation__meta_app__secret_replaced_at"))
    return that_go_on().filter(has_newer_token | has_newer_secret, installation__state=Installation.State.CONNECTED)

"""Pushes to many businesses at once, which can be watched and stopped."""

from collections import Counter
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db.models import Count
from django.db.models.functions import Now

from features.configuration.models import Push, PushRun
from features.configuration.planning import drop, plan_and_ask
from features.models import Feature
from partners.tenancy import tenant

MOST_FEATURES = 1_000


def start_run(partner_id: int, features: Iterable[Feature], user: User | None, *, by: str = "") -> PushRun:
    """Plan a push for each of this partner's features that needs one, and ask for all; up to 1,000 features.

    `by` names whoever asks where nobody is signed in. Raises ValueError for more features.
    """
    features = list(features)
    if len(features) > MOST_FEATURES:
        raise ValueError(f"at most {MOST_FEATURES} features at once")
    with tenant(partner_id):
        run = PushRun.objects.create(partner_id=partner_id, asked_by=user)
        plan_and_ask(features, by=by or (user.get_username() if user else ""), run=run)
    return run


def stop_run(run: PushRun) -> int:
    """Push nothing more of a run; how many were dropped. Those that a worker has in hand come to their own end."""
    with tenant(run.partner_id):
        PushRun.objects.filter(pk=run.pk, stopped_at=None).update(stopped_at=Now())
        return drop(Push.objects.filter(run=run, state=Push.State.WAITING), Push.Reason.STOPPED)


def progress(run: PushRun) -> Counter[str]:
    """How many pushes of a run are in each state."""
    rows = Push.objects.filter(run=run).values_list("state").annotate(Count("pk"))
    return Counter(dict(rows.order_by()))

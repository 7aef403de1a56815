"""The attempts on which a connection stands: those that succeeded since it ended last, or was given up."""

from django.db.models import Exists, OuterRef, QuerySet

from features.models import Change
from features.uninstalling.models import Uninstall
from onboarding.models import OnboardingAttempt

_OF_THE_SAME = {
    "installation__meta_app_id": OuterRef("meta_app_id"),
    "installation__business_id": OuterRef("business_id"),
}


def standing_attempts(business_id: int) -> QuerySet[OnboardingAttempt]:
    """Those of a business, on every Meta app; call it inside `tenant`.

    What came before an uninstall counts no more, even where the business came back before it was through: whoever
    connects meanwhile is told to start anew.
    """
    ends = Change.objects.filter(**_OF_THE_SAME, kind=Change.Kind.DISCONNECTED, occurred_at__gt=OuterRef("returned_at"))
    given_up = Uninstall.objects.filter(
        **_OF_THE_SAME,
        feature=None,
        sent_at__isnull=False,
        connected_anew_at__isnull=False,
        asked_at__gt=OuterRef("returned_at"),
    ).exclude(state=Uninstall.State.UNCONFIRMED)
    succeeded = OnboardingAttempt.objects.filter(outcome=OnboardingAttempt.Outcome.SUCCEEDED)
    return succeeded.filter(~Exists(ends), ~Exists(given_up), business_id=business_id)

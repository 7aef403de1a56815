"""The attempts on which a connection stands: those that succeeded since it ended last."""

from django.db.models import Exists, OuterRef, QuerySet

from features.models import Change
from onboarding.models import OnboardingAttempt


def standing_attempts(business_id: int) -> QuerySet[OnboardingAttempt]:
    """Those of a business, on every Meta app; what came before an uninstall counts no more. Call it inside `tenant`."""
    ends = Change.objects.filter(
        kind=Change.Kind.DISCONNECTED,
        installation__meta_app_id=OuterRef("meta_app_id"),
        installation__business_id=OuterRef("business_id"),
        occurred_at__gt=OuterRef("returned_at"),
    )
    succeeded = OnboardingAttempt.objects.filter(outcome=OnboardingAttempt.Outcome.SUCCEEDED)
    return succeeded.filter(~Exists(ends), business_id=business_id)

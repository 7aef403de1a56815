from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnboardingConfig(AppConfig):
    """The door through which merchants go to Meta and come back."""

    name = "onboarding"
    verbose_name = _("Onboarding")

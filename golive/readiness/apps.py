from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadinessConfig(AppConfig):
    """Whether a Meta app is ready to go live: checks with their evidence, and what to do next."""

    name = "golive.readiness"
    label = "readiness"
    verbose_name = _("Readiness")

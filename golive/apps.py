from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoliveConfig(AppConfig):
    """From v2 to v3, and to production: what reads across the rooms."""

    name = "golive"
    verbose_name = _("Going live")

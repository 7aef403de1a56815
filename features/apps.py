from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeaturesConfig(AppConfig):
    """The engine: what is really installed at Meta, and its history."""

    name = "features"
    verbose_name = _("Installations")

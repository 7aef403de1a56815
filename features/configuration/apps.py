from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConfigurationConfig(AppConfig):
    """What the settings of customizable features should be, and how they get to Meta."""

    name = "features.configuration"
    label = "configuration"
    verbose_name = _("Configuration")

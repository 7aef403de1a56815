from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UninstallingConfig(AppConfig):
    """What staff have Meta uninstall, and how far that is."""

    name = "features.uninstalling"
    label = "uninstalling"
    verbose_name = _("Uninstalling")

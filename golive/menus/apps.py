from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MenusConfig(AppConfig):
    """That Meta's feature menu offers what is meant to be offered: no API says it, so people do."""

    name = "golive.menus"
    label = "menus"
    verbose_name = _("Feature menus")

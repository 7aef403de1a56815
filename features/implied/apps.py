from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImpliedConfig(AppConfig):
    """What v2 answers imply, and how it compares with what v3 lists."""

    name = "features.implied"
    label = "implied"
    verbose_name = _("Implied features")

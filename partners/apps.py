from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    """Who is who: partners, their staff, Meta apps and businesses."""

    name = "partners"
    verbose_name = _("Partners")

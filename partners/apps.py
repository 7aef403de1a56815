from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    """Who is who: partners, their staff, Meta apps and businesses."""

    name = "partners"
    verbose_name = _("Partners")

    def ready(self) -> None:
        """Let Django's checks look at the keys; their module needs the models."""
        register(import_string("partners.keys.check_keys"), Tags.database)

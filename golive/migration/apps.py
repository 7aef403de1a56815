from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MigrationConfig(AppConfig):
    """The import of v2 installations, from a file of the partner's to businesses that the portal syncs."""

    name = "golive.migration"
    label = "migration"
    verbose_name = _("Migration from v2")

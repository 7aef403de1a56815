from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.core import checks

from config import celery, deployment
from config.database_roles import check_role


class PortalAdminConfig(admin.AdminConfig):
    """The admin with the portal's own site."""

    default = False
    default_site = "config.admin.PortalAdminSite"


class WiringConfig(AppConfig):
    """The wiring room: it has commands, and no models."""

    name = "config"
    default = True

    def ready(self) -> None:
        """Make the portal's Celery application the one that tasks and wake-ups use; add to what is checked."""
        celery.app.set_default()
        deployment.register_checks()
        checks.register(check_role, checks.Tags.database)

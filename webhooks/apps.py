from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """The door at which Meta knocks: deliveries received, verified, kept."""

    name = "webhooks"
    verbose_name = _("Webhooks")

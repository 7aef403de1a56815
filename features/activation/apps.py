from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivationConfig(AppConfig):
    """What makes each installed feature work, and whether it does."""

    name = "features.activation"
    label = "activation"
    verbose_name = _("Activation")

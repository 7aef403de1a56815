"""What leads the engine to look, and so to the changes that it finds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Cause(models.TextChoices):
    """What led to a sync, and so to the changes that it found."""

    WEBHOOK = "webhook", _("webhook")
    RETURN = "return", _("return from Meta")
    RECONCILE = "reconcile", _("reconcile")
    STAFF = "staff", _("staff")
    PUSH = "push", _("push")
    IMPORT = "import", _("import")
    UNINSTALL = "uninstall", _("uninstall by staff")

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogsConfig(AppConfig):
    """Products of businesses, and how every catalog at Meta is kept in step with them."""

    name = "catalogs"
    verbose_name = _("Catalogs")

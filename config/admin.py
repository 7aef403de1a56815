"""The admin site of partner staff."""

from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class PortalAdminSite(AdminSite):
    """Django's admin under the portal's name."""

    site_header = _("Onboarding portal")
    site_title = _("Onboarding portal")
    index_title = _("Partners and their businesses")

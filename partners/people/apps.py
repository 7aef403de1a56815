from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Colleagues: how they are invited, sign in, prove who they are, and leave."""

    name = "partners.people"
    label = "people"
    verbose_name = _("People")

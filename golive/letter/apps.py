from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LetterConfig(AppConfig):
    """What the Meta representative needs to know before tests, and who tests."""

    name = "golive.letter"
    label = "letter"
    verbose_name = _("Letters to Meta")

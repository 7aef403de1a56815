"""What people confirmed of Meta's feature menu, with the picture that they took of it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import MetaApp, Partner

LONGEST_NAME = 200
LONGEST_NOTE = 500


class MenuConfirmation(models.Model):
    """One look at one vertical's menu. It is never changed but for being taken back; the newest one counts.

    `offered` is `golive.menus.offers.Offer.as_json` of that day, and `fingerprint` its hash: the confirmation is good
    for as long as the same is meant to be offered.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, verbose_name=_("partner"), related_name="+", db_index=False)
    meta_app = models.ForeignKey(
        MetaApp,
        models.CASCADE,
        verbose_name=_("Meta app"),
        related_name="menu_confirmations",
        db_constraint=False,
        db_index=False,
    )
    vertical = models.CharField(_("vertical"), max_length=64)
    offered = models.JSONField(_("offered"), default=dict)
    fingerprint = models.CharField(max_length=64)
    confirmed_by = models.CharField(_("confirmed by"), max_length=LONGEST_NAME)
    confirmed_at = models.DateTimeField(_("confirmed at"), default=timezone.now)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE, blank=True)
    picture = models.BinaryField()
    picture_type = models.CharField(max_length=32)
    withdrawn_by = models.CharField(_("taken back by"), max_length=LONGEST_NAME, blank=True)
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    class Meta:
        verbose_name = _("confirmation of a menu")
        verbose_name_plural = _("confirmations of menus")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="menu_confirmation_of_partner"),)
        indexes = (models.Index(fields=["meta_app", "vertical", "-id"], name="menu_confirmation_newest"),)

    def __str__(self) -> str:
        return f"{self.vertical} · {timezone.localtime(self.confirmed_at):%Y-%m-%d %H:%M}"

"""How what a v2 connection implied compares with what Meta lists since v3."""

import hashlib
import json

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from features.models import Installation
from partners.models import Partner

LONGEST_NAME = 200


class Reason(models.TextChoices):
    """Why a feature is the same, gained or lost; a few are said of both the lost and the gained."""

    LISTED = "listed", _("Meta lists it with the asset that it was implied by.")
    ONLY_ONE = "only_one", _("Meta lists it without naming the asset; it can be no other.")
    OWN_ASSET = "own_asset", _("Meta lists it with an asset of its own; what it was implied by is another feature's.")
    HELD = "held", _("Meta lists its asset as a part of another feature, in which it goes on.")
    NOT_IMPLIED = "not_implied", _("Meta lists it newly; the v2 channel and its assets did not imply it.")
    OTHER_ASSET = "other_asset", _("Meta lists the type, but with another asset than the one it was implied by.")
    UNNAMED = "unnamed", _("Meta lists the type without naming the asset, so it cannot be told whether it is the same.")
    OTHER_SHOP = "other_shop", _("Meta lists the shop's settings with the other kind of shop only.")
    ASSET_GONE = "asset_gone", _("The asset that it was implied by is no longer shared.")
    NOT_LISTED = "not_listed", _("Its asset is still shared, but Meta does not list the feature.")
    DISCONNECTED = "disconnected", _("Meta had nothing of the business any more: the connection had ended.")
    GIVEN_UP = "given_up", _("Meta does not list it, and staff treat it as gone.")


class Parity(models.Model):
    """One for each installation that went from v2 to v3, or ended there: what stayed the same, what came, what went.

    `same`, `gained` and `lost` are lists of {"feature_type", "assets", "reason"}, the reason of `Reason`, with their
    lengths as columns. `looked_at` is empty until somebody has looked at it.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    installation = models.OneToOneField(
        Installation, models.PROTECT, verbose_name=_("installation"), related_name="parity", db_constraint=False
    )
    compared_at = models.DateTimeField(_("compared at"), default=timezone.now)
    same = models.JSONField(_("the same"), default=list, blank=True)
    gained = models.JSONField(_("gained"), default=list, blank=True)
    lost = models.JSONField(_("lost"), default=list, blank=True)
    same_count = models.PositiveIntegerField(_("the same"), default=0)
    gained_count = models.PositiveIntegerField(_("gained"), default=0)
    lost_count = models.PositiveIntegerField(_("lost"), default=0)
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    looked_by = models.CharField(_("looked at by"), max_length=LONGEST_NAME, blank=True)

    class Meta:
        verbose_name = _("parity")
        verbose_name_plural = _("parities")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="parity_of_partner"),)
        indexes = (models.Index(fields=["partner", "-lost_count", "-id"], name="parity_most_lost"),)

    def __str__(self) -> str:
        return f"{self.installation}"

    @property
    def digest(self) -> str:
        """By what a page says which differences it showed."""
        shown = json.dumps([self.gained, self.lost], sort_keys=True)
        return hashlib.sha256(shown.encode()).hexdigest()[:16]

"""A rollout's rows for one business: the arm that staff chose for it, and that it saw the button."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Business, Partner


class ArmOverride(models.Model):
    """One business's arm of a rollout, chosen by staff whatever the percentage."""

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+")
    entry_point = models.ForeignKey(
        "onboarding.EntryPoint",
        models.CASCADE,
        verbose_name=_("entry point"),
        related_name="arm_overrides",
        db_constraint=False,
    )
    business = models.ForeignKey(
        Business, models.CASCADE, verbose_name=_("business"), related_name="arm_overrides", db_constraint=False
    )
    use_minimal_onboarding = models.BooleanField(_("v3 menu"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("chosen arm")
        verbose_name_plural = _("chosen arms")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="arm_override_of_partner"),
            models.UniqueConstraint(fields=["entry_point", "business"], name="arm_override_once"),
        )

    def __str__(self) -> str:
        return f"{self.business} · {self.entry_point}"


class Showing(models.Model):
    """That a business saw an entry point's button, in one arm of its rollout."""

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+")
    entry_point = models.ForeignKey(
        "onboarding.EntryPoint",
        models.CASCADE,
        verbose_name=_("entry point"),
        related_name="showings",
        db_constraint=False,
    )
    business = models.ForeignKey(
        Business, models.CASCADE, verbose_name=_("business"), related_name="showings", db_constraint=False
    )
    use_minimal_onboarding = models.BooleanField(_("v3 menu"))
    # Whether staff had chosen it: the override itself may be gone by the time that the rollout is judged.
    is_arm_chosen = models.BooleanField(_("chosen arm"), default=False)
    first_at = models.DateTimeField(_("first shown at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("showing")
        verbose_name_plural = _("showings")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="showing_of_partner"),
            models.UniqueConstraint(
                fields=["entry_point", "business", "use_minimal_onboarding"], name="showing_once_for_each_arm"
            ),
        )

    def __str__(self) -> str:
        return f"{self.business} · {self.entry_point}"

"""What the checks of a Meta app found last, and how that changed."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import MetaApp, Partner

LONGEST_STEP = 48


class Check(models.Model):
    """The last result of one check of an app, for a vertical or a way in where it is about one.

    `evidence` and `step` are of the last time that the check could be made; `problem` says why it could not be made
    since, in which case the state stays and `checked_at` grows old.
    """

    class State(models.TextChoices):
        """What was found; nothing is good until it was seen to be."""

        GREEN = "green", _("good")
        RED = "red", _("to do")
        UNKNOWN = "unknown", _("not checked yet")

    partner = models.ForeignKey(Partner, models.CASCADE, verbose_name=_("partner"), related_name="+", db_index=False)
    meta_app = models.ForeignKey(
        MetaApp, models.CASCADE, verbose_name=_("Meta app"), related_name="checks", db_constraint=False, db_index=False
    )
    key = models.CharField(_("check"), max_length=32)
    subject = models.CharField(_("about"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.UNKNOWN)
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    step = models.CharField(_("next step"), max_length=LONGEST_STEP, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    # When the run began that wrote last, by the database's clock; an older run writes nothing after it.
    tried_at = models.DateTimeField(_("tried at"), null=True, blank=True)
    # Set when somebody asks for the check, until it is made.
    asked_at = models.DateTimeField(_("asked for at"), null=True, blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="check_of_partner"),
            models.UniqueConstraint(fields=["meta_app", "key", "subject"], name="check_once"),
        )
        indexes = (
            models.Index(fields=["meta_app"], name="check_asked_for", condition=models.Q(asked_at__isnull=False)),
        )

    def __str__(self) -> str:
        return " ".join(filter(None, (self.key, self.subject)))


class CheckChange(models.Model):
    """One change of a check's state: what it was, what it became, and on what evidence."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    check_row = models.ForeignKey(Check, models.CASCADE, related_name="changes", db_constraint=False, db_index=False)
    changed_at = models.DateTimeField(_("at"), default=timezone.now)
    before = models.CharField(_("before"), max_length=8, choices=Check.State)
    after = models.CharField(_("after"), max_length=8, choices=Check.State)
    step = models.CharField(_("next step"), max_length=LONGEST_STEP, blank=True)
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)

    class Meta:
        verbose_name = _("change of a check")
        verbose_name_plural = _("changes of checks")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="check_change_of_partner"),)
        indexes = (models.Index(fields=["check_row", "-id"], name="check_change_of_check"),)

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"

"""Whether each installed feature works in the partner's product, and what is still to be done for it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from features.models import Feature, Installation
from partners.models import Partner


class Activation(models.Model):
    """One for each feature instance: the steps that make it work, and how far they are.

    `steps` is a list of objects: `step` (a code), `state` (of `StepState`), `facts` (what was seen), `detail` (Meta's
    words). `due_at` asks for a look; nobody looks before it.
    """

    class State(models.TextChoices):
        """How far it is."""

        PENDING = "pending", _("pending")
        ACTIVE = "active", _("active")
        ACTION_NEEDED = "action_needed", _("action needed")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("unknown feature type")
        ENDED = "ended", _("ended")

    class StepState(models.TextChoices):
        """Of one step."""

        DONE = "done", _("done")
        TO_DO = "to_do", _("to do")
        FAILED = "failed", _("failed")
        WAITING = "waiting", _("waiting")
        NOTE = "note", _("note")

    class Actor(models.TextChoices):
        """Who has to act."""

        STAFF = "staff", _("partner's staff")
        MERCHANT = "merchant", _("merchant")
        META = "meta", _("Meta representative")

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    installation = models.ForeignKey(
        Installation,
        models.PROTECT,
        verbose_name=_("installation"),
        related_name="activations",
        db_constraint=False,
        db_index=False,
    )
    feature = models.OneToOneField(
        Feature, models.PROTECT, verbose_name=_("feature"), related_name="activation", db_constraint=False
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    actor = models.CharField(_("who has to act"), max_length=16, choices=Actor, blank=True)
    steps = models.JSONField(_("steps"), default=list)
    # What of the feature it was made for: it is made anew when these differ.
    assets = models.JSONField(_("assets"), default=dict)
    # A person's word that what the portal cannot check works; it holds for these assets only.
    confirmed_by = models.CharField(_("confirmed by"), max_length=200, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    due_at = models.DateTimeField(_("next look at"), null=True, blank=True)
    # Raised by whoever asks for a look, so that one asked for during a look is not lost.
    requested = models.BigIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    state_at = models.DateTimeField(_("state since"), default=timezone.now)

    class Meta:
        verbose_name = _("activation")
        verbose_name_plural = _("activations")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="activation_of_partner"),)
        indexes = (
            models.Index(fields=["partner", "state", "-id"], name="activation_by_state"),
            models.Index(fields=["installation"], name="activation_of_installation"),
            models.Index(fields=["due_at"], name="activation_due", condition=Q(due_at__isnull=False)),
        )

    def __str__(self) -> str:
        return str(self.feature)

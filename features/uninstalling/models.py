"""Every request of staff to uninstall at Meta, from the asking to its end."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from features.models import Feature, Installation
from partners.models import Partner

LONGEST_NAME = 200


class Uninstall(models.Model):
    """One request to take a whole connection away at Meta, or the one `feature` that it names; never deleted.

    Asked for, sent to Meta, acknowledged by it, and over when a sync has seen it gone. `sent_at` is the last call of
    which Meta may have taken notice, whether its answer arrived or not.
    """

    class State(models.TextChoices):
        """How far it is."""

        REQUESTED = "requested", _("requested")
        ACKNOWLEDGED = "acknowledged", _("acknowledged by Meta")
        GONE = "gone", _("gone at Meta")
        REFUSED = "refused", _("refused by Meta")
        UNCONFIRMED = "unconfirmed", _("not confirmed")
        CALLED_OFF = "called_off", _("called off")

    class Reason(models.TextChoices):
        """Why it ended so, where that is not Meta's words alone."""

        GONE_BEFORE = "gone_before", _("It was gone before anything was sent to Meta.")
        NO_TOKEN = "no_token", _("There is no access token that Meta accepts.")
        UNANSWERED = "unanswered", _("The answer to our call was lost, and Meta accepts no further call.")
        STILL_SHOWN = "still_shown", _("Meta has acknowledged it, and still shows it.")
        NEW_SINCE = "new_since", _("Meta shows features that have come since it acknowledged it.")
        UNREAD = "unread", _("Meta has acknowledged it, but does not let us see whether it is gone.")
        CONNECTED_ANEW = "connected_anew", _("The business connected anew.")
        WITHDRAWN = "withdrawn", _("Somebody called it off.")
        REPLACED = "replaced", _("The whole connection is uninstalled in its place.")

    OPEN = (State.REQUESTED, State.ACKNOWLEDGED)

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    installation = models.ForeignKey(
        Installation,
        models.PROTECT,
        verbose_name=_("installation"),
        related_name="uninstalls",
        db_constraint=False,
        db_index=False,
    )
    feature = models.ForeignKey(
        Feature,
        models.PROTECT,
        verbose_name=_("feature"),
        null=True,
        blank=True,
        related_name="uninstalls",
        db_constraint=False,
        db_index=False,
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.REQUESTED)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason, blank=True)
    # Of one that is still open: what the last try failed with.
    detail = models.CharField(_("in Meta's words"), max_length=500, blank=True)
    asked_by = models.CharField(_("asked for by"), max_length=LONGEST_NAME)
    asked_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent to Meta at"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged by Meta at"), null=True, blank=True)
    # The business came back from Meta meanwhile: nothing more is sent.
    connected_anew_at = models.DateTimeField(_("connected anew at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    # How often Meta said yes, how often a sync was asked to look since, and which generation is to be the look's.
    calls = models.PositiveIntegerField(_("acknowledged calls"), default=0)
    looks = models.PositiveIntegerField(_("looks"), default=0)
    looked_generation = models.BigIntegerField(default=0)
    # A claim's number; a worker that lost its claim writes nothing any more.
    attempt = models.PositiveIntegerField(_("attempts"), default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    wait = models.CharField(_("waits for"), max_length=16, choices=Installation.Wait, blank=True)

    class Meta:
        verbose_name = _("uninstall")
        verbose_name_plural = _("uninstalls")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="uninstall_of_partner"),
            models.UniqueConstraint(
                fields=["installation"],
                condition=Q(feature=None, state__in=("requested", "acknowledged")),
                name="uninstall_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["feature"],
                condition=Q(feature__isnull=False, state__in=("requested", "acknowledged")),
                name="uninstall_of_feature_one_at_a_time",
            ),
        )
        indexes = (
            models.Index(fields=["partner", "state", "-id"], name="uninstall_by_state"),
            models.Index(fields=["installation", "-id"], name="uninstall_of_installation"),
            models.Index(fields=["feature", "-id"], name="uninstall_of_feature", condition=Q(feature__isnull=False)),
            models.Index(
                fields=["asked_at"], name="uninstall_due", condition=Q(state__in=("requested", "acknowledged"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.feature or self.installation} · {timezone.localtime(self.asked_at):%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Whether something may still come of it."""
        return self.state in self.OPEN

    @property
    def is_whole(self) -> bool:
        """Whether it is about the whole connection."""
        return self.feature_id is None

    @property
    def explanation(self) -> str:
        """Why it ended so, or still waits, for people; empty when there is nothing to say."""
        label = str(self.get_reason_display()) if self.reason else ""
        return f"{label} ({self.detail})" if label and self.detail else label or self.detail

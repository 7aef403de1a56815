"""What each feature instance's configuration should be, and every attempt to bring Meta to it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from features.models import Feature, Installation
from partners.models import Partner

LONGEST_NAME = 200


class Wanted(models.Model):
    """The configuration that a feature instance should have, and how Meta's compares with it.

    `values` is flat: the settings under Meta's names (meta-api §1.9), and `enabled`. The rest is Meta's to say.
    """

    class Origin(models.TextChoices):
        """Where the values came from."""

        STAFF = "staff", _("staff")
        ENTRY_POINT = "entry_point", _("entry point's defaults")
        META = "meta", _("adopted from Meta")
        UNINSTALL = "uninstall", _("uninstalled by staff")

    class Status(models.TextChoices):
        """How Meta's configuration compares."""

        AS_WANTED = "as_wanted", _("as wanted")
        UNPUSHED = "unpushed", _("not pushed yet")
        PUSHING = "pushing", _("being pushed")
        DRIFT = "drift", _("changed at Meta")
        REFUSED = "refused", _("refused by Meta")
        DIFFERS = "differs", _("Meta kept something else")

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    feature = models.OneToOneField(
        Feature, models.PROTECT, verbose_name=_("feature"), related_name="wanted", db_constraint=False
    )
    values = models.JSONField(_("wanted"), default=dict)
    origin = models.CharField(_("from"), max_length=16, choices=Origin)
    changed_by = models.CharField(_("changed by"), max_length=LONGEST_NAME, blank=True)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)
    # Raised with every change of `values`: two people who edit at once are told of each other.
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.UNPUSHED)
    status_at = models.DateTimeField(_("status since"), default=timezone.now)

    class Meta:
        verbose_name = _("wanted configuration")
        verbose_name_plural = _("wanted configurations")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="wanted_of_partner"),)
        indexes = (models.Index(fields=["partner", "status", "-id"], name="wanted_by_status"),)

    def __str__(self) -> str:
        return str(self.feature)


class PushRun(models.Model):
    """A push to many businesses at once, that can be watched and stopped."""

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("asked for by"), null=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)

    class Meta:
        verbose_name = _("push to many")
        verbose_name_plural = _("pushes to many")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="push_run_of_partner"),)

    def __str__(self) -> str:
        return f"{timezone.localtime(self.asked_at):%Y-%m-%d %H:%M}"


class Push(models.Model):
    """One plan to change one feature instance at Meta, made against what Meta had, and its end; never deleted."""

    class State(models.TextChoices):
        """How far it is."""

        PLANNED = "planned", _("planned")
        WAITING = "waiting", _("waits to be pushed")
        CONFIRMED = "confirmed", _("confirmed by Meta")
        REFUSED = "refused", _("refused by Meta")
        DIFFERS = "differs", _("Meta kept something else")
        MOVED = "moved", _("changed at Meta meanwhile")
        DROPPED = "dropped", _("not pushed")

    class Reason(models.TextChoices):
        """Why it ended so, where it was not Meta that said it."""

        REPLACED = "replaced", _("A newer plan took its place.")
        WITHDRAWN = "withdrawn", _("Somebody withdrew it.")
        STOPPED = "stopped", _("The push to many was stopped.")
        REMOVED = "removed", _("The feature is no longer installed.")
        UNINSTALLED = "uninstalled", _("Staff had the feature uninstalled.")
        BUSY = "busy", _("Another push of the feature was under way.")
        NOT_NAMED = "not_named", _("Meta's configuration names no such feature instance.")
        UNREAD = "unread", _("Meta took it, but could not be asked afterwards.")
        NO_TOKEN = "no_token", _("There is no access token that Meta accepts.")
        PERMISSION = "permission", _("A permission is missing or was taken back.")
        SECRET = "secret", _("Meta does not accept the app secret that is kept here.")

    OPEN = (State.PLANNED, State.WAITING)
    # What ends with another token, and with another secret: such a push goes on by itself then.
    FOR_A_TOKEN = (Reason.NO_TOKEN, Reason.PERMISSION)
    CURABLE = (*FOR_A_TOKEN, Reason.SECRET)

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    installation = models.ForeignKey(
        Installation,
        models.PROTECT,
        verbose_name=_("installation"),
        related_name="pushes",
        db_constraint=False,
        db_index=False,
    )
    feature = models.ForeignKey(
        Feature, models.PROTECT, verbose_name=_("feature"), related_name="pushes", db_constraint=False, db_index=False
    )
    run = models.ForeignKey(
        PushRun,
        models.PROTECT,
        verbose_name=_("push to many"),
        null=True,
        blank=True,
        related_name="pushes",
        db_constraint=False,
        db_index=False,
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PLANNED)
    # Flat, as `Wanted.values`: what is to be, what Meta had of it when the plan was made, what Meta had at the end.
    wanted = models.JSONField(_("wanted"), default=dict)
    based_on = models.JSONField(_("based on"), default=dict)
    kept = models.JSONField(_("at Meta afterwards"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason, blank=True)
    # Of a push that still waits: what the last try failed with.
    detail = models.CharField(_("in Meta's words"), max_length=500, blank=True)
    # How Meta's configuration compared when the push was asked for, should nothing come of it.
    status_before = models.CharField(max_length=16, choices=Wanted.Status, blank=True)
    # Empty: an entry point's defaults, pushed by the portal itself.
    planned_by = models.CharField(_("planned by"), max_length=LONGEST_NAME, blank=True)
    planned_at = models.DateTimeField(_("planned at"), default=timezone.now)
    asked_at = models.DateTimeField(_("push asked for at"), null=True, blank=True)
    # When the last try began: what has come since, it could not use.
    tried_at = models.DateTimeField(_("last tried at"), null=True, blank=True)
    posted_at = models.DateTimeField(_("sent to Meta at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    # Of one after which Meta did not show what it had taken: when a later read did.
    confirmed_later_at = models.DateTimeField(_("shown by a later read at"), null=True, blank=True)
    # A claim's number; a worker that lost its claim writes nothing any more.
    attempt = models.PositiveIntegerField(_("attempts"), default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)

    class Meta:
        verbose_name = _("push")
        verbose_name_plural = _("pushes")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="push_of_partner"),
            models.UniqueConstraint(fields=["feature"], condition=Q(state="waiting"), name="push_one_at_a_time"),
        )
        indexes = (
            models.Index(fields=["feature", "-id"], name="push_of_feature"),
            models.Index(fields=["partner", "state", "-id"], name="push_by_state"),
            models.Index(fields=["run", "state"], name="push_of_run", condition=Q(run__isnull=False)),
            models.Index(fields=["installation", "asked_at"], name="push_due", condition=Q(state="waiting")),
            models.Index(
                fields=["id"],
                name="push_curable",
                condition=Q(state="refused", reason__in=["no_token", "permission", "secret"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.feature} · {timezone.localtime(self.planned_at):%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Whether something may still come of it."""
        return self.state in self.OPEN

    @property
    def explanation(self) -> str:
        """Why it ended so, or still waits, for people; empty when there is nothing to say."""
        label = str(self.get_reason_display()) if self.reason else ""
        return f"{label} ({self.detail})" if label and self.detail else label or self.detail

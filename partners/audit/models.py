"""What people did: written once, never changed, kept when partner or person is gone; and its exports."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from partners.models import Partner

LONGEST_NAME = 200


class Action(models.TextChoices):
    """What was done."""

    ADDED = "added", _("added")
    CHANGED = "changed", _("changed")
    REMOVED = "removed", _("removed")
    SECRET_REPLACED = "secret_replaced", _("secret replaced")
    SECRET_RETIRED = "secret_retired", _("secret retired")
    KEYS_ROTATED = "keys_rotated", _("keys rotated")
    LINK_MADE = "link_made", _("link made")
    LINK_REVOKED = "link_revoked", _("link revoked")
    SYNC_ASKED = "sync_asked", _("sync asked for")
    PROCESSED_AGAIN = "processed_again", _("processed again")
    ADOPTED = "adopted", _("adopted")
    PLANNED = "planned", _("push planned")
    PUSHED = "pushed", _("push asked for")
    STOPPED = "stopped", _("stopped")
    UNINSTALL_ASKED = "uninstall_asked", _("uninstall asked for")
    CALLED_OFF = "called_off", _("called off")
    CHECKED = "checked", _("check asked for")
    CONFIRMED = "confirmed", _("confirmed to work")
    UPLOADED = "uploaded", _("products handed over")
    EXPORTED = "exported", _("exported")
    DOWNLOADED = "downloaded", _("downloaded")
    INVITED = "invited", _("invited")
    INVITATION_REVOKED = "invitation_revoked", _("invitation revoked")
    JOINED = "joined", _("joined")
    ROLE_CHANGED = "role_changed", _("role changed")
    DEACTIVATED = "deactivated", _("deactivated")
    REACTIVATED = "reactivated", _("reactivated")
    SIGNED_IN = "signed_in", _("signed in")
    SIGNED_OUT = "signed_out", _("signed out")
    SIGN_IN_REFUSED = "sign_in_refused", _("sign-in refused")
    RESET_ASKED = "reset_asked", _("password reset asked for")
    PASSWORD_CHANGED = "password_changed", _("password changed")
    SECOND_FACTOR_SET_UP = "second_factor_set_up", _("second factor set up")
    SECOND_FACTOR_REMOVED = "second_factor_removed", _("second factor removed")


class Via(models.TextChoices):
    """The way by which it was done."""

    ADMIN = "admin", _("admin")
    COMMAND = "command", _("command")
    PAGE = "page", _("page")
    TASK = "task", _("task")


class AuditEntry(models.Model):
    """One act of one person. The runtime role may only add to this table, so what a row names it names by itself.

    Neither the partner nor the actor is held by a constraint: their ends must not touch what they did. An entry without
    a partner is an act of the platform.
    """

    partner = models.ForeignKey(
        Partner,
        models.DO_NOTHING,
        verbose_name=_("partner"),
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    occurred_at = models.DateTimeField(_("at"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        verbose_name=_("person"),
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    actor_name = models.CharField(_("by"), max_length=LONGEST_NAME)
    via = models.CharField(_("by way of"), max_length=16, choices=Via)
    address = models.GenericIPAddressField(_("from"), null=True)
    action = models.CharField(_("action"), max_length=32, choices=Action)
    object_type = models.CharField(_("kind"), max_length=100)
    object_id = models.CharField(_("number"), max_length=64)
    object_name = models.CharField(_("what"), max_length=LONGEST_NAME)
    changes = models.JSONField(_("changes"), default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="audit_entry_newest"),)
        indexes = (
            models.Index(fields=["partner", "occurred_at", "id"], name="audit_entry_by_time"),
            models.Index(fields=["partner", "action", "-id"], name="audit_entry_by_action"),
            models.Index(fields=["action", "-id"], name="audit_entry_by_action_of_all"),
            models.Index(fields=["actor_name", "-id"], name="audit_entry_by_actor"),
            models.Index(fields=["object_id", "object_type", "-id"], name="audit_entry_of_object"),
        )

    def __str__(self) -> str:
        return f"{self.get_action_display()} · {timezone.localtime(self.occurred_at):%Y-%m-%d %H:%M}"


class AuditExport(models.Model):
    """A partner's log of a period as CSV: asked for, made by a worker, kept for some days."""

    class Status(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", _("waiting for a worker")
        WORKING = "working", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    partner = models.ForeignKey(
        Partner, models.CASCADE, verbose_name=_("partner"), related_name="audit_exports", db_index=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("asked for by"),
        null=True,
        editable=False,
        related_name="+",
    )
    asked_at = models.DateTimeField(_("asked for at"), default=timezone.now, editable=False)
    # The entries of since <= occurred_at < until.
    since = models.DateTimeField(_("from"), editable=False)
    until = models.DateTimeField(_("until"), editable=False)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.WAITING, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    # The last entry that is in a part: the next part begins after it.
    reached_at = models.DateTimeField(null=True, editable=False)
    reached_id = models.BigIntegerField(default=0, editable=False)
    rows = models.BigIntegerField(_("rows"), default=0, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)

    class Meta:
        verbose_name = _("audit log export")
        verbose_name_plural = _("audit log exports")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="audit_export_newest"),
            models.UniqueConstraint(
                fields=["partner"], condition=Q(status__in=["waiting", "working"]), name="audit_export_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.first_day:%Y-%m-%d} … {self.last_day:%Y-%m-%d}"

    @property
    def first_day(self) -> date:
        """The day on which the period begins, in the reader's zone."""
        return timezone.localtime(self.since).date()

    @property
    def last_day(self) -> date:
        """The last day that has something of the period, in the reader's zone."""
        return timezone.localtime(self.until - timedelta(microseconds=1)).date()

    @property
    def is_finished(self) -> bool:
        """Whether nothing of it is still to come."""
        return self.status in (self.Status.READY, self.Status.FAILED)


class AuditExportPart(models.Model):
    """Some lines of an export, compressed by gzip; all in a row are the file."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    export = models.ForeignKey(AuditExport, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    lines = models.BinaryField()

    class Meta:
        verbose_name = _("part of an audit log export")
        verbose_name_plural = _("parts of audit log exports")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="audit_export_part_of_partner"),
            models.UniqueConstraint(fields=["export", "number"], name="audit_export_part_once"),
        )

    def __str__(self) -> str:
        return f"{self.export_id} · {self.number}"

"""Imports of v2 installations: the file while it is taken, and what became of its rows."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogs.models import Format
from partners.models import MetaApp, Partner

LONGEST_ID = 200


class Import(models.Model):
    """One file of v2 installations, taken row by row, and resumed after a crash."""

    class State(models.TextChoices):
        """How far it is."""

        ARRIVING = "arriving", _("arriving")
        WAITING = "waiting", _("waiting")
        READING = "reading", _("being read")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    meta_app = models.ForeignKey(
        MetaApp, models.PROTECT, verbose_name=_("Meta app"), related_name="imports", db_constraint=False
    )
    name = models.CharField(_("file"), max_length=200, blank=True)
    format = models.CharField(_("format"), max_length=8, choices=Format)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("by"), null=True, blank=True, related_name="+"
    )
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.ARRIVING)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    # Where the rows begin and how they are divided: the part with the first line is gone when the rest is read.
    head = models.JSONField(default=dict)
    ignored = models.JSONField(_("columns left out"), default=list)
    size = models.BigIntegerField(_("bytes"), default=0)
    bytes_read = models.BigIntegerField(_("bytes read"), default=0)
    lines_read = models.BigIntegerField(_("lines read"), default=0)
    imported = models.BigIntegerField(_("imported"), default=0)
    unchanged = models.BigIntegerField(_("known before"), default=0)
    to_reconnect = models.BigIntegerField(_("to reconnect"), default=0)
    rejected = models.BigIntegerField(_("rejected"), default=0)
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("import from v2")
        verbose_name_plural = _("imports from v2")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="import_of_partner"),)
        indexes = (
            models.Index(
                fields=["id"], name="import_due", condition=Q(state__in=["arriving", "waiting", "reading", "stopped"])
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} · {timezone.localtime(self.arrived_at):%Y-%m-%d %H:%M}"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in (self.State.DONE, self.State.FAILED)

    @property
    def rows_taken(self) -> int:
        """How many rows there is a result of."""
        return self.imported + self.unchanged + self.to_reconnect + self.rejected

    @property
    def waits_until(self) -> datetime | None:
        """When it goes on by itself, where it waits for Meta, or for a limit of its app; None where it does not."""
        times = (self.not_before, self.meta_app.paused_until) if self.state == self.State.WAITING else ()
        return max((each for each in times if each is not None and each > timezone.now()), default=None)


class ImportPart(models.Model):
    """A piece of the file, sealed for the tokens in it; gone as soon as its rows are taken."""

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Import, models.CASCADE, related_name="parts", db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    sealed = models.BinaryField(editable=False)

    class Meta:
        verbose_name = _("part of an import")
        verbose_name_plural = _("parts of imports")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="import_part_of_partner"),
            models.UniqueConstraint(fields=["run", "number"], name="import_part_once"),
        )

    def __str__(self) -> str:
        return f"{self.run_id} · {self.number}"


class ImportRow(models.Model):
    """What became of a row. Those of which there is nothing to say go when the import ends."""

    class Outcome(models.TextChoices):
        """What became of it."""

        IMPORTED = "imported", _("imported")
        UNCHANGED = "unchanged", _("known before")
        RECONNECT = "reconnect", _("to reconnect")
        REJECTED = "rejected", _("rejected")

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Import, models.CASCADE, related_name="rows", db_constraint=False, db_index=False)
    line = models.BigIntegerField(_("line"))
    external_business_id = models.CharField(_("external business id"), max_length=LONGEST_ID, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    # Codes with the field that they are about (see `golive.migration.wording`): why it was rejected, or what differs.
    reasons = models.JSONField(_("reasons"), default=list)
    # Of a rejected row all known columns but the token; of one that cannot be read what is safe to show of its line.
    columns = models.JSONField(default=dict)
    # Synced together with all others of the file, so that Meta is asked in full batches.
    installation_to_sync = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="import_row_of_partner"),
            models.UniqueConstraint(fields=["run", "line"], name="import_row_once"),
        )
        indexes = (
            models.Index(fields=["run", "external_business_id"], name="import_row_by_business"),
            models.Index(fields=["run"], name="import_row_to_sync", condition=Q(installation_to_sync__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.line}: {self.external_business_id}"

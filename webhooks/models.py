"""The inbox: every verified body as it came, and the notices found in it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from features.models import Installation
from partners.encryption import unseal_bytes
from partners.models import MetaApp, Partner


class Delivery(models.Model):
    """One verified POST, its body always encrypted.

    While it waits, and for good where it is unreadable or failed, the body is the whole of what Meta sent. Once it is
    processed, marks stand in the place of its secrets (`mbe.redaction`): a token has moved to the installation's, or to
    the notice that waits for one. People see even the marks masked.
    """

    class Status(models.TextChoices):
        """How far it has come."""

        RECEIVED = "received", _("waiting")
        PROCESSED = "processed", _("processed")
        UNREADABLE = "unreadable", _("unreadable")
        FAILED = "failed", _("failed")

    # The key to the app holds the partner, too; a second one would be a second look-up in each acknowledgement.
    partner = models.ForeignKey(
        Partner,
        models.PROTECT,
        verbose_name=_("partner"),
        related_name="deliveries",
        db_index=False,
        db_constraint=False,
    )
    meta_app = models.ForeignKey(
        MetaApp,
        models.PROTECT,
        verbose_name=_("Meta app"),
        related_name="deliveries",
        db_constraint=False,
        db_index=False,
    )
    received_at = models.DateTimeField(_("received at"), default=timezone.now, editable=False)
    sealed_body = models.BinaryField(editable=False)
    size = models.PositiveIntegerField(_("size in bytes"))
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.RECEIVED)
    processed_at = models.DateTimeField(_("processed at"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="delivery_of_partner"),)
        indexes = (
            models.Index(fields=["id"], name="delivery_waiting", condition=Q(status="received")),
            models.Index(fields=["id"], name="delivery_in_trouble", condition=Q(status__in=["unreadable", "failed"])),
        )

    def __str__(self) -> str:
        return f"{self.pk} · {timezone.localtime(self.received_at):%Y-%m-%d %H:%M:%S}"

    @property
    def raw_body(self) -> bytes:
        """The bytes as Meta sent them, with marks for the secrets once they are processed."""
        return unseal_bytes(self.sealed_body)


class DeliveredNotice(models.Model):
    """One notice of a delivery, and what became of it."""

    class Outcome(models.TextChoices):
        """What became of the notice."""

        HINTED = "hinted", _("sync asked for")
        DUPLICATE = "duplicate", _("received before")
        UNKNOWN_BUSINESS = "unknown_business", _("unknown business")
        UNIDENTIFIED = "unidentified", _("names no business")
        IGNORED = "ignored", _("not about an installation")

    partner = models.ForeignKey(
        Partner, models.PROTECT, verbose_name=_("partner"), related_name="notices", db_index=False
    )
    meta_app = models.ForeignKey(
        MetaApp, models.PROTECT, verbose_name=_("Meta app"), related_name="notices", db_constraint=False, db_index=False
    )
    delivery = models.ForeignKey(
        Delivery,
        models.CASCADE,
        verbose_name=_("delivery"),
        related_name="notices",
        db_constraint=False,
        db_index=False,
    )
    position = models.PositiveIntegerField(_("position"))
    digest = models.CharField(max_length=64, editable=False)
    field = models.CharField(_("field"), max_length=128, blank=True)
    fbe_event = models.CharField(_("event"), max_length=128, blank=True)
    external_business_id = models.CharField(_("external business id"), max_length=200, blank=True)
    business_manager_id = models.CharField(_("business manager id"), max_length=64, blank=True)
    sealed_token = models.BinaryField(null=True, editable=False)
    says_uninstall = models.BooleanField(_("says uninstall"), default=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=24, choices=Outcome)
    installation = models.ForeignKey(
        Installation,
        models.SET_NULL,
        verbose_name=_("installation"),
        null=True,
        blank=True,
        related_name="notices",
        db_constraint=False,
        help_text=_("The first one, where a notice speaks of a whole Business Manager."),
    )

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = (models.UniqueConstraint(fields=["delivery", "position"], name="notice_position_once"),)
        indexes = (
            models.Index(fields=["meta_app", "digest"], name="notice_by_digest"),
            models.Index(fields=["partner", "-id"], name="notice_newest"),
            models.Index(
                fields=["id"],
                name="notice_not_hinted",
                condition=Q(outcome__in=["duplicate", "unknown_business", "unidentified", "ignored"]),
            ),
            models.Index(
                fields=["meta_app", "external_business_id"],
                name="notice_unknown_business",
                condition=Q(outcome="unknown_business"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.field} · {self.external_business_id or self.business_manager_id}"


class RefusedCount(models.Model):
    """How many requests an app's endpoint refused on a day, by reason; nothing else of them is kept.

    Nor is more kept of webhooks that only the previous secret verified; they are counted once in a while, not each.
    """

    PREVIOUS_SECRET = "previous secret"
    REASONS: ClassVar[dict[str, Any]] = {"signature": _("wrong signature"), "verify token": _("wrong verify token")}

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="refused_counts")
    meta_app = models.ForeignKey(MetaApp, models.CASCADE, related_name="refused_counts", db_constraint=False)
    day = models.DateField(_("day"))
    reason = models.CharField(_("reason"), max_length=32)
    count = models.PositiveIntegerField(_("count"), default=0)
    last_at = models.DateTimeField(_("last at"), null=True)

    class Meta:
        verbose_name = _("refused requests")
        verbose_name_plural = _("refused requests")
        constraints = (models.UniqueConstraint(fields=["meta_app", "day", "reason"], name="refused_count_once"),)

    def __str__(self) -> str:
        return f"{self.day} {self.reason}: {self.count}"

    @property
    def reason_shown(self) -> str:
        """The reason in the reader's words."""
        return str(self.REASONS.get(self.reason, self.reason))


class Handshake(models.Model):
    """That an app's endpoint answered Meta's verification request with its challenge (meta-api §2.5), and when last.

    Of the verify token that Meta asked with last only a keyed hash is kept; none of requests older than the column.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, related_name="+")
    meta_app = models.OneToOneField(MetaApp, models.CASCADE, related_name="handshake", db_constraint=False)
    first_at = models.DateTimeField(_("first at"), default=timezone.now)
    last_at = models.DateTimeField(_("last at"), default=timezone.now)
    token_hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("verification by Meta")
        verbose_name_plural = _("verifications by Meta")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="handshake_of_partner"),)

    def __str__(self) -> str:
        return f"{self.meta_app_id} · {timezone.localtime(self.last_at):%Y-%m-%d %H:%M}"

    def was_with(self, verify_token: str) -> bool:
        """Whether Meta asked with this token last, as far as that is known."""
        return self.token_hash in ("", hash_of(self.meta_app_id, verify_token))


def hash_of(meta_app_id: int, verify_token: str) -> str:
    """By what an app's verify token is known again; it tells neither the token nor whether two apps have the same."""
    return salted_hmac("webhooks.handshake", f"{meta_app_id}:{verify_token}", algorithm="sha256").hexdigest()

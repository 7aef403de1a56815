"""Whether each installed feature works in the partner's product, and what is still to be done for it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from features.models import Cause, Feature, Installation
from mbe.wire import LONGEST_WORD
from partners.models import MetaApp, Partner

LONGEST_NAME = 200
LONGEST_FIELD = 64


class Activation(models.Model):
    """One for each feature instance: the steps that make it work, and how far they are.

    `steps` is a list of objects: `step` (a code), `state` (of `StepState`), `facts` (what was seen), `detail` (Meta's
    words). `due_at` asks for a look; nobody looks before it, nor before `not_before`, until which Meta makes us wait.
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
    cause = models.CharField(_("last asked for by"), max_length=16, choices=Cause, default=Cause.RECONCILE)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
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
            models.Index(fields=["partner", "actor", "-id"], name="activation_by_actor", condition=~Q(actor="")),
            models.Index(fields=["installation"], name="activation_of_installation"),
            models.Index(fields=["due_at"], name="activation_due", condition=Q(due_at__isnull=False)),
        )

    def __str__(self) -> str:
        return str(self.feature)


class PageSubscription(models.Model):
    """What the portal last asked Meta to send an app about a Page, so that it can be taken back when a feature goes."""

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    meta_app = models.ForeignKey(
        MetaApp, models.CASCADE, verbose_name=_("Meta app"), related_name="+", db_constraint=False, db_index=False
    )
    page_id = models.CharField(_("Page id"), max_length=LONGEST_WORD)
    # With whose tokens it was asked for last.
    installation = models.ForeignKey(
        Installation, models.CASCADE, verbose_name=_("installation"), related_name="+", db_constraint=False
    )
    fields = models.JSONField(_("fields"), default=list)
    # Of these, what Meta refuses for want of a permission: it holds back its own feature only.
    refused = models.JSONField(_("refused by Meta"), default=list, blank=True)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

    class Meta:
        verbose_name = _("Page subscription")
        verbose_name_plural = _("Page subscriptions")
        constraints = (models.UniqueConstraint(fields=["meta_app", "page_id"], name="page_subscription_once"),)

    def __str__(self) -> str:
        return f"{self.page_id}: {', '.join(self.fields)}"


class PageNoticeCount(models.Model):
    """How many notices of a field Meta sent an app about a Page on a day; nothing else of them is kept.

    What names no Page, or no field, is counted under an empty one.
    """

    partner = models.ForeignKey(Partner, models.CASCADE, verbose_name=_("partner"), related_name="+", db_index=False)
    meta_app = models.ForeignKey(
        MetaApp, models.CASCADE, verbose_name=_("Meta app"), related_name="+", db_constraint=False, db_index=False
    )
    page_id = models.CharField(_("Page id"), max_length=LONGEST_FIELD, blank=True)
    field = models.CharField(_("field"), max_length=LONGEST_FIELD, blank=True)
    day = models.DateField(_("day"))
    count = models.PositiveBigIntegerField(_("count"), default=0)
    last_at = models.DateTimeField(_("last at"))

    class Meta:
        verbose_name = _("notices about a Page")
        verbose_name_plural = _("notices about Pages")
        constraints = (
            models.UniqueConstraint(fields=["meta_app", "page_id", "field", "day"], name="page_notice_count_once"),
        )
        indexes = (models.Index(fields=["meta_app", "-day"], name="page_notice_count_newest"),)

    def __str__(self) -> str:
        return f"{self.day} {self.page_id} {self.field}: {self.count}"


class PixelCheck(models.Model):
    """The last test event that somebody asked to send through a pixel's Conversions API, and Meta's answer to it."""

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="+", db_index=False)
    feature = models.OneToOneField(
        Feature, models.PROTECT, verbose_name=_("feature"), related_name="pixel_check", db_constraint=False
    )
    # The answer is about this pixel only, whichever the feature has by now.
    pixel_id = models.CharField(_("pixel id"), max_length=LONGEST_WORD)
    test_event_code = models.CharField(_("test event code"), max_length=LONGEST_FIELD)
    source_url = models.CharField(_("address of a page"), max_length=500)
    asked_by = models.CharField(_("asked for by"), max_length=LONGEST_NAME, blank=True)
    asked_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    # Raised by each asking and each claim: whoever holds an older one writes nothing any more.
    attempt = models.PositiveIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    received = models.PositiveIntegerField(_("events received"), null=True, blank=True)
    messages = models.JSONField(_("messages"), default=list, blank=True)
    trace_id = models.CharField(_("trace id"), max_length=LONGEST_WORD, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("test event")
        verbose_name_plural = _("test events")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="pixel_check_of_partner"),)
        indexes = (models.Index(fields=["asked_at"], name="pixel_check_waiting", condition=Q(ended_at__isnull=True)),)

    def __str__(self) -> str:
        return f"{self.test_event_code} · {timezone.localtime(self.asked_at):%Y-%m-%d %H:%M}"

"""How merchants go to Meta: entry points, launch links, attempts."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mbe.catalog import CHANNELS, INTENTS, needs_domain, scopes_for
from onboarding.arm_models import ArmOverride as ArmOverride
from onboarding.arm_models import Showing as Showing
from partners.models import Business, MetaApp, Partner, vertical_choices


def fingerprint(token: str) -> str:
    """The hash under which a random token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def intent_choices() -> list[tuple[str, str]]:
    """Every intent name of the specification."""
    return [(name, name) for name in sorted({name for _vertical, name in INTENTS})]


def channel_choices() -> list[tuple[str, str]]:
    """Every v2 channel known."""
    return [(name, name) for name in CHANNELS]


class EntryPoint(models.Model):
    """A button in the partner's product that starts onboarding, with its own vertical, intent and flow settings."""

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="entry_points")
    meta_app = models.ForeignKey(
        MetaApp, models.PROTECT, verbose_name=_("Meta app"), related_name="entry_points", db_constraint=False
    )
    slug = models.SlugField(_("slug"))
    label = models.CharField(_("label"), max_length=200, blank=True, help_text=_("Empty: the use case's own words."))
    vertical = models.CharField(_("vertical"), max_length=64, choices=vertical_choices)
    intent = models.CharField(_("intent"), max_length=64, choices=intent_choices, blank=True)
    minimal_onboarding_percent = models.PositiveSmallIntegerField(
        _("businesses with the v3 menu, in %"),
        default=100,
        validators=[MaxValueValidator(100)],
        help_text=_(
            "100: all get the v3 feature menu. 0: all keep the v2 interface. Between: this share of the businesses, "
            "always the same ones, gets the menu."
        ),
    )
    # What the percentage was before it was set last: one click leads back to it.
    previous_percent = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    channel = models.CharField(
        _("channel"),
        max_length=64,
        choices=channel_choices,
        blank=True,
        help_text=_("Sent only where the v2 interface is kept."),
    )
    # Staff have looked at the v2 channel and chosen the whole menu: that there is no intent is their answer.
    has_chosen_menu = models.BooleanField(default=False, editable=False)
    scope_override = ArrayField(
        models.CharField(max_length=64),
        verbose_name=_("scopes"),
        null=True,
        blank=True,
        help_text=_("Empty: computed from what the features need."),
    )
    cta_defaults = models.JSONField(_("CTA defaults"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("entry point")
        verbose_name_plural = _("entry points")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="entry_point_of_partner"),
            models.UniqueConstraint(fields=["partner", "slug"], name="entry_point_slug_once"),
            models.CheckConstraint(
                condition=Q(minimal_onboarding_percent__range=(0, 100))
                & (Q(previous_percent__isnull=True) | Q(previous_percent__range=(0, 100))),
                name="entry_point_percent_is_one",
            ),
            models.CheckConstraint(
                condition=Q(has_chosen_menu=False) | Q(intent=""), name="entry_point_menu_or_intent"
            ),
        )

    def __str__(self) -> str:
        return self.label or self.slug

    @property
    def scopes(self) -> list[str]:
        """What the login asks for: the override, or what the features need."""
        return self.scope_override or scopes_for(self.vertical, self.intent, self.meta_app.features)

    def needs_domain(self, use_minimal_onboarding: bool) -> bool:
        """Whether its button, in this arm of the rollout, is of use only to a business with a domain."""
        return needs_domain(self.vertical, self.intent, "" if use_minimal_onboarding else self.channel)

    def turn_to(self, percent: int) -> None:
        """Give the v3 menu to this share of the businesses, and remember the share before; the caller saves."""
        if percent != self.minimal_onboarding_percent:
            self.previous_percent = None if self.pk is None else self.minimal_onboarding_percent
            self.minimal_onboarding_percent = percent


def link_expiry() -> datetime:
    """When a launch link made now expires."""
    return timezone.now() + timedelta(seconds=settings.LAUNCH_LINK_SECONDS)


class LaunchLink(models.Model):
    """A partner's invitation to one business; the token in its address is kept as a hash only."""

    partner = models.ForeignKey(
        Partner, models.PROTECT, verbose_name=_("partner"), related_name="launch_links", db_index=False
    )
    business = models.ForeignKey(
        Business, models.PROTECT, verbose_name=_("business"), related_name="launch_links", db_constraint=False
    )
    entry_point = models.ForeignKey(
        EntryPoint,
        models.PROTECT,
        verbose_name=_("entry point"),
        null=True,
        blank=True,
        related_name="launch_links",
        db_constraint=False,
        help_text=_("None: every active entry point of the business's verticals."),
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    expires_at = models.DateTimeField(_("expires at"), default=link_expiry)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("launch link")
        verbose_name_plural = _("launch links")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="launch_link_of_partner"),)
        indexes = (
            models.Index(fields=["expires_at"], name="launch_link_by_expiry"),
            models.Index(fields=["id"], name="launch_link_revoked", condition=Q(revoked_at__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.business} · {timezone.localtime(self.created_at):%Y-%m-%d %H:%M}"

    @property
    def is_usable(self) -> bool:
        """Whether it still opens the merchant's page."""
        return self.revoked_at is None and self.expires_at > timezone.now()


def attempt_expiry() -> datetime:
    """When an attempt started now expires."""
    return timezone.now() + timedelta(seconds=settings.ATTEMPT_SECONDS)


class OnboardingAttempt(models.Model):
    """One click on a button, out to Meta and back; its `state` is random, used once, and bound to one browser."""

    class Outcome(models.TextChoices):
        """How it ended, as far as we know."""

        STARTED = "started", _("at Meta")
        RETURNED = "returned", _("back, exchanging the code")
        SUCCEEDED = "succeeded", _("succeeded")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("error from Meta")
        EXPIRED = "expired", _("came back too late")

    class WayIn(models.TextChoices):
        """Where the merchant started: in the partner's product, or at Meta (meta-api, 1.11)."""

        LOGIN = "login", _("business login")
        BUSINESS_APP = "business_app", _("business app")

    partner = models.ForeignKey(
        Partner, models.PROTECT, verbose_name=_("partner"), related_name="attempts", db_index=False
    )
    business = models.ForeignKey(
        Business,
        models.PROTECT,
        verbose_name=_("business"),
        related_name="attempts",
        db_constraint=False,
        db_index=False,
    )
    meta_app = models.ForeignKey(
        MetaApp, models.PROTECT, verbose_name=_("Meta app"), related_name="attempts", db_constraint=False
    )
    entry_point = models.ForeignKey(
        EntryPoint, models.PROTECT, verbose_name=_("entry point"), related_name="attempts", db_constraint=False
    )
    launch_link = models.ForeignKey(
        LaunchLink, models.PROTECT, verbose_name=_("launch link"), related_name="attempts", db_constraint=False
    )
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state_hash = models.CharField(max_length=64, unique=True, editable=False)
    browser_hash = models.CharField(max_length=64, editable=False)
    way_in = models.CharField(_("way in"), max_length=16, choices=WayIn, default=WayIn.LOGIN)
    # The arm of the rollout that this click was in, and whether staff had chosen it for the business.
    use_minimal_onboarding = models.BooleanField(_("v3 menu"), default=True)
    is_arm_chosen = models.BooleanField(_("chosen arm"), default=False)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome, default=Outcome.STARTED)
    error_code = models.CharField(_("error code"), max_length=64, blank=True)
    error_message = models.CharField(_("error message"), max_length=500, blank=True)
    started_at = models.DateTimeField(_("started at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"), default=attempt_expiry, editable=False)
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True)
    # When the first sync after it found the business connected.
    connected_at = models.DateTimeField(_("connected at"), null=True, blank=True)
    replays = models.PositiveIntegerField(_("replayed returns"), default=0)
    foreign_returns = models.PositiveIntegerField(_("returns from another browser"), default=0)

    class Meta:
        verbose_name = _("onboarding attempt")
        verbose_name_plural = _("onboarding attempts")
        indexes = (
            models.Index(fields=["partner", "-id"], name="attempt_newest"),
            models.Index(fields=["business", "-id"], name="attempt_of_business"),
            models.Index(fields=["outcome", "-id"], name="attempt_by_outcome"),
            models.Index(
                fields=["id"],
                name="attempt_open_at_meta",
                condition=Q(way_in="business_app", outcome="started"),
            ),
            models.Index(
                fields=["returned_at"],
                name="attempt_to_be_connected",
                condition=Q(outcome="succeeded", connected_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.business} · {timezone.localtime(self.started_at):%Y-%m-%d %H:%M}"


def new_token() -> str:
    """A random, unguessable text for links, states and browsers."""
    return secrets.token_urlsafe(32)

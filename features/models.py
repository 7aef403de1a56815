"""What is installed for a business on a Meta app, and how it came to be so."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from features.causes import Cause as Cause
from features.own_reasons import in_words
from features.token_models import AccessToken as AccessToken
from mbe.wire import LONGEST_WORD
from partners.models import Business, MetaApp, Partner


class MbeVersion(models.TextChoices):
    """Of Meta's answers: a v2 one lists assets, a v3 one the installed features (mbe-v3, section 2)."""

    V2 = "v2", "v2"
    V3 = "v3", "v3"


class Installation(models.Model):
    """One business on one Meta app: its connection, and the generations that keep syncs in order.

    A hint raises `requested_generation`; a fetch claims it; only one newer than `applied_generation` is applied.
    """

    class State(models.TextChoices):
        """Of the connection."""

        PENDING = "pending", _("pending")
        CONNECTED = "connected", _("connected")
        RECONNECT = "reconnect", _("reconnect needed")
        DISCONNECTED = "disconnected", _("disconnected")

    class Reason(models.TextChoices):
        """Why the connection is in its state; empty when all is well."""

        NOT_STARTED = "not_started", _("The business has not been through onboarding yet.")
        NOTHING_INSTALLED = "nothing_installed", _("Meta has nothing installed for this business yet.")
        NO_TOKEN = "no_token", _("There is no access token for this business.")
        TOKEN_DEAD = "token_dead", _("Meta no longer accepts the access token.")
        APP_REMOVED = "app_removed", _("The app was removed from the business at Meta.")
        PASSWORD_CHANGED = "password_changed", _("The password at Meta was changed, which ended the access token.")
        TOKEN_EXPIRED = "token_expired", _("The access token has run out.")
        LOGGED_OUT = "logged_out", _("The sign-in at Meta was ended: somebody logged out, or took the access back.")
        NOT_VISIBLE = "not_visible", _("Meta no longer shows this business to the access token.")
        PERMISSION = "permission", _("A permission is missing or was taken back.")
        REFUSED = "refused", _("Meta refuses to say what is installed.")
        UNINSTALLED = "uninstalled", _("The business uninstalled the integration at Meta.")
        UNINSTALLED_BY_STAFF = "uninstalled_by_staff", _("Staff had the integration uninstalled at Meta.")

    class Wait(models.TextChoices):
        """Why the next sync waits until `not_before`."""

        BACKOFF = "backoff", _("retry after an error")
        LIMIT = "limit", _("rate limit")

    partner = models.ForeignKey(
        Partner, models.PROTECT, verbose_name=_("partner"), related_name="installations", db_index=False
    )
    meta_app = models.ForeignKey(
        MetaApp,
        models.PROTECT,
        verbose_name=_("Meta app"),
        related_name="installations",
        db_constraint=False,
        db_index=False,
    )
    business = models.ForeignKey(
        Business, models.PROTECT, verbose_name=_("business"), related_name="installations", db_constraint=False
    )

    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    reason = models.CharField(_("reason"), max_length=32, choices=Reason, blank=True, default=Reason.NOT_STARTED)
    reason_detail = models.CharField(_("reason, in Meta's words"), max_length=500, blank=True)
    business_manager_id = models.CharField(_("business manager id"), max_length=LONGEST_WORD, blank=True)
    token_type = models.CharField(_("token type"), max_length=LONGEST_WORD, blank=True)
    mbe_version = models.CharField(_("MBE version"), max_length=2, choices=MbeVersion, blank=True)
    channel = models.CharField(_("v2 channel"), max_length=64, blank=True)
    assets = models.JSONField(_("assets"), default=dict, blank=True)
    additional_info = models.JSONField(_("additional info"), default=dict, blank=True)

    requested_generation = models.BigIntegerField(_("number of the newest sync asked for"), default=0)
    requested_cause = models.CharField(_("cause of the sync asked for"), max_length=16, choices=Cause, blank=True)
    requested_at = models.DateTimeField(_("sync asked for at"), null=True, blank=True)
    claimed_generation = models.BigIntegerField(_("number of the sync last begun"), null=True, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    applied_generation = models.BigIntegerField(_("number of the sync last applied"), default=0)
    uninstall_generation = models.BigIntegerField(default=0)
    is_stopped = models.BooleanField(_("stopped"), default=False)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    wait = models.CharField(_("waits for"), max_length=16, choices=Wait, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    last_error_at = models.DateTimeField(_("last error at"), null=True, blank=True)
    configuration_error = models.CharField(_("configuration error"), max_length=500, blank=True)
    # Raised when a push has written what Meta has: a sync that read before it leaves the configuration as it is.
    configuration_generation = models.BigIntegerField(default=0)
    # Of the entry point that the business came through last: feature type to settings, for features still to come.
    wanted_defaults = models.JSONField(default=dict, blank=True)
    # Set when a feature's catalog came, changed or went, until the catalogs have been looked at.
    catalogs_changed_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    synced_at = models.DateTimeField(_("synced at"), null=True, blank=True)
    configuration_synced_at = models.DateTimeField(_("configuration synced at"), null=True, blank=True)
    reconcile_at = models.DateTimeField(_("next reconcile at"), null=True, blank=True)

    class Meta:
        verbose_name = _("installation")
        verbose_name_plural = _("installations")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="installation_of_partner"),
            models.UniqueConstraint(fields=["meta_app", "business"], name="installation_once"),
            models.CheckConstraint(
                condition=Q(applied_generation__lte=F("requested_generation")),
                name="installation_applied_was_requested",
            ),
            models.CheckConstraint(
                condition=Q(claimed_until__isnull=True) | Q(claimed_generation__isnull=False),
                name="installation_claim_has_generation",
            ),
        )
        indexes = (
            models.Index(fields=["partner", "state", "-id"], name="installation_by_state"),
            models.Index(fields=["meta_app", "business_manager_id"], name="installation_by_manager"),
            models.Index(
                fields=["requested_at"],
                name="installation_due",
                condition=Q(requested_generation__gt=F("applied_generation"), is_stopped=False),
            ),
            models.Index(
                fields=["reconcile_at"], name="installation_reconcile", condition=Q(reconcile_at__isnull=False)
            ),
            models.Index(
                fields=["catalogs_changed_at"],
                name="installation_catalogs",
                condition=Q(catalogs_changed_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.business} · {self.meta_app}"

    @property
    def is_syncing(self) -> bool:
        """Whether a sync is asked for and still to come."""
        return self.requested_generation > self.applied_generation and not self.is_stopped

    @property
    def explanation(self) -> str:
        """Why the connection is in its state, for people; empty when all is well."""
        label = str(self.get_reason_display()) if self.reason else ""
        detail = in_words(self.reason_detail)
        # Meta's words often begin with a code in brackets.
        return " ".join(filter(None, (label, detail if detail.startswith("(") or not detail else f"({detail})")))


class Feature(models.Model):
    """One feature instance of an installation. It ends (`removed_at`), it is never deleted."""

    partner = models.ForeignKey(
        Partner, models.PROTECT, verbose_name=_("partner"), related_name="features", db_index=False
    )
    installation = models.ForeignKey(
        Installation,
        models.PROTECT,
        verbose_name=_("installation"),
        related_name="features",
        db_constraint=False,
        db_index=False,
    )
    feature_instance_id = models.CharField(_("feature instance id"), max_length=LONGEST_WORD)
    feature_type = models.CharField(_("feature type"), max_length=LONGEST_WORD)
    feature_type_raw = models.CharField(_("feature type at Meta"), max_length=LONGEST_WORD)
    feature_name = models.CharField(_("feature name"), max_length=LONGEST_WORD, blank=True)
    connected_assets = models.JSONField(_("connected assets"), default=dict, blank=True)
    additional_info = models.JSONField(_("additional info"), default=dict, blank=True)
    is_implied = models.BooleanField(_("implied"), default=False)  # by a v2 connection; Meta does not list it
    is_enabled = models.BooleanField(_("enabled"), null=True, blank=True)
    configuration = models.JSONField(_("configuration"), default=dict, blank=True)
    installed_at = models.DateTimeField(_("installed at"), default=timezone.now)
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("feature")
        verbose_name_plural = _("features")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="feature_of_partner"),
            models.UniqueConstraint(fields=["installation", "feature_instance_id"], name="feature_instance_once"),
        )
        indexes = (
            models.Index(fields=["partner", "feature_type", "-id"], name="feature_by_type"),
            models.Index(fields=["feature_instance_id"], name="feature_by_instance"),
            models.Index(fields=["id"], name="feature_removed", condition=Q(removed_at__isnull=False)),
            models.Index(
                fields=["installation"], name="feature_implied", condition=Q(is_implied=True, removed_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.feature_type} {self.feature_instance_id}"


class Change(models.Model):
    """One line of an installation's history: what changed, and what led us to see it."""

    class Kind(models.TextChoices):
        """What changed."""

        INSTALLED = "installed", _("feature installed")
        REMOVED = "removed", _("feature removed")
        CHANGED = "changed", _("feature changed")
        CONFIGURED = "configured", _("configuration changed")
        CONFIRMED = "confirmed", _("implied feature confirmed by Meta")
        ACTIVATION = "activation", _("activation changed")
        ASSETS = "assets", _("assets changed")
        CONNECTED = "connected", _("connected")
        RECONNECT = "reconnect", _("reconnect needed")
        DISCONNECTED = "disconnected", _("disconnected")
        CALLED_OFF = "called_off", _("uninstall called off")

    partner = models.ForeignKey(
        Partner, models.PROTECT, verbose_name=_("partner"), related_name="changes", db_index=False
    )
    installation = models.ForeignKey(
        Installation,
        models.PROTECT,
        verbose_name=_("installation"),
        related_name="changes",
        db_constraint=False,
        db_index=False,
    )
    feature = models.ForeignKey(
        Feature,
        models.PROTECT,
        verbose_name=_("feature"),
        null=True,
        blank=True,
        related_name="changes",
        db_constraint=False,
    )
    occurred_at = models.DateTimeField(_("at"), default=timezone.now)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    cause = models.CharField(_("cause"), max_length=16, choices=Cause)
    generation = models.BigIntegerField(_("number of the sync"))
    before = models.JSONField(_("before"), default=dict, blank=True)
    after = models.JSONField(_("after"), default=dict, blank=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        indexes = (
            models.Index(fields=["installation", "-id"], name="change_of_installation"),
            models.Index(fields=["partner", "-id"], name="change_newest"),
            models.Index(fields=["kind", "-id"], name="change_by_kind"),
            models.Index(fields=["cause", "-id"], name="change_by_cause"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {timezone.localtime(self.occurred_at):%Y-%m-%d %H:%M}"

"""Who is who: partners, their staff, their Meta apps and their businesses; and which keys have sealed what is kept."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from mbe.catalog import FEATURE_TYPES, VERTICALS
from partners.encryption import seal, unseal
from partners.validators import validate_currency, validate_https_origin, validate_https_url, validate_time_zone


def every_feature_type() -> list[str]:
    """The feature types of the specification: what a new Meta app offers."""
    return list(FEATURE_TYPES)


class Partner(models.Model):
    """A third-party app developer that integrates with MBE: the tenant."""

    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    requires_second_factor = models.BooleanField(
        _("second factor required"),
        default=False,
        help_text=_("Members see nothing of this partner until they have set up an authenticator."),
    )
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do for a partner; each may do what those before it may."""

    VIEWER = "viewer", _("viewer: reads")
    MANAGER = "manager", _("manager: entry points, links, businesses, configuration, sync")
    OWNER = "owner", _("owner: staff, apps, secrets as well")

    @property
    def rank(self) -> int:
        """The place in the order of what the roles may do."""
        return list(Role).index(self)


class Membership(models.Model):
    """A person of a partner's staff; one that is not active opens nothing."""

    partner = models.ForeignKey(Partner, models.CASCADE, verbose_name=_("partner"), related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"), related_name="memberships"
    )
    role = models.CharField(_("role"), max_length=16, choices=Role)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = (models.UniqueConstraint(fields=["partner", "user"], name="membership_once"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.partner}"


class MetaApp(models.Model):
    """A partner's app at Meta, with the secrets that its calls and webhooks need (kept encrypted)."""

    partner = models.ForeignKey(Partner, models.PROTECT, verbose_name=_("partner"), related_name="meta_apps")
    app_id = models.CharField(
        _("app id"), max_length=32, unique=True, validators=[RegexValidator(r"^[0-9A-Za-z_-]+$", _("Not an app id."))]
    )
    name = models.CharField(_("name"), max_length=200)
    sealed_secret = models.BinaryField(editable=False)
    # The secret before this one: Meta may sign with it until somebody retires it.
    sealed_previous_secret = models.BinaryField(null=True, editable=False)
    secret_replaced_at = models.DateTimeField(_("secret replaced at"), null=True, blank=True, editable=False)
    sealed_verify_token = models.BinaryField(editable=False)
    features = ArrayField(
        models.CharField(max_length=64),
        verbose_name=_("features offered"),
        default=every_feature_type,
        help_text=_("What is configured for this app in Meta's developer panel."),
    )
    is_test = models.BooleanField(
        _("test app"), default=False, help_text=_("For testers only; its businesses are not the partner's customers.")
    )
    sign_in_url = models.URLField(
        _("sign-in page"),
        blank=True,
        validators=[validate_https_url],
        help_text=_("The partner's page for merchants who come from Meta; it sends them back with a launch link."),
    )
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)

    class Meta:
        verbose_name = _("Meta app")
        verbose_name_plural = _("Meta apps")
        constraints = (models.UniqueConstraint(fields=["partner", "id"], name="meta_app_of_partner"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.app_id})"

    @property
    def secret(self) -> str:
        """The app secret, in the clear."""
        return unseal(self.sealed_secret)

    @secret.setter
    def secret(self, plain: str) -> None:
        self.sealed_secret = seal(plain)

    @property
    def verify_token(self) -> str:
        """The token of the webhook's verification handshake, in the clear."""
        return unseal(self.sealed_verify_token)

    @verify_token.setter
    def verify_token(self, plain: str) -> None:
        self.sealed_verify_token = seal(plain)


def vertical_choices() -> list[tuple[str, str]]:
    """The verticals of the specification, as (name, English label)."""
    return [(vertical.name, vertical.label.en) for vertical in VERTICALS.values()]


def search_key(field: str) -> models.GeneratedField:
    """A column that PostgreSQL keeps: another in capitals, in the order of its characters' codes."""
    capitals = models.TextField(db_collation="C")
    return models.GeneratedField(expression=Upper(field), output_field=capitals, db_persist=True)


class Business(models.Model):
    """A partner's customer, known to Meta by the partner's `external_business_id`."""

    partner = models.ForeignKey(
        Partner, models.PROTECT, verbose_name=_("partner"), related_name="businesses", db_index=False
    )
    external_business_id = models.CharField(_("external business id"), max_length=200)
    name = models.CharField(_("name"), max_length=200)
    verticals = ArrayField(
        models.CharField(max_length=64, choices=vertical_choices),
        verbose_name=_("verticals"),
        default=list,
        blank=True,
        help_text=_("None chosen: all."),
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_time_zone])
    currency = models.CharField(_("currency"), max_length=3, default="USD", validators=[validate_currency])
    domain = models.CharField(_("domain"), max_length=253, blank=True, validators=[validate_https_origin])
    # What a search compares: under row security neither a function nor a LIKE reaches an index.
    name_key = search_key("name")
    external_id_key = search_key("external_business_id")
    created_at = models.DateTimeField(_("created at"), default=now, editable=False)

    class Meta:
        verbose_name = _("business")
        verbose_name_plural = _("businesses")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="business_of_partner"),
            models.UniqueConstraint(fields=["partner", "external_business_id"], name="business_external_id_once"),
        )
        indexes = (
            models.Index(fields=["name_key", "partner"], name="business_name_prefix"),
            models.Index(fields=["external_id_key", "partner"], name="business_id_prefix"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.external_business_id})"

    def serves(self, vertical: str) -> bool:
        """Whether the business is in this vertical (none named: in all)."""
        return not self.verticals or vertical in self.verticals


class EncryptionKey(models.Model):
    """A key of `ENCRYPTION_KEYS` that has sealed something; of the key itself only a fingerprint is kept."""

    fingerprint = models.CharField(_("fingerprint"), max_length=16, unique=True)
    first_used_at = models.DateTimeField(_("first used at"), default=now)

    class Meta:
        verbose_name = _("encryption key")
        verbose_name_plural = _("encryption keys")

    def __str__(self) -> str:
        return self.fingerprint

"""Invitations, letters that wait to be mailed, and second factors."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from partners.encryption import seal, unseal_bytes
from partners.models import Partner, Role


class Letter(models.Model):
    """Something to mail: `mail_due_at` says not before when, and is None where nothing (more) is to be mailed."""

    email = models.EmailField(_("email"))
    language = models.CharField(_("language"), max_length=16)
    mail_due_at = models.DateTimeField(_("to be mailed at"), null=True, blank=True, editable=False)
    mail_attempts = models.PositiveSmallIntegerField(_("attempts to mail"), default=0, editable=False)
    mail_problem = models.CharField(_("problem with the mail"), max_length=200, blank=True, editable=False)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by what may still be done with them."""

    def open(self) -> "InvitationQuerySet":
        """Give those that can be accepted."""
        return self.unanswered().filter(expires_at__gt=timezone.now())

    def unanswered(self) -> "InvitationQuerySet":
        """Give those that can be accepted, now or after they are sent again."""
        return self.filter(accepted_at=None, revoked_at=None)


class Invitation(Letter):
    """An owner asks a colleague in; of the token in its link only a hash is kept."""

    partner = models.ForeignKey(Partner, models.CASCADE, verbose_name=_("partner"), related_name="+")
    role = models.CharField(_("role"), max_length=16, choices=Role)
    # Empty until the first link is made: a task makes the one that is mailed.
    token_hash = models.CharField(max_length=64, default="", editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, verbose_name=_("invited by"), null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="invitation_newest"),
            models.UniqueConstraint(
                fields=["token_hash"], name="invitation_token_once", condition=~models.Q(token_hash="")
            ),
        )
        indexes = (
            models.Index(
                fields=["mail_due_at"], name="invitation_to_mail", condition=models.Q(mail_due_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} · {self.partner}"

    @property
    def is_open(self) -> bool:
        """Whether it can be accepted."""
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def can_be_sent_again(self) -> bool:
        """Whether a new link can be made for it: also after it has expired."""
        return self.accepted_at is None and self.revoked_at is None


class ResetRequest(Letter):
    """Somebody typed an address into "Forgot your password?"; whether an account has it is the task's to find out."""

    address = models.GenericIPAddressField(_("from"), null=True)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("request for a password reset")
        verbose_name_plural = _("requests for a password reset")

    def __str__(self) -> str:
        return self.email


class Authenticator(ThrottlingMixin, Device):  # type: ignore[misc]  # the library has no types
    """A person's second factor: an app that shows a code for every 30 seconds (RFC 6238). Its key is kept sealed."""

    STEP_SECONDS = 30
    DIGITS = 6

    sealed_key = models.BinaryField(editable=False)
    # A code opens once: the step of the last one that did.
    last_step = models.BigIntegerField(default=-1, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")
        constraints = (models.UniqueConstraint(fields=["user"], name="authenticator_once"),)

    def __str__(self) -> str:
        return str(self.user)

    @property
    def key(self) -> bytes:
        """The key that the portal shares with the app, in the clear."""
        return unseal_bytes(self.sealed_key)

    @key.setter
    def key(self, plain: bytes) -> None:
        self.sealed_key = seal(plain)

    def get_throttle_factor(self) -> int:
        """Wait 1, 2, 4, 8 … seconds after each wrong code."""
        return 1

    def step_of(self, code: str) -> int | None:
        """Find the step whose code this is, among the present one and its neighbours, after the last one used."""
        if not (code.isascii() and code.isdecimal() and len(code) == self.DIGITS):
            return None
        totp = TOTP(self.key, step=self.STEP_SECONDS, digits=self.DIGITS)
        totp.time = timezone.now().timestamp()
        is_right = totp.verify(int(code), tolerance=1, min_t=self.last_step + 1)
        return int(totp.t()) if is_right else None

    def verify_token(self, token: Any) -> bool:
        """Refuse: a code is checked by `second_factor.check`, under the row's lock."""
        raise NotImplementedError


class RecoveryCode(models.Model):
    """Opens once in place of a code of the app; only a hash is kept, and it goes with its use."""

    authenticator = models.ForeignKey(Authenticator, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = (models.UniqueConstraint(fields=["authenticator", "code_hash"], name="recovery_code_once"),)

    def __str__(self) -> str:
        return str(self.pk)

"""The access tokens that Meta gave us, encrypted at rest."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from features.own_reasons import in_words
from partners.display import moment
from partners.encryption import UnknownKey, seal, unseal
from partners.models import Partner

# Meta may show the business to a token again, or let it do more, or it was a moment's trouble.
LAST_FOR = timedelta(days=1)
LONGEST_WORDS = 500


class AccessToken(models.Model):
    """A token that Meta gave us for an installation, kept encrypted; a dead one is never used again."""

    class Kind(models.TextChoices):
        """Whose token it is; calls prefer the system user's."""

        LOGIN = "login", _("login")
        SYSTEM_USER = "system_user", _("system user")

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="access_tokens")
    installation = models.ForeignKey(
        "features.Installation", models.CASCADE, related_name="access_tokens", db_constraint=False, db_index=False
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    sealed = models.BinaryField(editable=False)
    fingerprint = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    is_imported = models.BooleanField(_("imported"), default=False)  # a file brought it: nobody has signed in for it
    from_meta_at = models.DateTimeField(null=True, blank=True)  # of an imported one: when Meta first sent it, too
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    scopes = ArrayField(models.CharField(max_length=64), verbose_name=_("scopes asked for"), default=list, blank=True)
    scopes_are_granted = models.BooleanField(default=False)  # as Meta said; else they were asked for
    dead_at = models.DateTimeField(_("dead since"), null=True, blank=True)
    dead_reason = models.CharField(_("why dead"), max_length=500, blank=True)
    dead_subcode = models.BigIntegerField(_("why dead, Meta's subcode"), null=True, blank=True)  # mbe.deaths
    # Another token showed the business when this one did not: it may be another business's.
    not_visible_at = models.DateTimeField(_("did not show the business at"), null=True, blank=True)
    # Another token was allowed to ask about the business when this one was not; and what Meta said.
    permission_missing_at = models.DateTimeField(null=True, blank=True)
    permission_missing = models.CharField(max_length=LONGEST_WORDS, blank=True)
    # A login token is exchanged for a system user token once; Meta's refusal is not asked for again.
    exchange_tried_at = models.DateTimeField(_("exchange tried at"), null=True, blank=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        constraints = (models.UniqueConstraint(fields=["installation", "fingerprint"], name="access_token_once"),)
        indexes = (models.Index(fields=["fingerprint"], name="access_token_fingerprint"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {timezone.localtime(self.received_at):%Y-%m-%d %H:%M}"

    @property
    def secret(self) -> str:
        """The token, in the clear."""
        return unseal(self.sealed)

    @secret.setter
    def secret(self, plain: str) -> None:
        self.sealed = seal(plain)

    @property
    def is_from_meta(self) -> bool:
        """Whether Meta itself sent it; else only a file brought it."""
        return not self.is_imported or self.from_meta_at is not None

    @property
    def is_readable(self) -> bool:
        """Whether one of the keys in `ENCRYPTION_KEYS` opens it."""
        try:
            return bool(self.secret)
        except UnknownKey:
            return False

    @property
    def why_last(self) -> str:
        """Why calls try it after the others, for people, in Meta's words too; empty where they do not."""
        since = timezone.now() - LAST_FOR
        found = []
        if self.permission_missing_at and self.permission_missing_at > since:
            facts = {"at": moment(self.permission_missing_at), "words": self.permission_missing}
            found.append(gettext("lacked a permission %(at)s: %(words)s") % facts)
        if self.not_visible_at and self.not_visible_at > since:
            found.append(gettext("did not show the business %(at)s") % {"at": moment(self.not_visible_at)})
        return "; ".join(found)

    @property
    def why_dead(self) -> str:
        """Meta's words or the portal's own, for people."""
        return in_words(self.dead_reason)

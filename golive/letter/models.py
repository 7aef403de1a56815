"""Who has a role on a Meta app: the partner's testers, and whoever of Meta's helps them (mbe-v3 §10)."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from partners.models import MetaApp, Partner


class Tester(models.Model):
    """A person with a role on a Meta app, known to Meta by the number of the account."""

    class Role(models.TextChoices):
        """The roles of the app's panel at Meta."""

        ADMINISTRATOR = "administrator", _("administrator")
        DEVELOPER = "developer", _("developer")
        TESTER = "tester", _("tester")
        ANALYTICS_USER = "analytics_user", _("analytics user")

    partner = models.ForeignKey(Partner, models.CASCADE, verbose_name=_("partner"), related_name="+", db_index=False)
    meta_app = models.ForeignKey(
        MetaApp, models.CASCADE, verbose_name=_("Meta app"), related_name="testers", db_constraint=False, db_index=False
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    user_id = models.CharField(
        _("Meta user id"),
        max_length=32,
        validators=[RegexValidator(r"^[0-9]+\Z", _("Not a Meta user id: digits only."))],
        help_text=_("The number of the person's Facebook account."),
    )
    role = models.CharField(
        _("role"),
        max_length=32,
        choices=Role,
        default=Role.TESTER,
        help_text=_("Role in the app's panel at Meta"),
    )
    is_representative = models.BooleanField(
        _("Meta representative"),
        default=False,
        help_text=_("Somebody of Meta's who got a role on the app to help with tests."),
    )

    class Meta:
        verbose_name = _("tester")
        verbose_name_plural = _("testers")
        constraints = (
            models.UniqueConstraint(fields=["partner", "id"], name="tester_of_partner"),
            models.UniqueConstraint(fields=["meta_app", "user_id"], name="tester_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.user_id})" if self.name else self.user_id

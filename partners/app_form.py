"""The form of a Meta app: its secrets can be set and replaced, and are never shown."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from mbe.catalog import FEATURE_TYPES
from partners.app_secrets import replace_secret
from partners.models import MetaApp
from partners.tenant_form import TenantForm


def feature_choices() -> list[tuple[str, str]]:
    """Every feature type, in the reader's language."""
    language = get_language() or "en"
    return [(each.name, f"{each.label.in_language(language)} ({each.name})") for each in FEATURE_TYPES.values()]


def _password() -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"})


class MetaAppForm(TenantForm):
    """A Meta app. An empty secret or verify token leaves the one that is kept."""

    new_secret = forms.CharField(label=_("App secret"), max_length=500, widget=_password(), required=False)
    new_verify_token = forms.CharField(label=_("Verify token"), max_length=500, widget=_password(), required=False)
    features = forms.MultipleChoiceField(
        label=_("Features offered"),
        choices=feature_choices,
        initial=list(FEATURE_TYPES),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What is configured for this app in Meta's developer panel."),
    )
    sign_in_url = forms.URLField(
        label=_("Sign-in page"),
        required=False,
        assume_scheme="https",
        help_text=MetaApp._meta.get_field("sign_in_url").help_text,
    )

    class Meta:
        model = MetaApp
        fields = ("partner", "app_id", "name", "features", "is_test", "sign_in_url")

    # The database has refused the app id, which another partner's app has.
    app_id_is_taken: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_new = self.instance.pk is None
        for name in ("new_secret", "new_verify_token"):
            self.fields[name].required = is_new
            if not is_new:
                self.fields[name].help_text = _("Kept and never shown. Type a new one to replace it.")
        if not is_new:
            self.fields["new_secret"].help_text = self._about_replacing()

    def _about_replacing(self) -> str:
        if self.instance.sealed_previous_secret is None:
            return gettext(
                "Kept and never shown. Type a new one to replace it: webhooks signed with the one before are accepted"
                " until you retire it."
            )
        return gettext(
            "Kept and never shown. A previous secret still verifies webhooks: when you type a new one, that one ends at"
            " once, and the one kept now becomes the previous one."
        )

    def clean_app_id(self) -> str:
        """Refuse what the database has refused."""
        if self.app_id_is_taken:
            raise forms.ValidationError(gettext("This app id is taken."))
        return str(self.cleaned_data["app_id"])

    def save(self, commit: bool = True) -> Any:
        """Seal what was typed."""
        if self.cleaned_data["new_secret"]:
            replace_secret(self.instance, self.cleaned_data["new_secret"])
        if self.cleaned_data["new_verify_token"]:
            self.instance.verify_token = self.cleaned_data["new_verify_token"]
        return super().save(commit)

"""The form of a partner: who asks for a second factor must have one."""

from typing import ClassVar

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from partners.people.second_factor import has_authenticator


class PartnerForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """A partner's name, and whether its members need a second factor."""

    editor: ClassVar[User]

    class Meta:
        model = Partner
        fields = ("name", "slug", "requires_second_factor")

    def clean_requires_second_factor(self) -> bool:
        """Let nobody lock out everybody, beginning with oneself."""
        is_wanted: bool = self.cleaned_data["requires_second_factor"]
        if is_wanted and not self.instance.requires_second_factor and not has_authenticator(self.editor):
            raise forms.ValidationError(_("Set up your own second factor first."))
        return is_wanted

"""What people type about themselves and their colleagues."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import SetPasswordMixin
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

from partners.models import Membership, Role
from partners.people.accounts import accounts_of
from partners.people.members import is_last_owner, locked
from partners.people.models import Invitation
from partners.tenant_form import TenantForm

LONGEST_EMAIL = 150  # of a user name
OPEN_ALREADY = _("An invitation to this address is open: send that one again, or revoke it first.")
LAST_OWNER = _("This is the last active owner: make somebody else an owner first.")


class SignInForm(AdminAuthenticationForm):
    """The login; an email address may be written in letters of any size."""

    def clean_username(self) -> str:
        """Take an address as its account has it."""
        name: str = self.cleaned_data["username"].strip()
        found = accounts_of(name) if "@" in name else []
        return next((user.username for user in found if user.username.casefold() == name.casefold()), name)


class InvitationForm(TenantForm):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=_("Email"), max_length=LONGEST_EMAIL)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MANAGER, widget=forms.RadioSelect)

    class Meta:
        model = Invitation
        fields = ("partner", "email", "role")

    def clean(self) -> dict[str, Any]:
        """Refuse who is in or invited already; of accounts elsewhere the answer says nothing."""
        cleaned = super().clean()
        partner_id = cleaned["partner"].pk if cleaned.get("partner") else self.instance.partner_id
        email = cleaned.get("email", "").lower()
        if email and partner_id:
            members = Membership.objects.filter(partner_id=partner_id, user__in=accounts_of(email))
            if members.exists():
                self.add_error("email", _("This address belongs to a member already."))
            elif Invitation.objects.open().filter(partner_id=partner_id, email__iexact=email).exists():
                self.add_error("email", OPEN_ALREADY)
        return {**cleaned, "email": email}


class MemberForm(forms.ModelForm):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """A member's role."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=forms.RadioSelect)

    class Meta:
        model = Membership
        fields = ("role",)

    def clean_role(self) -> str:
        """Keep the last owner an owner; others who change members wait until this is done."""
        role: str = self.cleaned_data["role"]
        if role != Role.OWNER and is_last_owner(locked(self.instance)):
            raise forms.ValidationError(LAST_OWNER)
        return role


class JoinForm(SetPasswordMixin, forms.Form):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Name and password of somebody new."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput({"autocomplete": "name"}))
    password1, password2 = SetPasswordMixin.create_password_fields()

    def __init__(self, email: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Hold the password against the rules, and against name and address."""
        self.validate_passwords()
        person = User(username=self.email, email=self.email, first_name=self.cleaned_data.get("name", ""))
        self.validate_password_for_user(person)
        return super().clean() or self.cleaned_data


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
    )


class PasswordForm(forms.Form):
    """The own password once more."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


class ForgottenForm(forms.Form):
    """The address of somebody who forgot the password."""

    email = forms.EmailField(
        label=_("Email"), max_length=LONGEST_EMAIL, widget=forms.EmailInput({"autocomplete": "email"})
    )

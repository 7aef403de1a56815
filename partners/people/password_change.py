"""The own password, changed by whoever knows the present one; guessing it is throttled like a sign-in."""

from typing import Any

from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import authenticate
from django.contrib.auth.views import PasswordChangeView
from django.forms import ValidationError
from django.http import HttpRequest


class OwnPasswordForm(AdminPasswordChangeForm):
    """The present password and the new one; a wrong present one counts as a wrong sign-in."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Ask the throttle, too: a session that somebody else holds is no place to guess."""
        password: str = self.cleaned_data["old_password"]
        if authenticate(self.request, username=self.user.get_username(), password=password) != self.user:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password


class PasswordChange(PasswordChangeView):
    """Django's page with that form."""

    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Hand the request to the form."""
        return {**super().get_form_kwargs(), "request": self.request}

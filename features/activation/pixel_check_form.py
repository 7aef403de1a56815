"""What is asked for before a test event is sent."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from features.activation.models import LONGEST_FIELD
from partners.models import Business
from partners.validators import validate_https_url


class PixelCheckForm(forms.Form):
    """The code of Meta's Test Events, and the page that the event is about: the business's site, unless another."""

    test_event_code = forms.RegexField(
        r"^[A-Za-z0-9_-]+\Z",
        label=_("Test event code"),
        max_length=LONGEST_FIELD,
        help_text=_("It stands in Meta's Events Manager under “Test events”, like TEST12345."),
        error_messages={"invalid": _("A test event code has letters and digits only.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    source_url = forms.CharField(
        label=_("Address of a page"), max_length=500, required=False, validators=[validate_https_url]
    )

    def __init__(self, business: Business, data: Any = None) -> None:
        """Take the business, whose domain stands in for an address."""
        super().__init__(data)
        self._domain = business.domain
        field = self.fields["source_url"]
        if self._domain:
            field.help_text = _("Empty: %(domain)s") % {"domain": self._domain}
        else:
            field.required = True

    def clean_source_url(self) -> str:
        """Give the address, or the business's domain."""
        return str(self.cleaned_data["source_url"] or self._domain)

"""Forms in which staff hand products over, and say where to fetch them."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from catalogs.intakes import format_of
from catalogs.models import Feed, Format, Intake
from catalogs.safe_addresses import UnsafeAddress, check_url
from catalogs.wording import problem_text
from partners.tenant_form import TenantForm

MOST_HOURS = 30 * 24


class UploadForm(TenantForm):
    """Whose products a file has, and whether these are all."""

    partner_of = "business"
    # Set by the admin for a request whose file was larger than the limit.
    has_too_large_file: ClassVar[bool] = False

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("CSV or JSON Lines in UTF-8, also compressed (.gz), up to 200 MB. Meta's names of product fields."),
    )
    format_chosen = forms.ChoiceField(
        label=_("Format"),
        choices=[("", _("By the file's name")), *Format.choices],
        required=False,
    )
    is_whole = forms.TypedChoiceField(
        label=_("These are"),
        choices=[
            ("whole", _("all products: those that the file does not name are removed")),
            ("part", _("some products: the others stay as they are")),
        ],
        coerce=lambda value: value == "whole",
        initial="whole",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Intake
        fields = ("business",)

    def clean(self) -> dict[str, Any]:
        """Ask for a file whose format is known."""
        cleaned = super().clean()
        file = cleaned.get("file")
        if file is None and "file" not in self.errors:
            self.add_error("file", problem_text("too_big") if self.has_too_large_file else _("Choose a file."))
        elif file is not None:
            cleaned["format"] = cleaned.get("format_chosen") or format_of(file.name)
            if not cleaned["format"]:
                self.add_error("format_chosen", _("The file's name does not tell the format. Choose one."))
        return cleaned


class FeedForm(TenantForm):
    """Where a business's products are fetched, and how often."""

    partner_of = "business"
    url = forms.URLField(
        label=_("Address"),
        max_length=2000,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"class": "vLargeTextField", "placeholder": "https://"}),
        help_text=_("A public https address. Who may read the feed's page here can read it."),
    )

    class Meta:
        model = Feed
        fields = ("business", "url", "format", "every_hours", "is_active")
        help_texts = {
            "format": _("CSV or JSON Lines in UTF-8, also compressed with gzip. It is always the whole set."),
        }

    def clean_url(self) -> str:
        """Refuse what would never be fetched."""
        url: str = self.cleaned_data["url"]
        try:
            check_url(url, may_be_private=settings.FEEDS_MAY_BE_PRIVATE)
        except UnsafeAddress as error:
            raise forms.ValidationError(problem_text(error.code)) from None
        return url

    def clean_every_hours(self) -> int:
        """Fetch at most every hour and at least every 30 days."""
        hours: int = self.cleaned_data["every_hours"]
        if not 1 <= hours <= MOST_HOURS:
            raise forms.ValidationError(_("From 1 to %(most)d hours.") % {"most": MOST_HOURS})
        return hours

"""What somebody hands over who has looked at a menu."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogs.uploads import MOST_BYTES_OF_A_PICTURE
from golive.menus.models import LONGEST_NOTE
from golive.menus.pictures import type_of

_TOO_LARGE = _("The picture is larger than 2 MiB.")
_NO_PICTURE = _("This is no PNG, JPEG or WebP picture.")


class MenuForm(forms.Form):
    """A picture of one vertical's menu, and what was read when it was confirmed.

    `cleaned_data["content"]` has the picture's bytes, `["content_type"]` what they are.
    """

    vertical = forms.CharField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)
    picture = forms.FileField(
        label=_("Picture of the menu"),
        help_text=_("PNG, JPEG or WebP, up to 2 MiB."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        error_messages={"required": _("Choose a picture of the menu.")},
    )
    note = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, required=False)

    def __init__(self, *args: Any, has_too_large_file: bool = False, **kwargs: Any) -> None:
        """Take whether the upload was cut off for its size."""
        super().__init__(*args, **kwargs)
        if has_too_large_file:
            self.fields["picture"].error_messages["required"] = _TOO_LARGE

    def clean(self) -> dict[str, Any]:
        """Tell what the picture is by its first bytes."""
        given = self.cleaned_data
        if picture := given.get("picture"):
            if picture.size > MOST_BYTES_OF_A_PICTURE:
                raise forms.ValidationError({"picture": _TOO_LARGE})
            given["content"] = picture.read()
            given["content_type"] = type_of(given["content"])
            if not given["content_type"]:
                raise forms.ValidationError({"picture": _NO_PICTURE})
        return given

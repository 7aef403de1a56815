"""To how many businesses an entry point gives the v3 menu, as people choose it: all, none, or a share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

ALL, NONE, SHARE = "all", "none", "share"
CHOICES = (
    (ALL, _("On: all businesses get the v3 menu")),
    (NONE, _("Off: all businesses keep the v2 interface")),
    (SHARE, _("For a share of the businesses, always the same ones:")),
)


class ShareWidget(forms.MultiWidget):
    """Three choices, and the number that belongs to the last; it needs no JavaScript."""

    use_fieldset = True

    def __init__(self) -> None:
        number = forms.NumberInput(attrs={"min": 1, "max": 99, "aria-label": _("Businesses with the v3 menu, in %")})
        super().__init__({"menu": forms.RadioSelect(choices=CHOICES), "percent": number})

    def decompress(self, value: Any) -> list[Any]:
        """Choose what a percentage means."""
        if value is None:
            return [ALL, None]
        return [{0: NONE, 100: ALL}.get(value, SHARE), None if value in (0, 100) else value]


class ShareField(forms.MultiValueField):
    """A percentage, 0 to 100; the number counts only where a share is chosen."""

    widget = ShareWidget

    def __init__(self, **kwargs: Any) -> None:
        menu = forms.ChoiceField(choices=CHOICES)
        percent = forms.IntegerField(min_value=1, max_value=99, required=False)
        super().__init__((menu, percent), require_all_fields=False, **kwargs)

    def clean(self, value: Any) -> Any:
        """Look at the number only where a share is chosen: what was left in it does no harm elsewhere."""
        menu, percent = value or ("", "")
        return super().clean([menu, percent if menu == SHARE else ""])

    def compress(self, data_list: Any) -> int | None:
        """Give the percentage."""
        menu, percent = data_list
        if menu != SHARE:
            return 100 if menu == ALL else 0
        if percent is None:
            raise forms.ValidationError(_("Say for how many of 100 businesses: 1 to 99."))
        return int(percent)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare percentages: a number left beside “on” is no change."""
        try:
            return bool(self.clean(data) != initial)
        except forms.ValidationError:
            return True

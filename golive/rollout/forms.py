"""What staff say on the rollout's page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onboarding.models import EntryPoint
from partners.models import Business
from partners.tenancy import tenant

_ARMS = {"v3": True, "v2": False, "percent": None}


class PercentForm(forms.Form):
    """How many of the businesses get the v3 menu."""

    percent = forms.IntegerField(label=_("Businesses with the v3 menu, in %"), min_value=0, max_value=100)


class ArmForm(forms.Form):
    """The arm of one business; `business` is there once the form is valid."""

    business: Business
    external_business_id = forms.CharField(label=_("External business id"), max_length=200)
    arm = forms.ChoiceField(
        label=_("Gets"),
        choices=(
            ("v3", _("always the v3 menu")),
            ("v2", _("always the v2 interface")),
            ("percent", _("what the percentage says")),
        ),
    )

    def __init__(self, entry_point: EntryPoint, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partner_id = entry_point.partner_id

    def clean_external_business_id(self) -> str:
        """Find the business; another partner's is unknown."""
        given: str = self.cleaned_data["external_business_id"].strip()
        with tenant(self.partner_id):
            found = Business.objects.filter(partner_id=self.partner_id, external_business_id=given).first()
        if found is None:
            raise forms.ValidationError(_("There is no business with this id."))
        self.business = found
        return given

    def clean_arm(self) -> bool | None:
        """The arm as the database holds it."""
        return _ARMS[self.cleaned_data["arm"]]

"""Forms in which staff describe businesses, entry points and launch links."""

import json
from collections.abc import Callable
from typing import Any, ClassVar
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django import forms
from django.conf import settings
from django.forms.fields import InvalidJSONInput
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from mbe.catalog import VERTICALS, Vertical
from onboarding.checks import cta_problems, entry_point_problems
from onboarding.menu_preview import MenuPreview, preview
from onboarding.models import EntryPoint, LaunchLink, new_token
from onboarding.share_field import ShareField
from partners.models import Business
from partners.tenant_form import TenantForm

CTA_WIDGET = forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField code"})
CTA_HELP = _(
    "JSON: feature type to settings, such as "
    '{"page_cta": {"enabled": true, "cta_button_text": "Book Now", '
    '"cta_button_url": "https://{domain}/book?shop={external_business_id}"}}'
)


def vertical_label(vertical: Vertical) -> str:
    """A vertical in the reader's words; one that Meta does not document with its wire value."""
    label = vertical.label.in_language(get_language() or "en")
    if vertical.is_verified:
        return f"{label} ({vertical.name})"
    return _("%(label)s (unverified: sent as %(code)s)") % {
        "label": label,
        "code": settings.META_VERTICAL_CODES.get(vertical.name, vertical.name),
    }


def vertical_choices() -> list[tuple[str, str]]:
    """Every vertical of the specification."""
    return [(each.name, vertical_label(each)) for each in VERTICALS.values()]


def intent_choices() -> list[tuple[str, Any]]:
    """No intent, or one of a vertical's: exactly the specification's table, grouped by vertical (mbe-v3 §9)."""
    language = get_language() or "en"
    groups = [
        (
            vertical.label.in_language(language),
            [(each.name, f"{each.name} · {each.use_case.in_language(language)}") for each in vertical.intents],
        )
        for vertical in VERTICALS.values()
        if vertical.intents
    ]
    return [("", _("None: the whole menu of the vertical")), *groups]


class IntentSelect(forms.Select):
    """Marks the intent in the group of the vertical chosen: the same name stands in several groups."""

    vertical = ""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """Give every group the vertical that it is of, and leave one option selected."""
        groups = super().optgroups(name, value, attrs)
        verticals = [vertical.name for vertical in VERTICALS.values() if vertical.intents]
        for _label, options, index in groups:
            vertical = verticals[index - 1] if index else ""
            for option in options:
                option["attrs"]["data-vertical"] = vertical
                is_chosen = option["value"] in value and vertical == (self.vertical if option["value"] else "")
                option["selected"] = is_chosen
                option["attrs"].pop("selected", None)
                if is_chosen:
                    option["attrs"]["selected"] = True
        return groups


def _choices(values: Callable[[], Any]) -> list[tuple[str, str]]:
    return [(each, each) for each in sorted(values())]


class IndentedJSONField(forms.JSONField):
    """JSON as people read it."""

    def prepare_value(self, value: Any) -> Any:
        """Write a value in several lines; what was typed and cannot be read stays as it is."""
        return value if isinstance(value, InvalidJSONInput) else json.dumps(value or {}, indent=2, ensure_ascii=False)


class BusinessForm(TenantForm):
    """A business, with what Meta needs to know of it."""

    verticals = forms.MultipleChoiceField(
        label=_("Verticals"),
        choices=vertical_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all."),
    )
    timezone = forms.ChoiceField(label=_("Time zone"), choices=lambda: _choices(available_timezones), initial="UTC")
    currency = forms.ChoiceField(label=_("Currency"), choices=lambda: _choices(list_currencies), initial="USD")

    class Meta:
        model = Business
        fields = ("partner", "name", "external_business_id", "verticals", "timezone", "currency", "domain")
        widgets = {"domain": forms.TextInput(attrs={"placeholder": "https://shop.example", "class": "vTextField"})}


class EntryPointForm(TenantForm):
    """An entry point; refuses a vertical and intent that cannot be, and says why.

    With the button `_preview` nothing is saved: the page comes back with the menu that the merchant will see.
    """

    partner_of = "meta_app"
    vertical = forms.ChoiceField(label=_("Vertical"), choices=vertical_choices)
    minimal_onboarding_percent = ShareField(label=_("Meta's v3 menu"), initial=100)
    cta_defaults = IndentedJSONField(label=_("CTA defaults"), required=False, help_text=CTA_HELP, widget=CTA_WIDGET)
    intent = forms.ChoiceField(label=_("Intent"), choices=intent_choices, required=False, widget=IntentSelect)

    class Meta:
        model = EntryPoint
        fields = (
            "meta_app",
            "slug",
            "label",
            "vertical",
            "intent",
            "minimal_onboarding_percent",
            "channel",
            "scope_override",
            "cta_defaults",
            "is_active",
        )
        widgets = {"scope_override": forms.TextInput(attrs={"class": "vLargeTextField"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "intent" in self.fields:
            self.fields["intent"].widget.vertical = self["vertical"].value() or ""

    @property
    def is_preview(self) -> bool:
        """Whether the preview was asked for instead of saving."""
        return "_preview" in self.data

    def is_valid(self) -> bool:
        """Give no leave to save where a preview was asked for."""
        return super().is_valid() and not self.is_preview

    def clean(self) -> dict[str, Any]:
        """Check the pair against the specification's table and what the app offers."""
        cleaned = super().clean()
        if cleaned.get("meta_app") and "vertical" in cleaned and "intent" in cleaned:
            for problem in entry_point_problems(cleaned["vertical"], cleaned["intent"], cleaned["meta_app"]):
                self.add_error("intent" if cleaned["intent"] else "vertical", problem)
        if self.instance.pk and "minimal_onboarding_percent" in cleaned:
            self.instance.turn_to(cleaned["minimal_onboarding_percent"])
        self.instance.has_chosen_menu &= not cleaned.get("intent")
        return cleaned

    def clean_cta_defaults(self) -> dict[str, Any]:
        """Check the CTA defaults; empty is none."""
        defaults = self.cleaned_data["cta_defaults"] or {}
        if problems := cta_problems(defaults):
            raise forms.ValidationError(problems)
        return defaults

    def clean_scope_override(self) -> list[str] | None:
        """Take an empty list for none."""
        return self.cleaned_data["scope_override"] or None

    @property
    def preview(self) -> MenuPreview | None:
        """What the merchant will see: of what stands in the form, or of the entry point as it is."""
        if not self.is_bound:
            known = self.instance.pk is not None
            return preview(self.instance.meta_app, self.instance.vertical, self.instance.intent) if known else None
        cleaned = getattr(self, "cleaned_data", {})
        if not (cleaned.get("meta_app") and "vertical" in cleaned and "intent" in cleaned):
            return None
        return preview(cleaned["meta_app"], cleaned["vertical"], cleaned["intent"])


class LaunchLinkForm(TenantForm):
    """Whom a launch link is for, and where it leads; `form` tells the same form sent again from a new one."""

    partner_of = "business"
    form = forms.CharField(required=False, max_length=200, initial=new_token, widget=forms.HiddenInput)

    class Meta:
        model = LaunchLink
        fields = ("business", "entry_point")
        help_texts: ClassVar[dict[str, Any]] = {
            "entry_point": _(
                "None: every active entry point of the business's verticals; where a live app has one of them, one of "
                "a test app only for a business that is on it already. In the list of who must reconnect only a link "
                "for one entry point counts."
            )
        }

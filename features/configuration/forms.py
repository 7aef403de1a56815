"""The form of a customizable feature's settings, made from the table of settings (meta-api §1.9)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from features.configuration.advice import advice
from features.configuration.observed import ENABLED
from mbe.customizing import SETTINGS, Setting
from mbe.placeholders import PLACEHOLDERS, fill, placeholders_in
from partners.models import Business
from partners.validators import validate_https_origin, validate_https_url

LONGEST_TEXT = 200
LONGEST_ADDRESS = 1_000
_SAMPLE = {"external_business_id": "shop-1001", "domain": "https://shop.example"}


class NoDomain(Exception):
    """An address is made from the business's domain, and the business has none."""


def fingerprint_of(values: Mapping[str, Any]) -> str:
    """A short text that changes with the values: it says whether what a form was made from is still so."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()[:16]


def filled(feature_type: str, values: Mapping[str, Any], business: Business) -> dict[str, Any]:
    """The values with the business in the placeholders of every address; raises `NoDomain`."""
    kinds = {each.name: each.kind for each in SETTINGS[feature_type]}
    return {name: _filled(kinds.get(name, ""), value, business) for name, value in values.items()}


class ConfigurationForm(forms.Form):
    """The settings of one feature type, `enabled` first.

    Placeholders in addresses are filled in for `business`; without one they are checked, and stay for `filled`.
    """

    enabled = forms.BooleanField(label=_("Switched on"), required=False)
    version = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        feature_type: str,
        data: Any = None,
        *,
        partner: str,
        business: Business | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """Take the partner's name for the suggestions, and flat values as `initial`."""
        self.feature_type, self.business = feature_type, business
        self.settings = SETTINGS[feature_type]
        super().__init__(data, initial=self._as_typed(initial or {}))
        for setting in self.settings:
            self.fields[setting.name] = _field(setting, partner)

    @property
    def values(self) -> dict[str, Any]:
        """The flat values of what is typed, as far as it is right; before anything is typed, the initial ones."""
        names = [ENABLED, *(each.name for each in self.settings)]
        if not self.is_bound:
            return {name: self._read(name, self.initial.get(name)) for name in names}
        self.is_valid()
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}

    @property
    def version_seen(self) -> int | None:
        """The version of what was wanted when the form was made; None for nothing."""
        typed = str(self.cleaned_data.get("version") or "")
        if not typed:
            return None
        return int(typed) if typed.isdecimal() else 0

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields as the page shows them, each with its warnings."""
        warnings = advice(self.feature_type, self.values)
        names = [ENABLED, *(each.name for each in self.settings)]
        return [{"field": self[name], "warnings": warnings.get(name, [])} for name in names]

    def clean(self) -> dict[str, Any]:
        """Check each setting by its kind."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for setting in self.settings:
            if setting.name in cleaned:
                try:
                    cleaned[setting.name] = self._checked(setting, cleaned[setting.name])
                except ValidationError as error:
                    self.add_error(setting.name, error)
        return cleaned

    def _checked(self, setting: Setting, typed: str) -> Any:
        if setting.kind == "text":
            _check_text(typed)
            return typed
        lines = list(dict.fromkeys(typed.split())) if setting.kind == "origins" else [typed]
        check = validate_https_origin if setting.kind == "origins" else validate_https_url
        addresses = [self._address(each, check) for each in lines if each]
        return addresses if setting.kind == "origins" else "".join(addresses)

    def _address(self, typed: str, check: Any) -> str:
        unknown = [name for name in placeholders_in(typed) if name not in PLACEHOLDERS]
        if unknown:
            texts = {"name": unknown[0], "names": ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)}
            raise ValidationError(_("“{%(name)s}” is no placeholder. Those that are: %(names)s."), params=texts)
        if self.business is None:
            check(fill(typed, **_SAMPLE))
            return typed
        try:
            address = _address_for(typed, self.business)
        except NoDomain:
            raise ValidationError(_("The business has no domain that could stand here.")) from None
        check(address)
        return address

    def _as_typed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        origins = {each.name for each in self.settings if each.kind == "origins"}
        return {
            name: "\n".join(map(str, value)) if name in origins and isinstance(value, list) else value
            for name, value in values.items()
        }

    def _read(self, name: str, value: Any) -> Any:
        if name == ENABLED:
            return bool(value)
        is_list = any(each.name == name and each.kind == "origins" for each in self.settings)
        return str(value or "").split() if is_list else str(value or "")


def _field(setting: Setting, partner: str) -> forms.CharField:
    label = setting.label.in_language(get_language() or "en")
    if setting.kind == "origins":
        attrs = {"rows": 4, "class": "vLargeTextField", "placeholder": "https://shop.example", "spellcheck": "false"}
        help_text = _("One a line, such as https://shop.example. {domain} stands for the business's own.")
        return forms.CharField(
            label=label, required=False, help_text=help_text, widget=forms.Textarea(attrs), max_length=LONGEST_ADDRESS
        )
    if setting.kind == "url":
        attrs = {"class": "vLargeTextField", "inputmode": "url", "placeholder": "https://", "spellcheck": "false"}
        help_text = _("An https address. {domain} and {external_business_id} stand for the business's own.")
        return forms.CharField(
            label=label, required=False, help_text=help_text, widget=forms.TextInput(attrs), max_length=LONGEST_ADDRESS
        )
    attrs = {"class": "vTextField", "list": f"suggestions-{setting.name}", "autocomplete": "off"}
    field = forms.CharField(label=label, required=False, widget=forms.TextInput(attrs), max_length=LONGEST_TEXT)
    field.suggestions = setting.suggested_by(partner)  # type: ignore[attr-defined]  # read by the template
    return field


def _check_text(typed: str) -> None:
    if not typed.isprintable():
        raise ValidationError(_("This holds characters that cannot be printed."))
    if placeholders_in(typed):
        raise ValidationError(_("Placeholders are filled in in addresses only."))


def _filled(kind: str, value: Any, business: Business) -> Any:
    if kind == "url":
        return _address_for(value, business)
    if kind == "origins":
        return [_address_for(each, business) for each in value]
    return value


def _address_for(typed: str, business: Business) -> str:
    if "domain" in placeholders_in(typed) and not business.domain:
        raise NoDomain
    return fill(typed, external_business_id=business.external_business_id, domain=business.domain)

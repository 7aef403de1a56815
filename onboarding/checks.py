"""What makes an entry point impossible, said in words: its vertical and intent, and its CTA defaults."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext

from mbe.catalog import FEATURE_TYPES, INTENTS, VERTICALS, missing_features
from mbe.placeholders import PLACEHOLDERS, fill, placeholders_in
from partners.models import MetaApp
from partners.validators import validate_https_origin, validate_https_url

_MOST_CHARACTERS = 3000
_SAMPLE = {"external_business_id": "shop-1001", "domain": "https://shop.example"}


def entry_point_problems(vertical: str, intent: str, meta_app: MetaApp) -> list[str]:
    """Why this app cannot have an entry point of this vertical and intent; empty when it can (mbe-v3 §9)."""
    language = get_language() or "en"
    known = VERTICALS.get(vertical)
    if known is None:
        return [gettext("“%(vertical)s” is no vertical.") % {"vertical": vertical}]
    if intent and (vertical, intent) not in INTENTS:
        names = ", ".join(each.name for each in known.intents) or gettext("none")
        texts = {"intent": intent, "vertical": known.label.in_language(language), "intents": names}
        return [gettext("“%(intent)s” is no intent of %(vertical)s. Its intents: %(intents)s.") % texts]
    missing = missing_features(vertical, intent, meta_app.features) if intent else []
    if not missing:
        return []
    features = ", ".join(f"{FEATURE_TYPES[name].label.in_language(language)} ({name})" for name in missing)
    texts = {"app": str(meta_app), "intent": intent, "features": features}
    return [gettext("%(app)s does not offer what %(intent)s needs: %(features)s.") % texts]


def cta_problems(cta_defaults: object) -> list[str]:
    """Why these CTA defaults cannot go to Meta as `business_config`; empty when they can (meta-api §1.9)."""
    if not isinstance(cta_defaults, dict):
        return [gettext("CTA defaults are an object: feature type to settings.")]
    if len(json.dumps(cta_defaults)) > _MOST_CHARACTERS:
        return [
            gettext("CTA defaults go to Meta in an address: %(most)s characters at most.") % {"most": _MOST_CHARACTERS}
        ]
    return [problem for name, settings in cta_defaults.items() for problem in _feature_problems(name, settings)]


def _feature_problems(name: str, settings: object) -> Iterator[str]:
    customizable = [each.name for each in FEATURE_TYPES.values() if each.is_customizable]
    if name not in customizable:
        texts = {"name": name, "names": ", ".join(customizable)}
        yield gettext("“%(name)s” takes no settings. Those that do: %(names)s.") % texts
    elif not isinstance(settings, dict):
        yield gettext("The settings of “%(name)s” are an object.") % {"name": name}
    else:
        for key, value in settings.items():
            for problem in _setting_problems(key, value):
                yield f"{name}.{key}: {problem}"


def _setting_problems(key: str, value: Any) -> Iterator[str]:
    if not f"{key}{value}".isprintable():
        yield gettext("This holds characters that cannot be printed.")
    elif key == "domains":
        yield from _domains_problems(value)
    elif key.endswith("_url"):
        yield from _url_problems(value)
    elif key == "enabled" and not isinstance(value, bool):
        yield gettext("This is true or false.")
    elif not isinstance(value, str | bool):
        yield gettext("This is a text, or true or false.")
    elif isinstance(value, str) and placeholders_in(value):
        yield gettext("Placeholders are filled in in addresses only.")


def _url_problems(value: object) -> Iterator[str]:
    if not isinstance(value, str):
        yield gettext("This is a text.")
        return
    unknown = [name for name in placeholders_in(value) if name not in PLACEHOLDERS]
    if unknown:
        texts = {"name": unknown[0], "names": ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)}
        yield gettext("“{%(name)s}” is no placeholder. Those that are: %(names)s.") % texts
        return
    try:
        validate_https_url(fill(value, **_SAMPLE))
    except ValidationError as error:
        yield from error.messages


def _domains_problems(value: object) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        yield gettext("This is a list of origins such as https://shop.example.")
        return
    for each in value:
        try:
            validate_https_origin(fill(each, **_SAMPLE))
        except ValidationError as error:
            yield from error.messages

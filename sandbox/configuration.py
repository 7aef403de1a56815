"""The feature configuration: what GET /fbe_business shows, and what POST may change."""

from collections.abc import Iterator
from typing import Any

from mbe.catalog import FEATURE_TYPES, canonical_feature_type
from sandbox.knob_groups import ConfigurationKnobs
from sandbox.model import Connection, Feature, Json

_NOT_FEATURES = ("business", "external_client", "catalog_feed_scheduled")
_ALSO_SHOWN_WHEN_ABSENT = ("ig_shopping", "page_post", "page_shop")
# The texts and addresses that each customizable type has (meta-api, 1.9), with how people call them.
_TEXT, _URL = {"cta_button_text": "Button text"}, {"cta_button_url": "Button address"}
_SETTINGS = {
    "page_cta": _TEXT | _URL | {"below_button_text": "Text below the button"},
    "ig_cta": _TEXT | _URL,
    "messenger_menu": _TEXT | _URL,
    "thread_intent": _URL,
    "page_card": {"see_all_text": "Text of the link to all", "see_all_url": "Address of all"} | _TEXT,
}
_LISTS = {"messenger_chat": {"domains": "Domains"}}
_ALWAYS_SHOWN = {"messenger_chat": {"default_locale": "en_US"}}
LONGEST_TEXT = 1_000


class ConfigurationRefused(Exception):
    """The `business_config` asks for what may not be changed; the message says what.

    `for_people` is what Meta would show the person who asked, "" for nothing.
    """

    def __init__(self, message: str, for_people: str = "") -> None:
        super().__init__(message)
        self.for_people = for_people


def is_customizable(feature_type: str) -> bool:
    """Whether POST may change features of that type."""
    known = FEATURE_TYPES.get(canonical_feature_type(feature_type))
    return known is not None and known.is_customizable


def settings_of(feature_type: str) -> dict[str, str]:
    """Name and label of each text that features of that type have."""
    return _SETTINGS.get(canonical_feature_type(feature_type), {})


def lists_of(feature_type: str) -> dict[str, str]:
    """Name and label of each list of texts that features of that type have."""
    return _LISTS.get(canonical_feature_type(feature_type), {})


def plural(feature_type: str) -> str:
    """The key under which every instance of a type is listed."""
    return feature_type if feature_type.endswith("s") else f"{feature_type}s"


def configuration_of(connection: Connection, *, v2: bool = False) -> Json:
    """The whole answer: plural lists for what is installed; for the rest, `{"enabled": false}` at the singular key.

    In v2 everything stands at its singular key, without instance ids.
    """
    answer: Json = {"business": {"name": connection.name}}
    for feature in connection.features:
        row = _row(feature)
        if v2:
            answer.setdefault(feature.feature_type, _without_id(row))
            continue
        answer.setdefault(plural(feature.feature_type), []).append(row)
        if is_customizable(feature.feature_type):
            answer.setdefault(feature.feature_type, row)
    customizable = [name for name, known in FEATURE_TYPES.items() if known.is_customizable]
    installed = {feature.feature_type for feature in connection.features}
    for name in ("catalog_feed_scheduled", *_ALSO_SHOWN_WHEN_ABSENT, *customizable):
        if name not in installed:
            answer[name] = {"enabled": False}
    return answer


def _row(feature: Feature) -> Json:
    settings = feature.settings if is_customizable(feature.feature_type) else {}
    settings = _ALWAYS_SHOWN.get(canonical_feature_type(feature.feature_type), {}) | settings
    return {"feature_instance_id": feature.feature_instance_id, "enabled": feature.enabled, **settings}


def _without_id(row: Json) -> Json:
    return {name: value for name, value in row.items() if name != "feature_instance_id"}


def configure(connection: Connection, business_config: Json, knobs: ConfigurationKnobs) -> list[Feature]:
    """Change what `business_config` names, all of it or nothing; return the features that it says are on.

    A singular key means the first instance unless it carries a `feature_instance_id`; each element of a plural list
    must. Raises ConfigurationRefused.
    """
    _check_knob(business_config, knobs.refuse)
    changes = [(_addressed(connection, key, row), _checked(key, row)) for key, row in _rows(business_config)]
    name = business_config.get("business", {}).get("name") if "business" in business_config else None
    if name:
        connection.name = str(name)
    switched_on = [feature for feature, row in changes if row.get("enabled")]
    for feature, row in changes:
        kept = knobs.keeps.get(canonical_feature_type(feature.feature_type), {})
        row |= {name: value for name, value in kept.items() if name in row}
        feature.enabled = row.pop("enabled", feature.enabled)
        feature.settings |= row
    return switched_on


def _check_knob(business_config: Json, refuse: Json) -> None:
    types = {canonical_feature_type(key) for key, _ in _rows(business_config)}
    if refuse and types & set(refuse.get("types", types)):
        message = refuse.get("message") or "This configuration is not allowed."
        raise ConfigurationRefused("Invalid parameter", message)


def _rows(business_config: Json) -> Iterator[tuple[str, Any]]:
    for key, value in business_config.items():
        if key not in _NOT_FEATURES:
            yield from ((key, row) for row in (value if isinstance(value, list) else [value]))


def _addressed(connection: Connection, key: str, row: Any) -> Feature:
    if not isinstance(row, dict):
        raise ConfigurationRefused(f"business_config[{key}] must be an object")
    feature_type = canonical_feature_type(key)
    if not is_customizable(feature_type):
        raise ConfigurationRefused(f"{key} cannot be configured with this API")
    instances = [one for one in connection.features if canonical_feature_type(one.feature_type) == feature_type]
    wanted = row.get("feature_instance_id")
    if wanted is None and key == plural(feature_type):
        raise ConfigurationRefused(f"each element of {key} needs its feature_instance_id")
    found = next((one for one in instances if wanted in (None, one.feature_instance_id)), None)
    if found is None:
        raise ConfigurationRefused(f"{key} is not installed" if wanted is None else f"{key} has no instance {wanted}")
    return found


def _checked(key: str, row: Json) -> Json:
    row = {name: value for name, value in row.items() if name != "feature_instance_id"}
    if not isinstance(row.get("enabled", True), bool):
        raise ConfigurationRefused(f"business_config[{key}][enabled] must be a boolean")
    for name in settings_of(key):
        if not isinstance(row.get(name, ""), str):
            raise ConfigurationRefused(f"business_config[{key}][{name}] must be a string")
    for name in lists_of(key):
        values = row.get(name, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ConfigurationRefused(f"business_config[{key}][{name}] must be a list of strings")
    for name, value in row.items():
        _check_text(f"business_config[{key}][{name}]", name, value)
    return row


def _check_text(place: str, name: str, value: Any) -> None:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ConfigurationRefused(f"{place} is too long", f"A text may have {LONGEST_TEXT} characters.")
    if name.endswith("_url") and value and not str(value).startswith("https://"):
        raise ConfigurationRefused(f"{place} must be a secure address", "The address must begin with https://.")

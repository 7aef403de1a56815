"""The feature configuration: what GET /fbe_business shows, and what POST may change."""

from collections.abc import Iterator
from typing import Any

from mbe.catalog import FEATURE_TYPES, canonical_feature_type
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


class ConfigurationRefused(Exception):
    """The `business_config` asks for what may not be changed; the message says what."""


def is_customizable(feature_type: str) -> bool:
    """Whether POST may change features of that type."""
    known = FEATURE_TYPES.get(canonical_feature_type(feature_type))
    return known is not None and known.is_customizable


def settings_of(feature_type: str) -> dict[str, str]:
    """Name and label of each text that features of that type have."""
    return _SETTINGS.get(canonical_feature_type(feature_type), {})


def plural(feature_type: str) -> str:
    """The key under which every instance of a type is listed."""
    return feature_type if feature_type.endswith("s") else f"{feature_type}s"


def configuration_of(connection: Connection) -> Json:
    """The whole answer: plural lists for what is installed; for the rest, `{"enabled": false}` at the singular key."""
    answer: Json = {"business": {"name": connection.name}}
    for feature in connection.features:
        row = _row(feature)
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
    return {"feature_instance_id": feature.feature_instance_id, "enabled": feature.enabled, **settings}


def configure(connection: Connection, business_config: Json) -> None:
    """Change what `business_config` names, all of it or nothing.

    A singular key means the first instance unless it carries a `feature_instance_id`; each element of a plural list
    must. Raises ConfigurationRefused.
    """
    changes = [(_addressed(connection, key, row), _checked(key, row)) for key, row in _rows(business_config)]
    name = business_config.get("business", {}).get("name") if "business" in business_config else None
    if name:
        connection.name = str(name)
    for feature, row in changes:
        feature.enabled = row.pop("enabled", feature.enabled)
        feature.settings |= row


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
    return row

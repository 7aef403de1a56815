"""The feature configuration API's answer as one record for each feature instance (mbe-v3, section 6; meta-api, 4.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mbe.catalog import FEATURE_TYPES, canonical_feature_type
from mbe.errors import DoubtfulAnswer
from mbe.wire import identifier

NOT_FEATURES = frozenset({"business", "id", "commerce_extension", "external_client", "catalog_feed_scheduled"})

_OWN_KEYS = ("feature_instance_id", "enabled")


@dataclass(frozen=True)
class FeatureConfiguration:
    """The configuration of one instance; ``feature_instance_id`` is empty for a feature that is not installed.

    ``feature_type_raw`` is the key that Meta used, plural or not; ``enabled`` is None where Meta did not say.
    """

    feature_type: str
    feature_type_raw: str
    feature_instance_id: str
    enabled: bool | None
    settings: dict[str, Any]


@dataclass(frozen=True)
class BusinessConfiguration:
    """All that the feature configuration API says about one business; ``other`` keeps what is no feature."""

    business: dict[str, Any]
    features: tuple[FeatureConfiguration, ...]
    other: dict[str, Any]

    def by_instance(self) -> dict[str, FeatureConfiguration]:
        """Give the installed instances by their id."""
        return {entry.feature_instance_id: entry for entry in self.features if entry.feature_instance_id}


def parse_business_configuration(payload: object) -> BusinessConfiguration:
    """Read the answer to ``GET /fbe_business``: singular objects, plural lists, or both for the same instance.

    Raises DoubtfulAnswer for an answer that is empty or no object, and for a known feature of an unexpected shape.
    """
    if not isinstance(payload, dict) or not payload:
        raise DoubtfulAnswer("The feature configuration is not an object, or is empty")
    features: dict[tuple[str, str], FeatureConfiguration] = {}
    other: dict[str, Any] = {}
    for key, value in payload.items():
        if _is_feature(key, value):
            for entry in _configurations(key, value):
                _add(features, entry)
        elif key != "business":
            other[key] = value
    business = payload.get("business")
    return BusinessConfiguration(business if isinstance(business, dict) else {}, tuple(features.values()), other)


def _is_feature(key: str, value: object) -> bool:
    if key in NOT_FEATURES:
        return False
    if canonical_feature_type(key) in FEATURE_TYPES:
        return value is not None
    entries = value if isinstance(value, list) else [value]
    return bool(entries) and all(
        isinstance(entry, dict) and any(own in entry for own in _OWN_KEYS) for entry in entries
    )


def _configurations(key: str, value: object) -> Iterator[FeatureConfiguration]:
    for entry in value if isinstance(value, list) else [value]:
        if not isinstance(entry, dict):
            raise DoubtfulAnswer("The configuration of a feature is not an object")
        enabled = entry.get("enabled")
        yield FeatureConfiguration(
            feature_type=canonical_feature_type(key),
            feature_type_raw=key,
            feature_instance_id=identifier(entry.get("feature_instance_id")),
            enabled=enabled if isinstance(enabled, bool) else None,
            settings={name: setting for name, setting in entry.items() if name not in _OWN_KEYS},
        )


def _add(features: dict[tuple[str, str], FeatureConfiguration], entry: FeatureConfiguration) -> None:
    """Keep one record for an instance that stands under both keys: the plural entry, filled up from the singular."""
    key = (entry.feature_type, entry.feature_instance_id)
    known = features.get(key)
    if known is None:
        features[key] = entry
        return
    fuller, other = (known, entry) if known.feature_type_raw != known.feature_type else (entry, known)
    features[key] = FeatureConfiguration(
        feature_type=fuller.feature_type,
        feature_type_raw=fuller.feature_type_raw,
        feature_instance_id=fuller.feature_instance_id,
        enabled=other.enabled if fuller.enabled is None else fuller.enabled,
        settings={**other.settings, **fuller.settings},
    )

"""What is installed for one business: the model that installs API and webhook share (mbe-v3, section 5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mbe.catalog import canonical_feature_type
from mbe.errors import DoubtfulAnswer
from mbe.masking import mask_secrets
from mbe.wire import identifier, text

_ID_LISTS = ("profiles", "pages", "instagram_profiles")
_ID_SUFFIXES = ("_id", "_ids")
_TOP_LEVEL_KEYS = ("installed_features", "token_type")
_FEATURE_KEYS = ("feature_instance_id", "feature_type", "feature_name", "connected_assets", "additional_info")


@dataclass(frozen=True)
class InstalledFeature:
    """One installed instance of a feature, with its own assets.

    ``feature_type`` is the catalog's word, ``feature_type_raw`` what Meta wrote. ``connected_assets`` holds only what
    is really there. Keys that Meta may add to the entry are kept in ``additional_info`` under their own name.
    """

    feature_instance_id: str
    feature_type: str
    feature_type_raw: str
    feature_name: str
    connected_assets: dict[str, Any]
    additional_info: dict[str, Any]


@dataclass(frozen=True)
class Installs:
    """All that is installed for one external business id.

    ``assets`` are the ids and lists of ids of the top level that are really there, as text. ``features`` is None where
    the answer says nothing about features (an app still on v2): then nothing may be removed.
    """

    is_installed: bool
    assets: dict[str, Any]
    token_type: str
    additional_info: dict[str, Any]
    features: tuple[InstalledFeature, ...] | None

    @property
    def business_manager_id(self) -> str:
        """The Business Manager that the connection is locked to; empty where none is named."""
        return next((word for word in self._all("business_manager_id") if isinstance(word, str)), "")

    def _all(self, key: str) -> Iterator[Any]:
        of_features = (feature.connected_assets for feature in self.features or ())
        return (assets[key] for assets in (*of_features, self.assets) if key in assets)


def parse_installs(payload: object) -> Installs:
    """Read the installs API's answer, all its pages in one ``data`` list (mbe-v3, section 5; meta-api, 3.2).

    Several elements are merged into one. Raises DoubtfulAnswer where a shape leaves open what is installed.
    """
    if not isinstance(payload, dict):
        raise DoubtfulAnswer("The installs answer is not an object")
    elements = _objects(payload.get("data"), "data")
    assets: dict[str, Any] = {}
    info: dict[str, Any] = {}
    for element in elements:
        top_level = {key: value for key, value in element.items() if key not in _TOP_LEVEL_KEYS}
        ids = {key: value for key, value in top_level.items() if _is_asset(key, value)}
        _merge(assets, _present(ids))
        _merge(info, {key: value for key, value in top_level.items() if key not in ids and value is not None})
    return Installs(
        is_installed=bool(elements),
        assets=assets,
        token_type=next((word for element in elements if (word := text(element.get("token_type")))), ""),
        additional_info=_masked(info),
        features=_features(elements),
    )


def _features(elements: list[dict[str, Any]]) -> tuple[InstalledFeature, ...] | None:
    lists = [listed for element in elements if (listed := element.get("installed_features")) is not None]
    if elements and not lists:
        return None
    features = [_feature(entry) for listed in lists for entry in _objects(listed, "installed_features")]
    return tuple({feature.feature_instance_id: feature for feature in features}.values())


def _feature(entry: dict[str, Any]) -> InstalledFeature:
    instance_id = identifier(_single(entry.get("feature_instance_id")))
    feature_type = entry.get("feature_type")
    if not instance_id or not isinstance(feature_type, str) or not text(feature_type).strip():
        raise DoubtfulAnswer("An installed feature has no instance id or no type")
    unknown = {key: value for key, value in entry.items() if key not in _FEATURE_KEYS}
    return InstalledFeature(
        feature_instance_id=instance_id,
        feature_type=canonical_feature_type(feature_type),
        feature_type_raw=feature_type,
        feature_name=text(entry.get("feature_name")),
        connected_assets=_masked(_present(_assets_of(entry.get("connected_assets")))),
        additional_info=_masked({**unknown, **_info_of(entry.get("additional_info"))}),
    )


def _objects(value: object, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise DoubtfulAnswer(f"The installs answer has no list of objects in {where}")
    return value


def _single(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _assets_of(value: object) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for item in [value] if isinstance(value, dict) else _objects(value or [], "connected_assets"):
        _merge(merged, item)
    return merged


def _info_of(value: object) -> dict[str, Any]:
    single = _single(value)
    if isinstance(single, dict):
        return single
    return {"additional_info": value} if value else {}


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        known = into.setdefault(key, value)
        if known is not value and isinstance(known, list) and isinstance(value, list):
            into[key] = known + [item for item in value if item not in known]


def _is_asset(key: str, value: object) -> bool:
    values = value if isinstance(value, list) else [value]
    return (key in _ID_LISTS or key.endswith(_ID_SUFFIXES)) and _holds_ids(values)


def _present(assets: dict[str, Any]) -> dict[str, Any]:
    cleaned = {key: _clean(value) for key, value in assets.items()}
    return {key: value for key, value in cleaned.items() if value not in (None, "", [], {})}


def _clean(value: object) -> object:
    if isinstance(value, list):
        return list(dict.fromkeys(filter(None, map(identifier, value)))) if _holds_ids(value) else value
    return identifier(value) if _is_id(value) else value


def _holds_ids(values: list[object]) -> bool:
    return all(value is None or _is_id(value) for value in values)


def _is_id(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _masked(values: dict[str, Any]) -> dict[str, Any]:
    masked = mask_secrets(values)
    return masked if isinstance(masked, dict) else {}

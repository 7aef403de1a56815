"""Where Meta's top-level assets say something else than a feature's own, which win (mbe-v3 §5). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# A feature names one id where the top level has a list.
_LISTS = {"page_id": ("pages", "profiles"), "ig_profile_id": ("instagram_profiles", "profiles")}


@dataclass(frozen=True)
class Disagreement:
    """An asset of a feature that the top level does not name, although it names others of its kind."""

    feature_instance_id: str
    key: str
    of_feature: str
    top_level: tuple[str, ...]


def disagreements(assets: Mapping[str, Any], features: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Disagreement]:
    """Compare an installation's top-level assets with its features': (feature instance id, connected assets) each."""
    found = []
    for instance_id, connected in features:
        for key, value in connected.items():
            top_level = _top_level(assets, key)
            unnamed = [each for each in _ids(value) if top_level and each not in top_level]
            found += [Disagreement(instance_id, key, each, top_level) for each in unnamed]
    return found


def _top_level(assets: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """All that the top level names of this kind of asset."""
    return tuple(dict.fromkeys(each for name in (key, *_LISTS.get(key, ())) for each in _ids(assets.get(name))))


def _ids(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(each) for each in value]
    return [] if value is None or isinstance(value, Mapping) else [str(value)]

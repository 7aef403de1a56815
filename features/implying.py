"""Features that Meta does not list: what a v2 answer implies, and which of it a v3 answer confirms. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from features.diff import Differences, Record, diff
from features.implied.matching import has_settings_of, holder, matched
from mbe.fca import BusinessConfiguration
from mbe.installs import InstalledFeature, Installs
from mbe.v2 import implied_features, is_kin


@dataclass(frozen=True)
class Confirmations:
    """Of the implied records: the listed id that each becomes, and those that stay though Meta does not list them.

    `shared`: those whose assets Meta still shows, whether they stay or not. `outlived`: the listed id for those whose
    feature has a record of its own, of an earlier time in v3, that goes on. `parts`: the listed id for those that end
    because their asset is a part of that feature.
    """

    listed_by_implied: dict[str, str]
    staying: frozenset[str]
    shared: frozenset[str]
    outlived: dict[str, str]
    parts: dict[str, str]

    @property
    def listed(self) -> dict[str, str]:
        """The listed id for each that Meta lists."""
        return self.listed_by_implied | self.outlived


def with_implied(
    installs: Installs, channel: str, living: Collection[str], configuration: BusinessConfiguration | None
) -> Installs:
    """Give a v2 answer the features that its channel, assets and configuration imply.

    `living`: the types implied until now, which stay while their assets do where the configuration is not known.
    """
    enabled = living
    if configuration is not None:
        enabled = [each.feature_type for each in configuration.features if each.enabled]
    found = implied_features(channel, installs.assets, enabled)
    features = (
        InstalledFeature(each.feature_instance_id, each.feature_type, each.feature_type, "", each.connected_assets, {})
        for each in found
    )
    return replace(installs, features=tuple(features))


def confirmations(records: Mapping[str, Record], implied: Mapping[str, Record], installs: Installs) -> Confirmations:
    """Match implied records, living and ended ones, with what a v3 answer lists.

    A living one that nothing listed matches stays while an asset of each kind it stands on is still shared. Where Meta
    lists its type with other assets, those supersede the top level's that it was implied by (mbe-v3, section 5); where
    it lists its asset as a part of another feature, it goes on in that one; where it lists the shop's settings with
    the other kind of shop, it has said which there are. An answer that lists nothing at all ends every one of them, as
    it ends every other feature. An ended one that Meta lists is there again, whatever it ended by.
    """
    listed = installs.features or ()
    living = {key for key, record in records.items() if not record.is_removed}
    new = [each for each in listed if each.feature_instance_id not in living]
    found = matched(implied, new, installs)
    ids = set(_ids((installs.assets, *(each.connected_assets for each in listed))))
    shared = frozenset(key for key in implied if _is_shared(records[key], ids))
    left = {key: each for key, each in implied.items() if key in living and key not in found}
    parts = {key: held_by for key, each in left.items() if (held_by := holder(each, installs))}
    staying = {key for key in shared & left.keys() - parts.keys() if not _is_superseded(records[key], listed)}
    return Confirmations(
        {key: new_id for key, new_id in found.items() if new_id not in records},
        frozenset(staying if listed else ()),
        shared,
        {key: known for key, known in found.items() if known in records},
        parts,
    )


def diff_confirmed(
    records: Mapping[str, Record],
    found: Confirmations,
    installs: Installs,
    configuration: BusinessConfiguration | None,
) -> Differences:
    """`diff`, with each confirmed record under its listed id, and leaving those alone that stay implied."""
    became = found.listed_by_implied
    renamed = {became.get(key, key): each for key, each in records.items() if key not in found.staying}
    return diff(renamed, installs, configuration)


def _is_superseded(record: Record, listed: Iterable[InstalledFeature]) -> bool:
    implied_type = record.facts.feature_type
    return any(is_kin(implied_type, each.feature_type) or has_settings_of(record, each) for each in listed)


def _is_shared(record: Record, shared: set[str]) -> bool:
    return all(each in shared for each in record.facts.connected_assets.values())


def _ids(groups: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Every id among the assets; what a listed feature has may also be an object with an id, or anything else."""
    for group in groups:
        for value in group.values():
            for each in value if isinstance(value, list) else [value]:
                found = each.get("id") if isinstance(each, Mapping) else each
                yield from [found] if isinstance(found, str) else []

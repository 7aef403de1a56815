"""Which of the features that Meta lists are those that were implied, or hold them. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, product
from typing import Any

from features.diff import Record
from mbe.installs import InstalledFeature, Installs
from mbe.v2 import confirms, is_kin, is_other_shop, is_part_of, may_be

# For each implied record, the listed features that are of its type.
Alike = Mapping[str, Sequence[InstalledFeature]]


def matched(implied: Mapping[str, Record], listed: Sequence[InstalledFeature], installs: Installs) -> dict[str, str]:
    """Find the id for each implied record that is among the `listed` features of the answer; no id twice.

    First by the assets that Meta names. Of what is left, those are the same that can only be each other: Meta may name
    no asset (meta-api, 11, row 6), or the one at the top level is a part of another feature, and this has its own
    (mbe-v3, section 5). Living records come before ended ones, a record's own type before its kin.
    """
    found: dict[str, str] = {}
    for match in (_by_assets, _by_elimination):
        for is_removed, is_same_type in product((False, True), (True, False)):
            free = [each for each in listed if each.feature_instance_id not in found.values()]
            left = {key: each for key, each in implied.items() if key not in found and each.is_removed is is_removed}
            alike = {key: [new for new in free if _is_alike(each, new, is_same_type)] for key, each in left.items()}
            found |= match(implied, alike, installs.assets)
    return found | _with_assets_of_their_own(implied, listed, installs, found)


def holder(record: Record, installs: Installs) -> str:
    """The id of the listed feature of another type of which the record's asset is a part; empty where none is."""
    facts = record.facts
    holding = (
        each.feature_instance_id
        for each in installs.features or ()
        if is_part_of(facts.feature_type, facts.connected_assets, each.feature_type, each.connected_assets)
    )
    return next(holding, "")


def _by_assets(implied: Mapping[str, Record], alike: Alike, _shared: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, features in alike.items():
        free = (each for each in features if each.feature_instance_id not in found.values())
        if new := next((each for each in free if is_confirmed(implied[key], each)), None):
            found[key] = new.feature_instance_id
    return found


def _by_elimination(implied: Mapping[str, Record], alike: Alike, shared: Mapping[str, Any]) -> dict[str, str]:
    possible = {
        key: [each.feature_instance_id for each in features if could_be(implied[key], each, shared)]
        for key, features in alike.items()
    }
    return _only_pairs(possible)


def _with_assets_of_their_own(
    implied: Mapping[str, Record], listed: Sequence[InstalledFeature], installs: Installs, found: Mapping[str, str]
) -> dict[str, str]:
    free = [each for each in listed if each.feature_instance_id not in found.values()]
    left = {key: each for key, each in implied.items() if key not in found and not each.is_removed}
    held = {key: each for key, each in left.items() if holder(each, installs)}
    return _only_pairs(
        {key: [new.feature_instance_id for new in free if _is_alike(each, new, True)] for key, each in held.items()}
    )


def _only_pairs(possible: Mapping[str, Sequence[str]]) -> dict[str, str]:
    wanted = Counter(chain.from_iterable(possible.values()))
    return {key: ids[0] for key, ids in possible.items() if len(ids) == 1 and wanted[ids[0]] == 1}


def _is_alike(record: Record, listed: InstalledFeature, is_same_type: bool) -> bool:
    implied_type = record.facts.feature_type
    return is_kin(implied_type, listed.feature_type) and (implied_type == listed.feature_type) is is_same_type


def is_confirmed(record: Record, listed: InstalledFeature) -> bool:
    """Say whether the listed feature is the implied one by the assets that Meta names."""
    facts = record.facts
    return confirms(facts.feature_type, facts.connected_assets, listed.feature_type, listed.connected_assets)


def could_be(record: Record, listed: InstalledFeature, shared: Mapping[str, Any]) -> bool:
    """Say whether nothing that Meta names contradicts that the listed feature is the implied one."""
    facts = record.facts
    return may_be(facts.feature_type, facts.connected_assets, listed.feature_type, listed.connected_assets, shared)


def has_settings_of(record: Record, listed: InstalledFeature) -> bool:
    """Say whether the listed feature is the other kind of shop than the implied one, with its settings."""
    facts = record.facts
    return is_other_shop(facts.feature_type, facts.connected_assets, listed.feature_type, listed.connected_assets)

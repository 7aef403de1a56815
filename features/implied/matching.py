"""Which of the features that Meta lists are those that were implied. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, product
from typing import Any

from features.diff import Record
from mbe.installs import InstalledFeature
from mbe.v2 import confirms, is_kin, may_be

# For each implied record, the listed features that are of its type.
Alike = Mapping[str, Sequence[InstalledFeature]]


def matched(
    implied: Mapping[str, Record], listed: Sequence[InstalledFeature], shared: Mapping[str, Any]
) -> dict[str, str]:
    """Find the listed id for each implied record that Meta lists; no id twice.

    First by the assets that Meta names. Of what is left, those are the same that can only be each other: Meta may name
    no asset (meta-api, 11, row 6). Living records come before ended ones, a record's own type before its kin.
    `shared`: the answer's top-level assets.
    """
    found: dict[str, str] = {}
    for match in (_by_assets, _by_elimination):
        for is_removed, is_same_type in product((False, True), (True, False)):
            free = [each for each in listed if each.feature_instance_id not in found.values()]
            left = {key: each for key, each in implied.items() if key not in found and each.is_removed is is_removed}
            alike = {key: [new for new in free if _is_alike(each, new, is_same_type)] for key, each in left.items()}
            found |= match(implied, alike, shared)
    return found


def _by_assets(implied: Mapping[str, Record], alike: Alike, _shared: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, features in alike.items():
        free = (each for each in features if each.feature_instance_id not in found.values())
        if new := next((each for each in free if _is_confirmed(implied[key], each)), None):
            found[key] = new.feature_instance_id
    return found


def _by_elimination(implied: Mapping[str, Record], alike: Alike, shared: Mapping[str, Any]) -> dict[str, str]:
    possible = {
        key: [each.feature_instance_id for each in features if could_be(implied[key], each, shared)]
        for key, features in alike.items()
    }
    wanted = Counter(chain.from_iterable(possible.values()))
    return {key: ids[0] for key, ids in possible.items() if len(ids) == 1 and wanted[ids[0]] == 1}


def _is_alike(record: Record, listed: InstalledFeature, is_same_type: bool) -> bool:
    implied_type = record.facts.feature_type
    return is_kin(implied_type, listed.feature_type) and (implied_type == listed.feature_type) is is_same_type


def _is_confirmed(record: Record, listed: InstalledFeature) -> bool:
    facts = record.facts
    return confirms(facts.feature_type, facts.connected_assets, listed.feature_type, listed.connected_assets)


def could_be(record: Record, listed: InstalledFeature, shared: Mapping[str, Any]) -> bool:
    """Say whether nothing that Meta names contradicts that the listed feature is the implied one."""
    facts = record.facts
    return may_be(facts.feature_type, facts.connected_assets, listed.feature_type, listed.connected_assets, shared)

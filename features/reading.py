"""What an answer of Meta's means for the records of an installation: of which version it is, and what differs."""

from collections.abc import Mapping
from dataclasses import dataclass

from features.diff import Differences, Facts, Record, diff
from features.implied.comparing import Comparison
from features.implying import Confirmations, confirmations, diff_confirmed, with_implied
from features.models import Feature, Installation, MbeVersion
from mbe.fca import BusinessConfiguration
from mbe.installs import Installs

FACTS = tuple(Facts.__dataclass_fields__)
NO_CONFIRMATIONS = Confirmations({}, frozenset(), frozenset())


@dataclass(frozen=True)
class Reading:
    """What differs, what of the implied is confirmed, and the version that the installation is on now.

    `comparison` is there where the answer says more of how v3 compares with what v2 implied.
    """

    differences: Differences
    found: Confirmations
    version: str
    comparison: Comparison | None = None


def read(
    installation: Installation,
    rows: Mapping[str, Feature],
    installs: Installs,
    configuration: BusinessConfiguration | None,
) -> Reading:
    """Read an answer against the rows (by feature instance id) that it may touch."""
    records = {key: _record(row) for key, row in rows.items()}
    living = [row for row in rows.values() if row.removed_at is None]
    implied = {row.feature_instance_id: records[row.feature_instance_id] for row in living if row.is_implied}
    if installs.features is None:
        # A real feature is proof of v3: a v2 answer takes nothing from it, and adds no twins.
        if installation.mbe_version == MbeVersion.V3 or len(implied) < len(living):
            return Reading(diff(records, installs, configuration), NO_CONFIRMATIONS, MbeVersion.V3)
        types = {each.facts.feature_type for each in implied.values()}
        filled = with_implied(installs, installation.channel, types, configuration)
        return Reading(diff(records, filled, configuration), NO_CONFIRMATIONS, MbeVersion.V2)
    if not installs.is_installed:
        return Reading(diff(records, installs, configuration), NO_CONFIRMATIONS, installation.mbe_version)
    found = confirmations(records, implied, installs)
    is_first = installation.mbe_version == MbeVersion.V2
    says_more = is_first or found.listed_by_implied or len(found.staying) < len(implied)
    comparison = Comparison(installation, is_first, implied, found, installs) if says_more else None
    return Reading(diff_confirmed(records, found, installs, configuration), found, MbeVersion.V3, comparison)


def _record(row: Feature) -> Record:
    return Record(Facts(**{name: getattr(row, name) for name in FACTS}), is_removed=row.removed_at is not None)

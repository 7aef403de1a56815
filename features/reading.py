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
NO_CONFIRMATIONS = Confirmations({}, frozenset(), frozenset(), {}, {})


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
    implied = {key: records[key] for key, row in rows.items() if row.is_implied}
    if installs.features is None:
        return _read_v2(installation, records, implied, installs, configuration)
    if not installs.is_installed:
        return _read_nothing(installation, records, implied, installs, configuration)
    found = confirmations(records, implied, installs)
    is_first = _version(installation) == MbeVersion.V2
    comparison = Comparison(installation, is_first, implied, found, installs)
    says_more = is_first or found.listed or found.parts or comparison.ends_some
    differences = diff_confirmed(records, found, installs, configuration)
    return Reading(differences, found, MbeVersion.V3, comparison if says_more else None)


def _read_v2(
    installation: Installation,
    records: Mapping[str, Record],
    implied: Mapping[str, Record],
    installs: Installs,
    configuration: BusinessConfiguration | None,
) -> Reading:
    living = {key: record for key, record in records.items() if not record.is_removed}
    if living.keys() - implied.keys() or _was_v3(installation):
        # A real feature is proof of v3: a v2 answer takes nothing from it, and adds no twins.
        return Reading(diff(records, installs, configuration), NO_CONFIRMATIONS, MbeVersion.V3)
    types = {each.facts.feature_type for each in living.values()}
    filled = with_implied(installs, installation.channel, types, configuration)
    return Reading(diff(records, filled, configuration), NO_CONFIRMATIONS, MbeVersion.V2)


def _read_nothing(
    installation: Installation,
    records: Mapping[str, Record],
    implied: Mapping[str, Record],
    installs: Installs,
    configuration: BusinessConfiguration | None,
) -> Reading:
    """The end of a connection; of one on v2 all is lost, whether by the switch to v3 or without it."""
    comparison = Comparison(installation, True, implied, NO_CONFIRMATIONS, installs)
    says_more = _version(installation) == MbeVersion.V2 and comparison.unlisted
    differences = diff(records, installs, configuration)
    return Reading(differences, NO_CONFIRMATIONS, installation.mbe_version, comparison if says_more else None)


def _version(installation: Installation) -> str:
    """What binds the next answer: the version of a connection ends with it, whatever the record still says."""
    return "" if installation.state == Installation.State.DISCONNECTED else installation.mbe_version


def _was_v3(installation: Installation) -> bool:
    """Whether Meta has ever listed a feature: a list may also be the empty one of an app on v2 (meta-api, 3.2)."""
    if _version(installation) != MbeVersion.V3:
        return False
    return Feature.objects.filter(installation=installation, is_implied=False).exists()


def _record(row: Feature) -> Record:
    return Record(Facts(**{name: getattr(row, name) for name in FACTS}), is_removed=row.removed_at is not None)

"""What differs between the records and what Meta says is installed. Pure: no database, no Django."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mbe.fca import BusinessConfiguration, FeatureConfiguration
from mbe.installs import InstalledFeature, Installs


@dataclass(frozen=True)
class Facts:
    """What Meta said of one feature instance; the names are those of the record's columns."""

    feature_type: str
    feature_type_raw: str
    feature_name: str
    connected_assets: dict[str, Any]
    additional_info: dict[str, Any]
    is_enabled: bool | None
    configuration: dict[str, Any]


@dataclass(frozen=True)
class Record:
    """A feature instance as we have it."""

    facts: Facts
    is_removed: bool


@dataclass(frozen=True)
class Difference:
    """Of one feature instance that stayed, the columns that differ: before and after."""

    feature_instance_id: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class Differences:
    """All that differs, by what has to be done about it."""

    installed: dict[str, Facts]
    returned: dict[str, Facts]
    removed: tuple[str, ...]
    changed: tuple[Difference, ...]
    configured: tuple[Difference, ...]


CONFIGURATION_COLUMNS = frozenset({"is_enabled", "configuration"})


def diff(records: Mapping[str, Record], installs: Installs, configuration: BusinessConfiguration | None) -> Differences:
    """Compare records (by feature instance id) with Meta's answers.

    `installs.features` None (a v2 answer) removes nothing; `configuration` None leaves every configuration as it was.
    """
    seen = {each.feature_instance_id: each for each in installs.features or ()}
    types = {key: each.feature_type for key, each in seen.items()}
    configured = configuration_by_instance(types, configuration)
    facts = {key: _facts(each, configured.get(key), configuration, records.get(key)) for key, each in seen.items()}
    present = {key: record for key, record in records.items() if not record.is_removed}
    stayed = [(key, asdict(present[key].facts), asdict(new)) for key, new in facts.items() if key in present]
    return Differences(
        installed={key: new for key, new in facts.items() if key not in records},
        returned={key: new for key, new in facts.items() if key in records and records[key].is_removed},
        removed=() if installs.features is None else tuple(key for key in present if key not in seen),
        changed=_differences(stayed, of_configuration=False),
        configured=_differences(stayed, of_configuration=True),
    )


def _differences(
    stayed: list[tuple[str, dict[str, Any], dict[str, Any]]], *, of_configuration: bool
) -> tuple[Difference, ...]:
    found = []
    for key, before, after in stayed:
        columns = [
            name
            for name in after
            if before[name] != after[name] and (name in CONFIGURATION_COLUMNS) is of_configuration
        ]
        if columns:
            was, now = ({name: side[name] for name in columns} for side in (before, after))
            found.append(Difference(key, was, now))
    return tuple(found)


def configuration_by_instance(
    types: Mapping[str, str], configuration: BusinessConfiguration | None
) -> dict[str, FeatureConfiguration]:
    """Each instance's entry, by its id, `types` being those of the installed instances.

    An entry without an instance id (v2) belongs to the only instance of its type.
    """
    if configuration is None:
        return {}
    count = Counter(types.values())
    only = {feature_type: key for key, feature_type in types.items() if count[feature_type] == 1}
    unnamed = [each for each in configuration.features if not each.feature_instance_id and each.feature_type in only]
    return {only[each.feature_type]: each for each in unnamed} | configuration.by_instance()


def _facts(
    installed: InstalledFeature,
    entry: FeatureConfiguration | None,
    configuration: BusinessConfiguration | None,
    record: Record | None,
) -> Facts:
    if configuration is None and record is not None:
        is_enabled, settings = record.facts.is_enabled, record.facts.configuration
    else:
        is_enabled, settings = (entry.enabled, entry.settings) if entry else (None, {})
    return Facts(
        feature_type=installed.feature_type,
        feature_type_raw=installed.feature_type_raw,
        feature_name=installed.feature_name,
        connected_assets=installed.connected_assets,
        additional_info=installed.additional_info,
        is_enabled=is_enabled,
        configuration=settings,
    )

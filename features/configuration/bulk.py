"""What actions on many features would do, found out without doing any of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from features.admin_shows import feature_label
from features.configuration.feature_section import is_editable
from features.configuration.forms import NoDomain, filled
from features.configuration.models import Push
from features.configuration.observed import observed
from features.configuration.planning import preview
from features.configuration.showing import SettingRow, rows_of
from features.configuration.standing import wanted_of
from features.models import Feature
from mbe.customizing import differences

MOST_IN_A_SAMPLE = 8


@dataclass(frozen=True)
class Sample:
    """One feature of many, with what would change of it."""

    feature: Feature
    label: str
    rows: Sequence[SettingRow]


@dataclass(frozen=True)
class Outlook:
    """What would become of the features chosen: those that change, by how many businesses, and those left out."""

    features: Sequence[Feature]
    businesses: int
    sample: Sequence[Sample]
    unchanged: int
    without_domain: Sequence[Feature] = field(default_factory=tuple)


def outlook_of_push(features: Sequence[Feature]) -> Outlook:
    """What a push of what is wanted would change at Meta."""
    pushes = preview(features)
    return _outlook(features, [(each.feature, each.based_on, each.wanted) for each in pushes])


def outlook_of_adoption(features: Sequence[Feature]) -> Outlook:
    """What would be wanted if Meta's values were adopted."""
    pushes: Iterable[Push] = preview(features)
    return _outlook(features, [(each.feature, each.wanted, each.based_on) for each in pushes])


def outlook_of_setting(features: Sequence[Feature], values: Mapping[str, Any]) -> Outlook:
    """What would change at Meta if these values were wanted of all, with each business in its addresses."""
    changes, without_domain = [], []
    for feature in features:
        try:
            wanted = values_for(feature, values)
        except NoDomain:
            without_domain.append(feature)
            continue
        if differences(wanted, observed(feature)) or is_news(feature, wanted):
            changes.append((feature, {name: observed(feature).get(name) for name in wanted}, wanted))
    return _outlook(features, changes, without_domain)


def values_for(feature: Feature, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values for one feature, with its business in their addresses; raises `NoDomain`."""
    return filled(feature.feature_type, values, feature.installation.business)


def is_news(feature: Feature, values: Mapping[str, Any]) -> bool:
    """Whether something else is wanted of a feature so far."""
    wanted = wanted_of(feature)
    return wanted is None or bool(differences(values, wanted.values))


def editable(features: Iterable[Feature]) -> list[Feature]:
    """Of these features those that are installed and have settings."""
    return [each for each in features if is_editable(each)]


def _outlook(
    chosen: Sequence[Feature],
    changes: Sequence[tuple[Feature, Mapping[str, Any], Mapping[str, Any]]],
    without_domain: Sequence[Feature] = (),
) -> Outlook:
    features = [feature for feature, _before, _after in changes]
    return Outlook(
        features=features,
        businesses=len({each.installation.business_id for each in features}),
        sample=[_sample(*each) for each in changes[:MOST_IN_A_SAMPLE]],
        unchanged=len(chosen) - len(features) - len(without_domain),
        without_domain=without_domain,
    )


def _sample(feature: Feature, before: Mapping[str, Any], after: Mapping[str, Any]) -> Sample:
    rows = rows_of(feature.feature_type, before, after, only_different=True)
    return Sample(feature, feature_label(feature.feature_type), rows)

"""Saying what a feature's configuration should be: by staff, by an entry point's defaults, or as Meta has it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from features.activation.asking import ask as look_at_activations
from features.configuration.defaults import want_defaults
from features.configuration.models import LONGEST_NAME, Push, Wanted
from features.configuration.observed import ENABLED, is_customizable, known_settings, observed
from features.configuration.standing import lock_installations, locked, set_status, waiting_of, wanted_of
from features.models import Cause, Feature, Installation
from mbe.catalog import canonical_feature_type


class Outdated(Exception):
    """Somebody has changed what is wanted since it was read; `current` is that, None for nothing."""

    def __init__(self, current: Wanted | None) -> None:
        super().__init__("what is wanted has changed meanwhile")
        self.current = current


def want(
    feature: Feature,
    values: Mapping[str, Any],
    *,
    by: str,
    origin: Wanted.Origin = Wanted.Origin.STAFF,
    version: int | None,
) -> Wanted:
    """Say what the configuration of a feature should be; call it inside `tenant`.

    `values` is flat, with `enabled`; what its type cannot have is left out. `version` is that of the row that the
    person saw, None where there was none: raises `Outdated` when it is another by now, so that nothing of two people
    at once is lost. Raises ValueError for a feature that is gone or has no settings.
    """
    feature = _living(feature)
    wanted = wanted_of(feature)
    if (wanted and wanted.version) != version:
        raise Outdated(wanted)
    values = known_settings(feature.feature_type, values)
    if wanted is not None and wanted.values == values:
        return wanted
    wanted = _changed(wanted or _new(feature), values, origin, by)
    set_status(wanted, Wanted.Status.UNPUSHED, is_waiting=bool(waiting_of([feature])))
    wanted.save()
    _drop_plans([feature])
    look_at_activations([feature], Cause.STAFF)
    return wanted


def adopt(features: Iterable[Feature], by: str) -> int:
    """Want what Meta has, for each feature that has settings; how many. One that is being pushed stays as it is."""
    rows = [each for each in locked(features) if each.removed_at is None and is_customizable(each)]
    waiting = waiting_of(rows)
    adopted = []
    for feature in rows:
        if feature.pk not in waiting:
            values = known_settings(feature.feature_type, observed(feature))
            wanted = _changed(wanted_of(feature) or _new(feature), values, Wanted.Origin.META, by)
            set_status(wanted, Wanted.Status.UNPUSHED)
            adopted.append(wanted)
    _write(adopted)
    _drop_plans([each.feature for each in adopted])
    look_at_activations([each.feature for each in adopted], Cause.STAFF)
    return len(adopted)


def set_defaults(installation: Installation, defaults: Mapping[str, Any]) -> None:
    """Keep the defaults of the entry point that the business came through, filled in: feature type to settings.

    They become what is wanted of features of which nothing is wanted yet: of those that a sync finds later, and of
    those that one found while the merchant was on the way back. Call it inside `tenant`.
    """
    lock_installations([installation.pk])
    known = {canonical_feature_type(name): settings for name, settings in defaults.items()}
    kept = {name: known_settings(name, settings) for name, settings in known.items()}
    installation.wanted_defaults = {name: settings for name, settings in kept.items() if settings}
    Installation.objects.filter(pk=installation.pk).update(wanted_defaults=installation.wanted_defaults)
    found = Feature.objects.filter(installation=installation, removed_at=None, is_implied=False, wanted=None)
    want_defaults(found.filter(feature_type__in=installation.wanted_defaults).select_related("installation"))


def want_off(installation: Installation, feature: Feature | None, *, by: str) -> None:
    """Want this feature off, without one all of them, since staff had it uninstalled: nothing is pushed back on.

    Nor are an entry point's defaults. Call it inside `tenant`.
    """
    of_installation = Feature.objects.filter(installation=installation)
    about = of_installation.filter(pk=feature.pk) if feature else of_installation.filter(wanted__isnull=False)
    rows = [each for each in locked(about) if is_customizable(each)]
    wanted = [_changed(wanted_of(each) or _new(each), {ENABLED: False}, Wanted.Origin.UNINSTALL, by) for each in rows]
    for each in wanted:
        set_status(each, Wanted.Status.UNPUSHED)
    _write(wanted)
    open_yet = Push.objects.filter(feature__in=about, state__in=Push.OPEN)
    ended = {"reason": Push.Reason.UNINSTALLED, "ended_at": timezone.now(), "claimed_until": None}
    open_yet.update(state=Push.State.DROPPED, **ended)
    defaults = Installation.objects.values_list("wanted_defaults", flat=True).get(pk=installation.pk)
    kept = {name: each for name, each in defaults.items() if feature and name != feature.feature_type}
    Installation.objects.filter(pk=installation.pk).update(wanted_defaults=kept)
    look_at_activations([each for each in rows if each.removed_at is None], Cause.UNINSTALL)


def forget_uninstalled(installation: Installation, at: datetime) -> None:
    """Want nothing any more of what staff had uninstalled before the business connected anew."""
    off = Wanted.objects.filter(origin=Wanted.Origin.UNINSTALL, changed_at__lt=at)
    off.filter(feature__installation=installation).delete()


def _living(feature: Feature) -> Feature:
    for row in locked([feature]):
        if row.removed_at is None and is_customizable(row):
            return row
    raise ValueError(f"{feature} has no settings to change")


def _new(feature: Feature) -> Wanted:
    return Wanted(partner_id=feature.partner_id, feature=feature, version=0)


def _changed(wanted: Wanted, values: dict[str, Any], origin: Wanted.Origin, by: str) -> Wanted:
    wanted.values, wanted.origin = values, origin
    wanted.changed_by, wanted.changed_at = by[:LONGEST_NAME], timezone.now()
    wanted.version += 1
    return wanted


def _write(rows: Iterable[Wanted]) -> None:
    rows = list(rows)
    Wanted.objects.bulk_create([each for each in rows if each.pk is None])
    columns = ["values", "origin", "changed_by", "changed_at", "version", "status", "status_at"]
    Wanted.objects.bulk_update([each for each in rows if each.pk is not None], columns)


def _drop_plans(features: Iterable[Feature]) -> None:
    """What was planned for something else is no plan any more."""
    rows = Push.objects.filter(feature__in=[each.pk for each in features], state=Push.State.PLANNED)
    rows.update(state=Push.State.DROPPED, reason=Push.Reason.REPLACED, ended_at=timezone.now())

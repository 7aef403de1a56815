"""Writing what a fetch saw: fenced by generation, only what differs, with its history."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Case, DateTimeField, F, Q, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone

from features.applied import Applied
from features.claims import Claim
from features.diff import Difference, Differences
from features.failures import asked_again, configuration_failure
from features.fetching import Observation
from features.following import follow
from features.implied.comparing import Comparison, compare_all
from features.implying import Confirmations
from features.models import Change, Feature, Installation, MbeVersion
from features.reading import FACTS, read
from features.tokens import has_been_connected
from mbe.installs import Installs
from partners.tenancy import tenant

WHY = ("state", "reason")
WHAT = ("business_manager_id", "assets", "additional_info")
IDENTITY = ("feature_instance_id", "is_implied")
NOTHING = Differences({}, {}, (), (), ())


def apply(claim: Claim, observation: Observation, detail: str = "") -> bool:
    """Bring the records to what was seen; False when a newer result was applied before.

    `detail` goes with the reason when the observation ends the connection.
    """
    return bool(apply_all([(claim, observation)], detail))


def apply_all(seen: Sequence[tuple[Claim, Observation]], detail: str = "") -> set[int]:
    """`apply` for installations of one partner, in one transaction; the ids of those whose results were applied."""
    with tenant(seen[0][0].installation.partner_id):
        locked = _locked([claim.installation.pk for claim, _ in seen])
        newer = [
            (claim, observation)
            for claim, observation in seen
            if claim.generation > locked[claim.installation.pk].applied_generation
        ]
        rows = _rows([observation.installs for _, observation in newer], [claim.installation.pk for claim, _ in newer])
        quiet, results, comparisons = [], [], list[Comparison]()
        for claim, observation in newer:
            installation = locked[claim.installation.pk]
            changes = _write(installation, rows[installation.pk], claim, observation, detail, comparisons)
            if changes is None:
                quiet.append(installation.pk)
            results.append(Applied(installation, claim.cause, changes or ()))
        if quiet:
            Installation.objects.filter(pk__in=quiet).update(
                **_settled(), **_configured(), applied_generation=F("claimed_generation"), claimed_until=None
            )
        compare_all(comparisons)
        follow(results)
    return {claim.installation.pk for claim, _ in newer}


def _locked(ids: list[int]) -> dict[int, Installation]:
    # In one order, as everybody locks them.
    return {row.pk: row for row in Installation.objects.filter(pk__in=ids).order_by("pk").select_for_update()}


def _rows(answers: Sequence[Installs], ids: list[int]) -> dict[int, dict[str, Feature]]:
    """The features that the answers may touch: those we hold installed, and removed ones that came back."""
    named = {each.feature_instance_id for installs in answers for each in installs.features or ()}
    rows: dict[int, dict[str, Feature]] = {pk: {} for pk in ids}
    asked = Q(removed_at=None) | Q(feature_instance_id__in=named) | Q(is_implied=True)
    for row in Feature.objects.filter(asked, installation__in=ids):
        rows[row.installation_id][row.feature_instance_id] = row
    return rows


def _write(
    installation: Installation,
    rows: dict[str, Feature],
    claim: Claim,
    observation: Observation,
    detail: str,
    comparisons: list[Comparison],
) -> list[Change] | None:
    """Write what differs; None when nothing does, and only the time of the check is left to be written."""
    is_overtaken = installation.configuration_generation != claim.installation.configuration_generation
    configuration = None if is_overtaken else observation.configuration
    reading = read(installation, rows, observation.installs, configuration)
    differences, found, version = reading.differences, reading.found, reading.version
    comparisons += [reading.comparison] if reading.comparison else []
    now = timezone.now()
    columns, lines = _connection(installation, observation.installs, detail)
    columns |= {"mbe_version": version} if version != installation.mbe_version else {}
    is_held = installation.claimed_generation == claim.generation
    is_same = differences == NOTHING and not found.listed_by_implied
    if is_held and not columns and is_same and configuration is not None:
        return None
    changes = _write_features(installation, rows, differences, found, now, is_implied=version == MbeVersion.V2)
    changes += [Change(kind=kind, before=before, after=after) for kind, before, after in lines]
    _log(changes, installation, claim, now)
    columns |= _settled() | {"applied_generation": claim.generation}
    # A worker that took over meanwhile keeps its claim.
    columns |= {"claimed_until": None} if is_held else {}
    columns |= _configured() if configuration is not None else {}
    columns |= configuration_failure(installation, claim, observation.configuration_error)
    if is_overtaken:
        # A push has written since what Meta has: what was read before it is looked at once more.
        columns |= asked_again(installation, claim)
    Installation.objects.filter(pk=installation.pk).update(**columns)
    return changes


def _write_features(
    installation: Installation,
    rows: dict[str, Feature],
    differences: Differences,
    found: Confirmations,
    now: datetime,
    *,
    is_implied: bool,
) -> list[Change]:
    """Write the feature rows that differ; give back the history lines, still without cause."""
    created = Feature.objects.bulk_create(
        Feature(
            partner_id=installation.partner_id,
            installation=installation,
            feature_instance_id=key,
            installed_at=now,
            is_implied=is_implied,
            **asdict(facts),
        )
        for key, facts in differences.installed.items()
    )
    changes = [Change(feature=row, kind=Change.Kind.INSTALLED, after=_facts(row)) for row in created]
    touched: dict[str, Feature] = {}
    for implied, key in found.listed_by_implied.items():
        rows[key] = touched[key] = _set(rows.pop(implied), {"feature_instance_id": key, "is_implied": False})
    for key, facts in differences.returned.items():
        touched[key] = _set(rows[key], asdict(facts) | {"removed_at": None, "installed_at": now})
        changes.append(Change(feature=rows[key], kind=Change.Kind.INSTALLED, after=asdict(facts)))
    changes += [_confirmed(rows[key], implied) for implied, key in found.listed_by_implied.items()]
    for key in differences.removed:
        touched[key] = _set(rows[key], {"removed_at": now})
        changes.append(_removed(rows[key], found.parts.get(key)))
    for kind, different in (
        (Change.Kind.CHANGED, differences.changed),
        (Change.Kind.CONFIGURED, differences.configured),
    ):
        changes += [_changed(rows, touched, each, kind) for each in different]
    if touched:
        Feature.objects.bulk_update(touched.values(), [*FACTS, *IDENTITY, "removed_at", "installed_at"])
    return changes


def _removed(row: Feature, goes_on_in: str | None) -> Change:
    after = {"feature_instance_id": goes_on_in} if goes_on_in else {}
    return Change(feature=row, kind=Change.Kind.REMOVED, before=_facts(row), after=after)


def _confirmed(row: Feature, implied: str) -> Change:
    after = {"feature_instance_id": row.feature_instance_id, "connected_assets": row.connected_assets}
    return Change(feature=row, kind=Change.Kind.CONFIRMED, before={"feature_instance_id": implied}, after=after)


def _changed(rows: dict[str, Feature], touched: dict[str, Feature], found: Difference, kind: str) -> Change:
    row = touched[found.feature_instance_id] = _set(rows[found.feature_instance_id], found.after)
    return Change(feature=row, kind=kind, before=found.before, after=found.after)


def _set(row: Feature, values: dict[str, Any]) -> Feature:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _facts(row: Feature) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FACTS}


def _connection(
    installation: Installation, installs: Installs, detail: str
) -> tuple[dict[str, Any], Sequence[tuple[Change.Kind, dict[str, Any], dict[str, Any]]]]:
    """The connection's columns that differ, and the history lines for them."""
    if installs.is_installed:
        wanted = {
            "state": Installation.State.CONNECTED,
            "reason": "",
            "reason_detail": "",
            "business_manager_id": installs.business_manager_id,
            "token_type": installs.token_type,
            "assets": installs.assets,
            "additional_info": installs.additional_info,
        }
    elif not has_been_connected(installation):
        wanted = {"reason": Installation.Reason.NOTHING_INSTALLED, "reason_detail": ""}
    else:
        wanted = {
            "state": Installation.State.DISCONNECTED,
            "reason": Installation.Reason.UNINSTALLED,
            "reason_detail": detail,
            "assets": {},
            "additional_info": {},
        }
        # A second look at what is gone already adds nothing to what the first one said.
        if installation.state == Installation.State.DISCONNECTED:
            del wanted["reason"], wanted["reason_detail"]
    after = {name: value for name, value in wanted.items() if getattr(installation, name) != value}
    before = {name: getattr(installation, name) for name in after}
    return after, _connection_changes(before, after)


def _connection_changes(
    before: dict[str, Any], after: dict[str, Any]
) -> list[tuple[Change.Kind, dict[str, Any], dict[str, Any]]]:
    lines = []
    if "state" in after:
        lines.append((Change.Kind(after["state"]), _only(before, WHY), _only(after, WHY)))
    if _only(after, WHAT):
        lines.append((Change.Kind.ASSETS, _only(before, WHAT), _only(after, WHAT)))
    return lines


def _only(values: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _log(changes: list[Change], installation: Installation, claim: Claim, now: datetime) -> None:
    for change in changes:
        change.partner_id = installation.partner_id
        change.installation = installation
        change.occurred_at = now
        change.cause = claim.cause
        change.generation = claim.generation
    Change.objects.bulk_create(changes)


def _settled() -> dict[str, Any]:
    """What every applied result sets: the check's time, and an end to failures and waiting."""
    spread = RawSQL(
        "statement_timestamp() + %s * (0.85 + 0.3 * random()) * interval '1 second'",
        [settings.RECONCILE_SECONDS],
        output_field=DateTimeField(),
    )
    return {
        "synced_at": Now(),
        "reconcile_at": spread,
        "failures": 0,
        "last_error": "",
        "wait": "",
        # A hint that came during the fetch has its own moment.
        "not_before": Case(When(requested_generation__gt=F("claimed_generation"), then=F("not_before")), default=None),
    }


def _configured() -> dict[str, Any]:
    return {"configuration_synced_at": Now(), "configuration_error": ""}

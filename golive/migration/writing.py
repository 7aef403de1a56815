"""A chunk of an import as rows: businesses, installations and tokens, and what became of each row of the file."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from catalogs.lines import Place
from features.deaths import reason_of
from features.models import AccessToken, Cause, Change, Installation
from features.tokens import ReceivedToken, keep
from golive.migration.arriving import forget_read
from golive.migration.checking import Verdict
from golive.migration.columns import Candidate
from golive.migration.models import Import, ImportRow
from mbe.v2 import is_known_channel
from partners.models import Business, MetaApp

Outcome = ImportRow.Outcome
_COUNTERS = {
    Outcome.IMPORTED: "imported",
    Outcome.UNCHANGED: "unchanged",
    Outcome.RECONNECT: "to_reconnect",
    Outcome.REJECTED: "rejected",
}


@dataclass(frozen=True)
class Standing:
    """What the portal has already of the businesses of a chunk: by external id, and the tokens by fingerprint.

    `tokens` tells of each why it is dead (None: it lives), `holders` which installations have a token of the chunk.
    """

    businesses: Mapping[str, Business]
    installations: Mapping[int, Installation]
    tokens: Mapping[tuple[int, str], str | None]
    living: frozenset[int]
    holders: Mapping[str, Collection[int]]

    def installation_of(self, candidate: Candidate) -> Installation | None:
        """The installation of the row's business."""
        business = self.businesses.get(candidate.external_business_id)
        return self.installations.get(business.pk) if business else None

    def is_served(self, candidate: Candidate) -> bool:
        """Whether the row's business has a token that can be used."""
        installation = self.installation_of(candidate)
        return installation is not None and installation.pk in self.living

    def may_serve_again(self, candidate: Candidate) -> bool:
        """Whether the row's token came before and is alive, though its business is asked to reconnect."""
        installation = self.installation_of(candidate)
        if installation is None or installation.state != Installation.State.RECONNECT:
            return False
        return self.knows_token(candidate) and self.death_of(candidate) is None

    def death_of(self, candidate: Candidate) -> str | None:
        """Why the row's token, which came before, is dead; None where it lives, or is new."""
        installation = self.installation_of(candidate)
        return self.tokens.get((installation.pk, candidate.fingerprint)) if installation else None

    def is_held_elsewhere(self, candidate: Candidate) -> bool:
        """Whether the row's token is kept for another business."""
        installation = self.installation_of(candidate)
        own = installation.pk if installation else None
        return any(each != own for each in self.holders.get(candidate.fingerprint, ()))

    def knows_token(self, candidate: Candidate) -> bool:
        """Whether the row's token came before, alive or dead."""
        installation = self.installation_of(candidate)
        return installation is not None and (installation.pk, candidate.fingerprint) in self.tokens


def standing(meta_app: MetaApp, candidates: Sequence[Candidate], *, is_locked: bool = False) -> Standing:
    """Look up what is there; call it inside `tenant`."""
    ids = [each.external_business_id for each in candidates]
    businesses = Business.objects.filter(partner_id=meta_app.partner_id, external_business_id__in=ids)
    found = {each.external_business_id: each for each in businesses}
    rows = Installation.objects.filter(meta_app=meta_app, business__in=found.values()).order_by("pk")
    installations = {each.business_id: each for each in (rows.select_for_update() if is_locked else rows)}
    tokens = AccessToken.objects.filter(installation__in=installations.values())
    known = {(each.installation_id, each.fingerprint): each.dead_reason if each.dead_at else None for each in tokens}
    living = frozenset(pk for (pk, _fingerprint), death in known.items() if death is None)
    holders: dict[str, list[int]] = {}
    of_partner = AccessToken.objects.filter(partner_id=meta_app.partner_id)
    for each in of_partner.filter(fingerprint__in=[each.fingerprint for each in candidates]):
        holders.setdefault(each.fingerprint, []).append(each.installation_id)
    return Standing(found, installations, known, living, holders)


def write(run: Import, candidates: Sequence[Candidate], verdicts: Mapping[int, Verdict], end: Place) -> None:
    """Write what is new, note what differs and how far the import is; inside `tenant`, the import locked."""
    good = [each for each in candidates if not each.reasons]
    before = standing(run.meta_app, good, is_locked=True)
    rows = [_row(run, each, verdicts.get(each.line), before) for each in candidates]
    if not run.is_dry_run:
        _write_good(run, good, rows, verdicts, before)
    ImportRow.objects.bulk_create(rows)
    counts = {name: sum(row.outcome == outcome for row in rows) for outcome, name in _COUNTERS.items()}
    forget_read(run, end.offset)
    Import.objects.filter(pk=run.pk).update(
        bytes_read=end.offset,
        lines_read=end.line,
        failures=0,
        problem="",
        **{name: F(name) + count for name, count in counts.items()},
    )


def _row(run: Import, candidate: Candidate, verdict: Verdict | None, before: Standing) -> ImportRow:
    reasons = list(candidate.reasons)
    if reasons:
        outcome = Outcome.REJECTED
    elif verdict is None:
        outcome = Outcome.UNCHANGED if before.is_served(candidate) else Outcome.RECONNECT
        death = before.death_of(candidate) if outcome == Outcome.RECONNECT else None
        reasons += [f"access_token:dead:{death}"] if death is not None else []
    else:
        is_served = before.is_served(candidate)
        outcome = Outcome.IMPORTED if is_served or not verdict.dead_because else Outcome.RECONNECT
        how = "spare_dead" if is_served else "dead"
        reasons += [f"access_token:{how}:{verdict.dead_because}"] if verdict.dead_because else []
        reasons += ["access_token:data_access"] if not (verdict.has_data_access or verdict.dead_because) else []
    if outcome != Outcome.REJECTED:
        reasons += _differences(candidate, before)
    return ImportRow(
        partner_id=run.partner_id,
        run=run,
        line=candidate.line,
        external_business_id=candidate.external_business_id,
        outcome=outcome,
        reasons=reasons,
        columns=dict(candidate.columns) if outcome == Outcome.REJECTED else {},
    )


def _differences(candidate: Candidate, before: Standing) -> list[str]:
    said = ["access_token:elsewhere"] if before.is_held_elsewhere(candidate) else []
    business = before.businesses.get(candidate.external_business_id)
    if business is not None:
        fields = (name for name, value in candidate.of_business.items() if not _is_free(business, name, value))
        said += [f"{name}:differs" for name in fields]
    installation = before.installation_of(candidate)
    if installation and candidate.channel and installation.channel not in ("", candidate.channel):
        return [*said, "channel:differs"]
    return said if is_known_channel(candidate.channel) else [*said, f"channel:unknown:{candidate.channel}"]


def _is_free(business: Business, name: str, value: Any) -> bool:
    """Whether the file's value says nothing else than the portal's, or the portal has none."""
    own = getattr(business, name)
    if name == "verticals":
        # None chosen means all: to fill that in would take some away.
        return set(own) == set(value)
    return own == value or not own or (name == "name" and own == business.external_business_id)


def _write_good(
    run: Import,
    good: Sequence[Candidate],
    rows: Sequence[ImportRow],
    verdicts: Mapping[int, Verdict],
    before: Standing,
) -> None:
    # In one order, whatever the file's, so that two imports cannot deadlock.
    good = sorted(good, key=lambda each: each.external_business_id)
    _write_businesses(run, good, before)
    of_id = standing(run.meta_app, good).businesses
    _write_installations(run, good, of_id)
    now_there = standing(run.meta_app, good, is_locked=True)
    _fill_installations(good, now_there)
    _keep_tokens(good, verdicts, now_there)
    outcomes = {row.line: row for row in rows}
    # Whose dead token came before was asked to reconnect before.
    dead = [each for each in good if each.line in verdicts and outcomes[each.line].outcome == Outcome.RECONNECT]
    _ask_to_reconnect((now_there.installation_of(each), verdicts[each.line]) for each in dead)
    for each in good:
        verdict, installation = verdicts.get(each.line), now_there.installation_of(each)
        is_worth_a_look = now_there.may_serve_again(each) if verdict is None else not verdict.dead_because
        if installation is not None and is_worth_a_look:
            outcomes[each.line].installation_to_sync = installation.pk


def _write_businesses(run: Import, good: Sequence[Candidate], before: Standing) -> None:
    new = [
        Business(
            partner_id=run.partner_id,
            external_business_id=each.external_business_id,
            **{"name": each.external_business_id, **each.of_business},
        )
        for each in good
        if each.external_business_id not in before.businesses
    ]
    Business.objects.bulk_create(new, ignore_conflicts=True)
    for each in good:
        business = before.businesses.get(each.external_business_id)
        if business is not None:
            _fill_business(business, each)


def _fill_business(business: Business, candidate: Candidate) -> None:
    fields = {
        name: value
        for name, value in candidate.of_business.items()
        if getattr(business, name) != value and _is_free(business, name, value)
    }
    if fields:
        Business.objects.filter(pk=business.pk).update(**fields)


def _write_installations(run: Import, good: Sequence[Candidate], businesses: Mapping[str, Business]) -> None:
    Installation.objects.bulk_create(
        [
            Installation(
                partner_id=run.partner_id,
                meta_app=run.meta_app,
                business=businesses[each.external_business_id],
                channel=each.channel,
                token_type=each.token_type,
            )
            for each in good
        ],
        ignore_conflicts=True,
    )


def _fill_installations(good: Sequence[Candidate], there: Standing) -> None:
    """What a sync has seen is newer than any file."""
    for each in good:
        installation = there.installation_of(each)
        if installation is None:
            continue
        fields: dict[str, Any] = {}
        if each.channel and not installation.channel:
            fields["channel"] = each.channel
        if each.assets and not installation.assets and installation.synced_at is None:
            manager = each.assets.get("business_manager_id", "")
            fields |= {"assets": dict(each.assets), "business_manager_id": manager}
        if fields:
            Installation.objects.filter(pk=installation.pk).update(**fields)


def _keep_tokens(good: Sequence[Candidate], verdicts: Mapping[int, Verdict], there: Standing) -> None:
    received = [
        (installation, each, verdict)
        for each in good
        if (verdict := verdicts.get(each.line)) and (installation := there.installation_of(each))
    ]
    keep(
        ReceivedToken(
            installation,
            each.token,
            verdict.kind,
            verdict.expires_at,
            verdict.scopes,
            scopes_are_granted=True,
            is_imported=True,
            dead_because=verdict.dead_because,
            dead_subcode=verdict.dead_subcode,
        )
        for installation, each, verdict in received
    )


def _ask_to_reconnect(installations: Iterable[tuple[Installation | None, Verdict]]) -> None:
    changes = []
    for each, verdict in installations:
        if each is None or each.state == Installation.State.DISCONNECTED:
            continue
        after = {"state": Installation.State.RECONNECT, "reason": reason_of(verdict.dead_subcode)}
        Installation.objects.filter(pk=each.pk).update(**after, reason_detail=verdict.dead_because[:500])
        if each.state != Installation.State.RECONNECT:
            changes.append(
                Change(
                    partner_id=each.partner_id,
                    installation=each,
                    kind=Change.Kind.RECONNECT,
                    cause=Cause.IMPORT,
                    generation=each.requested_generation,
                    before={"state": each.state, "reason": each.reason},
                    after=after,
                )
            )
    Change.objects.bulk_create(changes)

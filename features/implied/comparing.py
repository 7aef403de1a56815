"""Comparing what v2 implied with what v3 lists, at the first v3 answer, and while something stays implied."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from features.diff import Record
from features.implied.matching import could_be, has_settings_of, is_confirmed
from features.implied.models import Parity, Reason
from features.implying import Confirmations
from features.models import Installation
from mbe.installs import InstalledFeature, Installs
from mbe.v2 import contradicts, is_kin

Line = dict[str, Any]
_LINES = ("same", "gained", "lost", "same_count", "gained_count", "lost_count")
_WRITTEN = (*_LINES, "compared_at", "looked_at", "looked_by")


@dataclass(frozen=True)
class Comparison:
    """Of one installation: its implied records by id, ended ones too, and what became of them in a v3 answer."""

    installation: Installation
    is_first: bool
    implied: Mapping[str, Record]
    found: Confirmations
    installs: Installs

    @property
    def unlisted(self) -> dict[str, Record]:
        """Those that lived until this answer, which does not list them."""
        living = {key: record for key, record in self.implied.items() if not record.is_removed}
        return {key: record for key, record in living.items() if key not in self.found.listed}

    @property
    def ends_some(self) -> bool:
        """Whether some of the unlisted end for good: what was a difference before is a worse one now."""
        return any(key not in self.found.staying and key not in self.found.parts for key in self.unlisted)


def compare_all(comparisons: Sequence[Comparison]) -> None:
    """Write the parities of installations of one partner, in the transaction of the results, whose rows are locked."""
    if not comparisons:
        return
    later = [each.installation.pk for each in comparisons if not each.is_first]
    # Locked: somebody may mark one as looked at just now.
    standing = Parity.objects.filter(installation__in=later).order_by("pk").select_for_update(of=("self",))
    known = {row.installation_id: row for row in standing} if later else {}
    # Without one that stands there is nothing to go on with: what v2 implied had ended before v3 came.
    going_on = [each for each in comparisons if each.is_first or each.installation.pk in known]
    rows = [_parity(each, known.get(each.installation.pk)) for each in going_on]
    Parity.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["installation"], update_fields=list(_WRITTEN)
    )


def _parity(comparison: Comparison, known: Parity | None) -> Parity:
    same, gained, lost = _lines(comparison)
    if known is not None:
        # What was said at the first answer stays, but for what is known better since.
        better = [_about(each) for each in (*same, *lost)]
        old_same, old_lost = ([each for each in old if _about(each) not in better] for old in (known.same, known.lost))
        same, gained, lost = [*old_same, *same], known.gained, [*old_lost, *lost]
    looked = known if known is not None and not comparison.ends_some else Parity()
    return Parity(
        partner_id=comparison.installation.partner_id,
        installation=comparison.installation,
        same=same,
        gained=gained,
        lost=lost,
        same_count=len(same),
        gained_count=len(gained),
        lost_count=len(lost),
        compared_at=timezone.now(),
        looked_at=looked.looked_at,
        looked_by=looked.looked_by,
    )


def _lines(comparison: Comparison) -> tuple[list[Line], list[Line], list[Line]]:
    found, implied = comparison.found, comparison.implied
    listed = {each.feature_instance_id: each for each in comparison.installs.features or ()}
    left = [each for key, each in listed.items() if key not in found.listed.values()]
    missing = {key: record for key, record in comparison.unlisted.items() if key not in found.parts}
    same = [_line(implied[key].facts, _why_same(implied[key], listed[new])) for key, new in found.listed.items()]
    same += [_line(implied[key].facts, Reason.HELD) for key in found.parts]
    gained = [_line(each, _why_gained(each, missing.values(), comparison.installs)) for each in left]
    lost = [
        _line(record.facts, _why_lost(record, key in found.shared, left, comparison.installs))
        for key, record in missing.items()
    ]
    return same, gained, lost


def _why_same(record: Record, listed: InstalledFeature) -> Reason:
    if is_confirmed(record, listed):
        return Reason.LISTED
    has_another = contradicts(record.facts.connected_assets, listed.connected_assets)
    return Reason.OWN_ASSET if has_another else Reason.ONLY_ONE


def _why_gained(listed: InstalledFeature, missing: Iterable[Record], installs: Installs) -> Reason:
    """The reason that agrees with what is said of those `missing` that it stands for, or may be."""
    kin = [each for each in missing if is_kin(each.facts.feature_type, listed.feature_type)]
    if any(could_be(each, listed, installs.assets) for each in kin):
        return Reason.UNNAMED
    return Reason.OTHER_ASSET if kin else Reason.NOT_IMPLIED


def _why_lost(record: Record, is_shared: bool, left: Sequence[InstalledFeature], installs: Installs) -> Reason:
    """The reason that is true; `left`: the listed features that are none of the implied ones."""
    if not installs.is_installed:
        return Reason.DISCONNECTED
    if any(could_be(record, each, installs.assets) for each in left):
        return Reason.UNNAMED
    facts, listed = record.facts, installs.features or ()
    kin = [each for each in listed if is_kin(facts.feature_type, each.feature_type)]
    if any(contradicts(facts.connected_assets, each.connected_assets) for each in kin):
        return Reason.OTHER_ASSET
    if any(has_settings_of(record, each) for each in listed):
        return Reason.OTHER_SHOP
    return Reason.NOT_LISTED if is_shared else Reason.ASSET_GONE


def _about(line: Line) -> tuple[str, Any]:
    """Which feature a line is about: one asset may be that of several types."""
    return line["feature_type"], line["assets"]


def _line(facts: Any, reason: Reason) -> Line:
    return {"feature_type": facts.feature_type, "assets": facts.connected_assets, "reason": reason.value}

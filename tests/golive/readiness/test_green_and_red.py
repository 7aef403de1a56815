"""Each check is green where all is well and, when just its cause is broken, red with the right next step."""

import pytest
from pytest_django import Settings

from golive.readiness.models import CheckChange
from golive.readiness.registry import applying
from golive.readiness.texts import EVIDENCE
from partners.models import Business
from tests.golive.readiness.breakings import BREAKINGS, Breaking, Place
from tests.golive.readiness.stage import Stage


def test_all_is_green_after_everything_was_tried(stage: Stage, connected: Business) -> None:
    names = {" ".join(filter(None, (kind.key, subject))) for kind, subject in applying(stage.app)}
    assert stage.found() == dict.fromkeys(names, ("green", ""))
    assert {each.check for each in BREAKINGS} == names, "each of them can be shown red"
    changes = CheckChange.objects.filter(check_row__meta_app=stage.app)
    assert set(changes.values_list("before", "after")) == {("unknown", "green")}


@pytest.mark.parametrize("breaking", BREAKINGS, ids=[f"{each.check} {each.step}" for each in BREAKINGS])
def test_what_is_broken_turns_its_own_check_red_and_no_other(
    stage: Stage, connected: Business, settings: Settings, breaking: Breaking
) -> None:
    before = stage.found()
    breaking.do(Place(stage, connected, settings))
    after = stage.check()
    state = "unknown" if breaking.step == "unknown_version" else "red"
    assert after == before | {breaking.check: (state, breaking.step.value)}
    row = stage.row(breaking.check)
    last = row.changes.latest("pk")
    assert (last.before, last.after, last.step) == ("green", state, breaking.step.value)
    assert last.evidence == row.evidence and row.evidence.keys() <= EVIDENCE.keys()
    assert row.checked_at is not None and row.since == last.changed_at

"""Every check, next step, problem and piece of evidence has words, and no words are left over."""

import ast
from pathlib import Path

from golive.readiness import checks
from golive.readiness.registry import CHECKS as REGISTERED
from golive.readiness.remedies import CALLBACK_IS_ENTERED, REMEDIES
from golive.readiness.steps import Problem, Step
from golive.readiness.texts import CHECKS, EVIDENCE, PROBLEMS, STEPS
from tests.golive.readiness.breakings import BREAKINGS

_ROOM = Path(checks.__path__[0])
_SOURCES = sorted([*_ROOM.glob("*.py"), _ROOM.parent / "ground.py", _ROOM.parent / "running.py"])
# Which nothing breaks: there is nothing to look at yet. Each has a test in `test_stays_honest` or
# `test_after_the_switch`.
NOT_TRIED_YET = {
    Step.INSTALL,
    Step.INSTALL_FROM_META,
    Step.UNINSTALL,
    Step.NOTHING_CAME,
    Step.WAIT,
    Step.AT_META,
    Step.STILL_V2,
    Step.NO_V3_NOTICE,
}


def named(enum: str) -> set[str]:
    """The members of an enumeration that the checks name."""
    nodes = [node for path in _SOURCES for node in ast.walk(ast.parse(path.read_text()))]
    attributes = [node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)]
    return {node.attr for node in attributes if node.value.id == enum}  # type: ignore[attr-defined]  # a name


def evidence() -> set[str]:
    """The names of evidence: keywords of results, and keys of dictionaries."""
    nodes = [node for path in _SOURCES for node in ast.walk(ast.parse(path.read_text()))]
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    results = [each for each in calls if each.func.id in ("green", "red", "unknown")]  # type: ignore[attr-defined]
    return {word.arg for each in results for word in each.keywords if word.arg}


def test_every_check_has_a_title_and_none_is_left_over() -> None:
    assert [each.key for each in REGISTERED] == list(CHECKS)


def test_every_step_that_a_check_can_give_has_words_and_none_is_left_over() -> None:
    assert named("Step") == {each.name for each in Step}
    assert STEPS.keys() == set(Step)
    assert REMEDIES.keys() | CALLBACK_IS_ENTERED <= set(Step)


def test_every_step_is_shown_by_breaking_something_or_before_it_was_tried() -> None:
    assert {each.step for each in BREAKINGS} | NOT_TRIED_YET == set(Step)


def test_every_problem_has_words_and_none_is_left_over() -> None:
    assert named("Problem") == {each.name for each in Problem}
    assert PROBLEMS.keys() == set(Problem)


def test_every_piece_of_evidence_has_a_label() -> None:
    assert evidence() <= EVIDENCE.keys()

"""`diagnose`: the same words as on the page, and an exit code that a script can use."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command

from golive.diagnosis.walking import STEPS
from partners.commands import BadInput
from tests.factories import MetaAppFactory
from tests.golive.diagnosis.scene import Scene


def diagnosed(scene: Scene, *words: str) -> tuple[int, str]:
    """The exit code, and what is printed."""
    out = io.StringIO()
    try:
        call_command("diagnose", scene.app.partner.slug, scene.external_id, *words, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def as_json(scene: Scene, *words: str) -> tuple[int, Any]:
    """The same as JSON."""
    code, printed = diagnosed(scene, "--json", *words)
    return code, json.loads(printed)


def test_a_live_business_ends_with_zero(scene: Scene) -> None:
    scene.comes_in()
    code, printed = diagnosed(scene)
    assert code == 0
    assert printed.startswith(f"{scene.app}: Live: connected since ")
    assert printed.count("[ok]") + printed.count("[does not apply]") == len(STEPS)


def test_one_that_is_not_live_ends_with_one_and_says_why_and_what_helps(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(kill_tokens=460)
    code, printed = diagnosed(scene)
    assert code == 1
    why = "The password at Meta was changed, which ended the access token."
    helps = "Send the business a new launch link, so that it signs in with the new password."
    assert printed.splitlines()[0] == f"{scene.app}: {why} {helps}"
    assert "Access token [stops here] The password at Meta was changed" in printed
    assert "-> New launch link" in printed
    assert f"/admin/golive/diagnosis/{scene.business.pk}/" in printed


def test_json_says_the_same_for_programs(scene: Scene) -> None:
    scene.button()
    code, told = as_json(scene)
    assert (code, told["live"], told["external_business_id"]) == (1, False, scene.external_id)
    (app,) = told["apps"]
    assert (app["app_id"], app["live"], app["stops_at"]) == (scene.app.app_id, False, "link")
    assert [each["step"] for each in app["steps"]] == list(STEPS)
    (remedy,) = app["steps"][0]["remedies"]
    assert (remedy["label"], remedy["press"], remedy["role"]) == ("New launch link", True, "manager")
    assert remedy["url"].startswith("http")


def test_an_app_can_be_named(scene: Scene) -> None:
    scene.comes_in()
    other = MetaAppFactory.create(partner=scene.app.partner)
    assert as_json(scene, "--app", scene.app.app_id)[0] == 0
    code, told = as_json(scene, "--app", other.app_id)
    assert (code, told["apps"][0]["stops_at"]) == (1, "link")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("no-such-partner", "shop"), "unknown partner"),
        (("{slug}", "no-such-shop"), "has no business"),
        (("{slug}", "{shop}", "--app", "4711"), "has no Meta app"),
    ],
)
def test_bad_input_ends_with_two(scene: Scene, words: tuple[str, ...], says: str) -> None:
    given = [each.format(slug=scene.app.partner.slug, shop=scene.external_id) for each in words]
    with pytest.raises(BadInput, match=says) as refusal:
        call_command("diagnose", *given, stdout=io.StringIO())
    assert refusal.value.returncode == 2

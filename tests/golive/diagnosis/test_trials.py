"""A test app says nothing of a customer: it is shown apart, and decides only for businesses of its own."""

import pytest

from golive.diagnosis.loading import apps_of
from onboarding.models import EntryPoint
from partners.models import MetaApp
from tests.factories import EntryPointFactory, InstallationFactory, LaunchLinkFactory, MetaAppFactory
from tests.golive.diagnosis.scene import Scene
from tests.golive.diagnosis.test_command import as_json, diagnosed


@pytest.fixture
def trial(scene: Scene) -> MetaApp:
    """A test app of the same partner, with a button."""
    row: MetaApp = MetaAppFactory.create(partner=scene.app.partner, name="Trial", is_test=True)
    EntryPointFactory.create(meta_app=row, slug="try", vertical="LEAD_ADS", intent="")
    return row


def cancelled_on(trial: MetaApp, scene: Scene) -> None:
    """Somebody pressed the test app's button for the business, and went no further."""
    merchant = scene.invited(entry_point=EntryPoint.objects.get(slug="try"))
    merchant.press("try")
    merchant.come_back(state="", error="access_denied")


def test_what_was_tried_on_a_test_app_does_not_decide_for_a_live_business(scene: Scene, trial: MetaApp) -> None:
    scene.comes_in()
    cancelled_on(trial, scene)
    assert apps_of(scene.business) == [scene.app, trial]
    code, printed = diagnosed(scene)
    assert code == 0 and f"{trial} [test app, does not count]: " in printed
    code, told = as_json(scene)
    assert (code, told["live"]) == (0, True)
    assert [(each["test"], each["counts"], each["live"]) for each in told["apps"]] == [
        (False, True, True),
        (True, False, False),
    ]
    page = scene.page().content.decode()
    assert page.count(">Test app<") == page.count("For testers only: it says nothing") == 1
    assert page.index(str(scene.app)) < page.index(str(trial))


def test_nor_for_one_that_is_meant_for_the_live_app(scene: Scene, trial: MetaApp) -> None:
    scene.button()
    assert apps_of(scene.business) == [scene.app]
    cancelled_on(trial, scene)
    assert apps_of(scene.business) == [scene.app, trial]
    (counts, apart) = as_json(scene)[1]["apps"]
    assert (counts["counts"], counts["stops_at"], apart["counts"]) == (True, "link", False)


def test_a_link_for_every_button_is_none_of_a_test_app(scene: Scene, trial: MetaApp) -> None:
    scene.button()
    LaunchLinkFactory.create(business=scene.business)
    assert as_json(scene, "--app", trial.app_id)[1]["apps"][0]["stops_at"] == "link"
    assert as_json(scene, "--app", scene.app.app_id)[1]["apps"][0]["stops_at"] == "attempt"


def test_while_no_live_app_has_a_button_for_it_that_link_is_one_of_the_test_app(scene: Scene, trial: MetaApp) -> None:
    LaunchLinkFactory.create(business=scene.business)
    assert apps_of(scene.business) == [trial]
    assert as_json(scene, "--app", trial.app_id)[1]["apps"][0]["stops_at"] == "attempt"


def test_a_test_business_is_judged_by_the_test_app(scene: Scene, trial: MetaApp) -> None:
    scene.button()
    InstallationFactory.create(meta_app=trial, business=scene.business, state="connected", reason="")
    assert apps_of(scene.business) == [trial]
    code, printed = diagnosed(scene)
    assert code == 1 and f"{trial} [test app]: " in printed
    assert "For testers only: it says nothing" not in scene.page().content.decode()


def test_without_a_live_app_the_test_app_decides(scene: Scene, trial: MetaApp) -> None:
    MetaApp.objects.filter(pk=scene.app.pk).update(is_test=True)
    scene.comes_in()
    assert apps_of(scene.business) == [scene.app]
    assert diagnosed(scene)[0] == 0

"""What staff had uninstalled is no fault; what came before an uninstall does not count after a new connection."""

import pytest

from features.models import Change, Installation
from features.uninstalling.asking import ask
from features.uninstalling.models import Uninstall
from features.uninstalling.running import drain
from golive.diagnosis.findings import Status
from partners.tenancy import tenant
from tests.factories import EntryPointFactory
from tests.golive.diagnosis.scene import Scene

ADDRESS = "https://lotus.example/book"


def uninstall(scene: Scene, *, feature_type: str = "") -> Uninstall:
    """Staff ask for it, and a worker sends it to Meta."""
    row = scene.installation()
    with tenant(row.partner_id):
        asked = ask(row, scene.feature(feature_type) if feature_type else None, by="ada")
    drain()
    return asked


def comes_back_by_instagram(scene: Scene) -> None:
    """The merchant connects by another button."""
    EntryPointFactory.create(meta_app=scene.app, slug="ig", vertical="APPOINTMENTS", intent="IG_SERVICES")
    scene.invited().go_through("ig", "IG_SERVICES")


def goes_on(scene: Scene) -> Installation:
    """All workers do what is due, whatever is waited for."""
    for _ in range(3):
        scene.work()
        Uninstall.objects.update(not_before=None)
        drain()
    return scene.work()


def test_who_connects_anew_during_an_uninstall_is_judged_by_what_they_come_for_now(scene: Scene) -> None:
    scene.meta.turn(uninstall_reads=50)
    scene.comes_in("APPOINTMENTS", "FB_SERVICES")
    row = uninstall(scene)
    comes_back_by_instagram(scene)
    goes_on(scene)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("called_off", "connected_anew")
    found = scene.walk()
    assert found.case.came_through == [("APPOINTMENTS", "IG_SERVICES")]
    assert found.findings["features"].status == Status.OK
    assert "not installed" not in found.verdict


def test_without_an_uninstall_all_that_the_business_came_for_counts(scene: Scene) -> None:
    scene.comes_in("APPOINTMENTS", "FB_SERVICES")
    comes_back_by_instagram(scene)
    goes_on(scene)
    assert len(scene.walk().case.came_through) == 2


def test_the_history_names_the_uninstall_that_was_called_off_and_what_has_gone_since(scene: Scene) -> None:
    scene.meta.turn(uninstall_reads=50)
    scene.comes_in("APPOINTMENTS", "FB_SERVICES")
    uninstall(scene)
    comes_back_by_instagram(scene)
    goes_on(scene)
    line = Change.objects.get(kind=Change.Kind.CALLED_OFF)
    assert (line.cause, line.feature) == ("return", None)
    assert (line.before["uninstall"], line.before["asked_by"]) == ("acknowledged", "ada")
    assert line.after["reason"] == "connected_anew" and "page_cta" in line.after["removed_since"]
    page = scene.staff.get(f"/admin/features/installation/{line.installation_id}/change/").content.decode()
    assert "uninstall called off" in page


def test_the_history_names_one_that_was_never_sent(scene: Scene) -> None:
    scene.comes_in("APPOINTMENTS", "FB_SERVICES")
    row = scene.installation()
    with tenant(row.partner_id):
        ask(row, by="ada")
    comes_back_by_instagram(scene)
    line = Change.objects.get(kind=Change.Kind.CALLED_OFF)
    assert line.before["uninstall"] == "requested" and "removed_since" not in line.after


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_feature_that_staff_had_uninstalled_is_told_and_breaks_nothing(scene: Scene, is_listed: bool) -> None:
    scene.comes_in("APPOINTMENTS", "FB_SERVICES")
    for feature_type in ("page_card", "messenger_menu", "thread_intent"):
        scene.wants(scene.feature(feature_type), enabled=True, cta_button_text="Book", cta_button_url=ADDRESS)
    instance = scene.feature("page_cta").feature_instance_id
    row = uninstall(scene, feature_type="page_cta")
    if not is_listed:
        scene.meta.change(scene.external_id, remove=[instance])
    goes_on(scene)
    row.refresh_from_db()
    assert row.state == Uninstall.State.GONE
    found = scene.walk()
    finding = found.findings["features"]
    assert finding.status == Status.WEAK and "Facebook Page call to action" in finding.text
    assert [str(each.button.label) for each in finding.remedies] == ["The uninstall"]
    assert "ada" in finding.seen[0]
    assert found.stops_at in ("", "activation")
    assert "Page call to action" not in found.verdict
    assert scene.page().status_code == 200


def test_a_feature_that_was_switched_on_again_counts_again(scene: Scene) -> None:
    scene.comes_in("APPOINTMENTS", "FB_SERVICES")
    instance = scene.feature("page_cta").feature_instance_id
    uninstall(scene, feature_type="page_cta")
    goes_on(scene)
    scene.happens(configure={instance: {"enabled": True}})
    assert not scene.walk().case.taken_away

"""Webhooks that failed: those that name the business are told as such, those of others blame nothing."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from features.models import Feature
from golive.diagnosis.failed_webhooks import MOST_BYTES, MOST_OPENED
from golive.diagnosis.findings import Status
from partners.encryption import seal
from partners.models import Business
from tests.factories import MetaAppFactory
from tests.golive.diagnosis.scene import Scene
from tests.golive.diagnosis.situations.asking import its_webhook_failed_and_names_it
from webhooks.models import Delivery

MAY_BE = "it may have been about this business"


def failed(scene: Scene, *values: dict[str, Any], field: str = "fbe_install", **columns: Any) -> Delivery:
    """A webhook with these changes that could not be processed a moment ago."""
    changes = [{"field": field, "value": each} for each in values]
    body = json.dumps({"object": "application", "entry": [{"id": "1", "time": 1, "changes": changes}]})
    row: Delivery = Delivery.objects.create(
        **{
            "partner": scene.app.partner,
            "meta_app": scene.app,
            "sealed_body": seal(body),
            "size": len(body),
            "status": Delivery.Status.FAILED,
            "problem": "KeyError",
            **columns,
        }
    )
    return row


def named(name: str) -> dict[str, Any]:
    """A change that names a business."""
    return {"business_id": name, "access_token": "EAAB-of-a-test"}


def said(scene: Scene) -> tuple[str, str]:
    """How the step of webhooks stands, and what it says."""
    found = scene.walk().findings["webhook"]
    return found.status, found.text


def processed(scene: Scene) -> None:
    """A business that is live, and of which a webhook has told."""
    scene.comes_in()
    assert said(scene)[0] == Status.OK


def test_those_that_name_the_business_are_counted_and_can_be_processed_again(scene: Scene) -> None:
    processed(scene)
    failed(scene, named("other"), named(scene.external_id))
    newest = failed(scene, named(scene.external_id))
    failed(scene, named("other"))
    assert said(scene) == (Status.WEAK, "2 failed webhooks name this business.")
    again = scene.walk().findings["webhook"].remedies[0].button
    assert (again.label, f"/{newest.pk}/" in again.url) == ("Process again", True)


def test_those_that_name_others_blame_nothing(scene: Scene) -> None:
    processed(scene)
    failed(scene, named("other"))
    failed(scene, {"business_manager_id": "4711"}, field="business_integration_update")
    failed(scene, {"item": "post"}, field="feed")
    assert said(scene)[0] == Status.OK


def test_the_business_manager_and_the_features_name_it_too(scene: Scene) -> None:
    processed(scene)
    failed(
        scene, {"business_manager_id": scene.installation().business_manager_id}, field="business_integration_update"
    )
    failed(scene, {"installed_features": [{"feature_instance_id": Feature.objects.latest("pk").feature_instance_id}]})
    assert said(scene) == (Status.WEAK, "2 failed webhooks name this business.")


@pytest.mark.parametrize(
    "columns",
    [{"sealed_body": b"sealed with a key that is gone"}, {"size": MOST_BYTES + 1}, {"sealed_body": seal("{")}],
    ids=["no key opens it", "too large", "unreadable"],
)
def test_of_what_cannot_be_read_nobody_knows(scene: Scene, columns: dict[str, Any]) -> None:
    processed(scene)
    failed(scene, named("other"), **columns)
    status, text = said(scene)
    assert status == Status.WEAK and MAY_BE in text


def test_one_that_names_nobody_may_be_about_it(scene: Scene) -> None:
    processed(scene)
    failed(scene, {"installed_features": [{"feature_instance_id": "4711"}]})
    assert MAY_BE in said(scene)[1]


def test_only_the_newest_are_opened_with_one_statement(scene: Scene) -> None:
    processed(scene)
    with CaptureQueriesContext(connection) as before:
        scene.walk()
    for _ in range(MOST_OPENED):
        failed(scene, named("other"))
    assert said(scene)[0] == Status.OK
    failed(scene, named("other"))
    with CaptureQueriesContext(connection) as after:
        assert MAY_BE in said(scene)[1], "nobody has looked into the oldest"
    assert len(after) == len(before)


def test_those_of_another_app_and_of_another_partner_do_not_count(scene: Scene) -> None:
    processed(scene)
    failed(scene, named(scene.external_id), meta_app=MetaAppFactory.create(partner=scene.app.partner))
    stranger = MetaAppFactory.create()
    failed(scene, named(scene.external_id), meta_app=stranger, partner=stranger.partner)
    assert said(scene)[0] == Status.OK


def test_metas_next_answer_makes_up_for_them(scene: Scene) -> None:
    processed(scene)
    failed(scene, named(scene.external_id))
    scene.asks_meta()
    assert said(scene)[0] == Status.OK


def test_who_is_awaited_is_not_told_of_the_webhooks_of_others(scene: Scene) -> None:
    scene.button()
    scene.starts_at_meta()
    failed(scene, named("other"))
    found = scene.walk()
    assert found.stops_at == "attempt" and "a webhook will tell" in found.verdict
    failed(scene, named(scene.external_id))
    found = scene.walk()
    assert (found.stops_at, found.verdict) == ("webhook", "1 failed webhook names this business.")


def test_who_did_not_come_back_but_is_named_waits_for_the_webhook(scene: Scene) -> None:
    scene.button()
    scene.invited().press("go")
    assert scene.walk().stops_at == "attempt"
    failed(scene, named("other"))
    assert scene.walk().stops_at == "attempt"
    failed(scene, named(scene.external_id))
    assert scene.walk().stops_at == "webhook"


def test_with_a_dead_token_the_webhook_that_may_bring_a_new_one_comes_first(scene: Scene) -> None:
    scene.comes_in()
    scene.happens(kill_tokens=460)
    failed(scene, named("other"))
    assert scene.walk().stops_at == "token"
    failed(scene, named(scene.external_id), received_at=timezone.now())
    found = scene.walk()
    assert (found.stops_at, found.verdict) == ("webhook", "1 failed webhook names this business.")


def test_processed_again_it_connects_the_business(scene: Scene) -> None:
    its_webhook_failed_and_names_it(scene)
    assert scene.walk().stops_at == "webhook"
    scene.press("webhooks_delivery", Delivery.objects.get().pk, "press_process_again")
    scene.hears_from_meta()
    scene.work()
    assert scene.walk().is_live
    assert Business.objects.count() == 1

"""A pixel's steps, and the test events that people have sent to its Conversions API."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from features.activation import pixel_checks
from features.activation.asking import ask
from features.activation.models import Activation, PixelCheck
from features.activation.pixel_checks import claim_one, send_due
from features.models import AccessToken, Cause, Feature, Installation
from partners.audit.models import Action, AuditEntry
from partners.models import MetaApp, Role
from partners.tenancy import tenant
from tests.admin_rows import page, signed_in
from tests.factories import MembershipFactory
from tests.features.activation.looking import activation, calls, changed, connected, look, steps
from tests.meta import Meta

State = Activation.State
PAGE = "https://shop.example/book"


def address(feature: Feature) -> str:
    """Where the form is."""
    return reverse("admin:features_feature_test_event", args=[feature.pk])


def sender(feature: Feature, role: str = Role.MANAGER) -> Client:
    """A browser of somebody at the feature's partner."""
    return signed_in(MembershipFactory.create(partner=feature.partner, role=role).user)


def press(feature: Feature, client: Client | None = None, /, **typed: str) -> Any:
    """Send the form."""
    data = {"test_event_code": "TEST123", "source_url": PAGE, **typed}
    return (client or sender(feature)).post(address(feature), data)


def events_at(meta: Meta) -> list[dict[str, Any]]:
    """The test events that Meta has."""
    return [
        event
        for each in meta.counters()["connections"]
        for known in each["objects"].values()
        for event in known.get("test_events", [])
    ]


def pixel_of(installation: Installation) -> Feature:
    """Its pixel."""
    return Feature.objects.select_related("installation__business").get(installation=installation)


@pytest.fixture
def salon(meta: Meta) -> Installation:
    """A business with a pixel, looked at once."""
    installation = connected(meta, "salon", "pixel")
    look(installation)
    return installation


def test_a_new_pixel_is_shown_with_its_code_and_waits_for_people(salon: Installation) -> None:
    row = activation("pixel")
    assert (row.state, row.actor) == (State.ACTION_NEEDED, Activation.Actor.STAFF)
    assert steps(row) == {"pixel_readable": "done", "pixel_not_fired": "to_do", "conversions_api_untried": "to_do"}
    assert row.feature.connected_assets["pixel_id"] in row.steps[1]["facts"]["snippet"]


def test_a_pixel_that_fires_and_takes_a_test_event_is_active(meta: Meta, salon: Installation) -> None:
    meta.change("salon", fire_pixel=True)
    feature = pixel_of(salon)
    assert press(feature).status_code == 302
    assert send_due() == 1
    assert look(salon)
    row = activation("pixel")
    assert row.state == State.ACTIVE
    assert steps(row) == {"pixel_readable": "done", "pixel_fired": "done", "conversions_api_works": "done"}
    assert row.steps[1]["facts"]["fired_at"].endswith("+00:00")
    assert [each["test_event_code"] for each in events_at(meta)] == ["TEST123"]
    entry = AuditEntry.objects.get(action=Action.CHECKED)
    assert entry.object_id == str(feature.pk)


def test_the_page_shows_a_test_event_on_its_way_and_metas_answer(salon: Installation) -> None:
    feature = pixel_of(salon)
    client = sender(feature)
    press(feature, client)
    assert "It is being sent." in client.get(page("features_feature", feature)).content.decode()
    send_due()
    content = client.get(page("features_feature", feature)).content.decode()
    assert "1 event received." in content
    assert "TEST123" in content


def test_the_domain_stands_in_for_an_address_and_without_either_the_form_asks(salon: Installation) -> None:
    feature = pixel_of(salon)
    assert press(feature, source_url="").status_code == 200
    assert not PixelCheck.objects.exists()
    business = feature.installation.business
    business.domain = "https://shop.example"
    business.save()
    assert press(feature, source_url="").status_code == 302
    assert PixelCheck.objects.get().source_url == "https://shop.example"


@pytest.mark.parametrize(
    "typed",
    [
        {"test_event_code": ""},
        {"test_event_code": "T" * 65},
        {"test_event_code": "TEST 1"},
        {"test_event_code": "TEST1\n"},
        {"test_event_code": "<b>"},
        {"source_url": "http://shop.example"},
        {"source_url": "javascript:alert(1)"},
        {"source_url": "https://shop.example/" + "x" * 500},
    ],
)
def test_what_is_typed_wrong_is_named_and_sends_nothing(salon: Installation, typed: dict[str, str]) -> None:
    answer = press(pixel_of(salon), **typed)
    assert list(answer.context["form"].errors) == list(typed)
    assert not PixelCheck.objects.exists()


def test_only_who_may_change_things_sends_and_only_for_a_pixel(meta: Meta, salon: Installation) -> None:
    feature = pixel_of(salon)
    assert press(feature, sender(feature, Role.VIEWER)).status_code == 403
    assert press(feature, signed_in(MembershipFactory.create().user)).status_code == 404
    assert not PixelCheck.objects.exists()
    assert "Send a test event" in sender(feature).get(page("features_feature", feature)).content.decode()
    spa = connected(meta, "spa", "ads")
    other = pixel_of(spa)
    assert sender(other).get(address(other)).status_code == 404
    assert "Send a test event" not in sender(other).get(page("features_feature", other)).content.decode()


def test_metas_refusal_is_shown_and_the_next_one_may_work(meta: Meta, salon: Installation) -> None:
    meta.change("salon", withheld_scopes=["ads_management", "ads_read"])
    feature = pixel_of(salon)
    press(feature)
    send_due()
    check = PixelCheck.objects.get()
    assert (check.received, check.error) == (None, "(#10) Requires ads_management or ads_read permission")
    meta.change("salon", withheld_scopes=[])
    look(salon)
    assert steps(activation("pixel"))["conversions_api_refused"] == "to_do"
    press(feature)
    send_due()
    look(salon)
    assert steps(activation("pixel"))["conversions_api_works"] == "done"


def test_meta_down_ends_the_try_with_its_reason(meta: Meta, salon: Installation) -> None:
    meta.fail("server_error", path="events")
    press(pixel_of(salon))
    send_due()
    assert PixelCheck.objects.get().error
    assert PixelCheck.objects.get().ended_at is not None


def test_a_limit_of_the_app_keeps_it_waiting(meta: Meta, salon: Installation) -> None:
    meta.fail("rate_limit_app", path="events", minutes=10)
    press(pixel_of(salon))
    assert send_due() == 1
    check = PixelCheck.objects.get()
    assert (check.ended_at, check.claimed_until) == (None, None)
    MetaApp.objects.update(paused_until=None)
    assert send_due() == 1
    assert PixelCheck.objects.get().received == 1


def test_a_dead_token_is_buried_and_said(meta: Meta, salon: Installation) -> None:
    feature = pixel_of(salon)
    press(feature)
    meta.change("salon", kill_tokens=460)
    send_due()
    assert PixelCheck.objects.get().received is None
    assert not AccessToken.objects.filter(installation=salon, dead_at=None).exists()


def test_an_answer_to_an_older_asking_is_dropped(salon: Installation) -> None:
    feature = pixel_of(salon)
    press(feature)
    claim = claim_one()
    assert claim is not None
    press(feature, test_event_code="TEST456")
    pixel_checks._send(claim)
    check = PixelCheck.objects.get()
    assert (check.test_event_code, check.ended_at) == ("TEST456", None)
    assert send_due() == 1
    assert PixelCheck.objects.get().received == 1


def test_a_killed_workers_test_event_is_sent_by_the_next_one(salon: Installation) -> None:
    press(pixel_of(salon))
    assert claim_one() is not None
    assert send_due() == 0
    PixelCheck.objects.update(claimed_until="2020-01-01T00:00:00Z")
    assert send_due() == 1
    assert PixelCheck.objects.get().received == 1


def test_another_pixel_has_another_test(meta: Meta, salon: Installation) -> None:
    press(pixel_of(salon))
    send_due()
    changed(meta, salon, connected_assets={"pixel": {"pixel_id": "new"}})
    look(salon)
    assert "conversions_api_untried" in steps(activation("pixel"))


def test_nothing_that_identifies_a_person_or_a_token_is_sent_or_kept(salon: Installation) -> None:
    feature = pixel_of(salon)
    press(feature)
    check = PixelCheck.objects.select_related("feature__installation__business").get()
    event = pixel_checks.event_of(check)
    assert set(event["user_data"]) == {"client_user_agent", "external_id"}
    assert "salon" not in str(event["user_data"])
    send_due()
    kept = str(PixelCheck.objects.values().get())
    assert not any(token.secret in kept for token in AccessToken.objects.filter(installation=salon))


def test_a_second_look_reads_the_pixel_once(meta: Meta, salon: Installation) -> None:
    with tenant(salon.partner_id):
        ask([pixel_of(salon)], Cause.STAFF)
    before = calls(meta)
    look(salon)
    made = {call: times - before.get(call, 0) for call, times in calls(meta).items() if times != before.get(call, 0)}
    assert list(made.values()) == [1]


def test_a_pixel_that_is_gone_at_meta_asks_the_merchant(meta: Meta) -> None:
    installation = connected(meta, "salon", "pixel")
    pixel_id = pixel_of(installation).connected_assets["pixel_id"]
    meta.change("salon", objects={pixel_id: {"is_unavailable": True}})
    look(installation)
    row = activation("pixel")
    assert steps(row)["pixel_unavailable"] == "to_do"
    assert row.actor == Activation.Actor.MERCHANT

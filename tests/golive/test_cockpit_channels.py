"""Staff accept an intent for an entry point with a v2 channel, and take it back."""

import pytest
from django.test import Client
from django.urls import reverse

from mbe.catalog import FEATURE_TYPES
from onboarding.models import EntryPoint
from partners.audit.models import Action, AuditEntry
from partners.models import Role
from tests.admin_rows import signed_in
from tests.factories import EntryPointFactory, MembershipFactory, MetaAppFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def old() -> EntryPoint:
    """An entry point of v2's days."""
    app = MetaAppFactory.create(features=sorted(FEATURE_TYPES))
    row: EntryPoint = EntryPointFactory.create(
        partner=app.partner, meta_app=app, vertical="ECOMMERCE", intent="", channel="COMMERCE"
    )
    return row


@pytest.fixture
def member(old: EntryPoint) -> Client:
    return signed_in(MembershipFactory.create(partner=old.partner, role=Role.MANAGER).user)


def address_of(entry_point: EntryPoint) -> str:
    """The page of its app."""
    return reverse("golive-cockpit-channels", args=[entry_point.meta_app_id])


def test_a_suggestion_is_accepted_and_taken_back_and_the_channel_stays(old: EntryPoint, member: Client) -> None:
    (shown,) = member.get(address_of(old)).context["open"]
    intent = shown.intents[0]
    member.post(address_of(old), {"entry_point": old.pk, "intent": intent})
    old.refresh_from_db()
    assert (old.intent, old.channel) == (intent, "COMMERCE")
    after = member.get(address_of(old)).context
    assert not after["open"] and [each.entry_point for each in after["done"]] == [old]
    member.post(address_of(old), {"entry_point": old.pk, "intent": intent, "undo": "on"})
    old.refresh_from_db()
    assert (old.intent, old.channel) == ("", "COMMERCE")
    entries = AuditEntry.objects.filter(action=Action.CHANGED).order_by("pk")
    assert [each.changes for each in entries] == [{"intent": ["", intent]}, {"intent": [intent, ""]}]


@pytest.mark.parametrize("sent", [{"intent": "NO_SUCH"}, {"intent": ""}, {"undo": "on", "intent": "CATALOG_ADS"}, {}])
def test_what_is_not_suggested_changes_nothing(old: EntryPoint, member: Client, sent: dict[str, str]) -> None:
    answer = member.post(address_of(old), {"entry_point": old.pk, **sent}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    old.refresh_from_db()
    assert old.intent == "" and not AuditEntry.objects.filter(action=Action.CHANGED).exists()


def test_an_intent_that_somebody_set_meanwhile_is_kept(old: EntryPoint, member: Client) -> None:
    (shown,) = member.get(address_of(old)).context["open"]
    first, second = shown.intents[0], shown.intents[-1]
    EntryPoint.objects.filter(pk=old.pk).update(intent=second)
    member.post(address_of(old), {"entry_point": old.pk, "intent": first})
    old.refresh_from_db()
    assert old.intent == second


def test_what_the_app_does_not_offer_is_said_and_cannot_be_accepted(old: EntryPoint, member: Client) -> None:
    (before,) = member.get(address_of(old)).context["open"]
    old.meta_app.features = []
    old.meta_app.save()
    (after,) = member.get(address_of(old)).context["open"]
    assert not after.intents and len(after.problems) == len(before.intents)
    member.post(address_of(old), {"entry_point": old.pk, "intent": before.intents[0]})
    old.refresh_from_db()
    assert old.intent == ""


def test_strangers_and_those_who_only_look_set_none(old: EntryPoint) -> None:
    stranger = signed_in(MembershipFactory.create(role=Role.OWNER).user)
    looker = signed_in(MembershipFactory.create(partner=old.partner, role=Role.VIEWER).user)
    sent = {"entry_point": old.pk, "intent": "FB_SERVICES"}
    assert stranger.get(address_of(old)).status_code == stranger.post(address_of(old), sent).status_code == 404
    assert looker.get(address_of(old)).status_code == 200
    assert looker.post(address_of(old), sent).status_code == 403

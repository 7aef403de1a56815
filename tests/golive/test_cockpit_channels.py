"""Staff choose what an entry point with a v2 channel leads to, change it, and take it back."""

import pytest
from django.test import Client
from django.urls import reverse

from golive.cockpit.channels import WHOLE_MENU
from mbe.catalog import FEATURE_TYPES, INTENTS
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


def choose(entry_point: EntryPoint, member: Client, before: str, after: str) -> str:
    """What the page says after one of its buttons was pressed."""
    sent = {"entry_point": entry_point.pk, "before": before, "after": after}
    content: str = member.post(address_of(entry_point), sent, follow=True).content.decode()
    entry_point.refresh_from_db()
    return content


def audited() -> list[dict[str, list[object]]]:
    """What the log has of it, in order."""
    return [each.changes for each in AuditEntry.objects.filter(action=Action.CHANGED).order_by("pk")]


def test_a_suggestion_is_accepted_and_taken_back_and_the_channel_stays(old: EntryPoint, member: Client) -> None:
    (shown,) = member.get(address_of(old)).context["open"]
    intent = shown.choices[0].value
    choose(old, member, "", intent)
    assert (old.intent, old.channel) == (intent, "COMMERCE")
    after = member.get(address_of(old)).context
    assert not after["open"] and [each.entry_point for each in after["done"]] == [old]
    choose(old, member, intent, "")
    assert (old.intent, old.channel) == ("", "COMMERCE")
    assert [each.entry_point for each in member.get(address_of(old)).context["open"]] == [old]
    assert audited() == [{"intent": ["", intent]}, {"intent": [intent, ""]}]


def test_the_whole_menu_is_chosen_and_taken_back(old: EntryPoint, member: Client) -> None:
    assert "leads to the whole menu" in choose(old, member, "", WHOLE_MENU)
    assert (old.intent, old.has_chosen_menu, old.channel) == ("", True, "COMMERCE")
    after = member.get(address_of(old)).context
    assert not after["open"] and [each.entry_point for each in after["done"]] == [old]
    assert "taken back" in choose(old, member, WHOLE_MENU, "")
    assert not old.has_chosen_menu
    assert [each.entry_point for each in member.get(address_of(old)).context["open"]] == [old]
    assert audited() == [{"has_chosen_menu": [False, True]}, {"has_chosen_menu": [True, False]}]


def test_a_choice_is_changed_to_the_whole_menu_and_to_another_intent(old: EntryPoint, member: Client) -> None:
    (shown,) = member.get(address_of(old)).context["open"]
    first, second, menu = (each.value for each in shown.choices)
    choose(old, member, "", first)
    (done,) = member.get(address_of(old)).context["done"]
    assert [each.value for each in done.others] == [second, menu] == [second, WHOLE_MENU]
    choose(old, member, first, menu)
    assert (old.intent, old.has_chosen_menu) == ("", True)
    choose(old, member, menu, second)
    assert (old.intent, old.has_chosen_menu) == (second, False)
    assert audited()[1:] == [
        {"intent": [first, ""], "has_chosen_menu": [False, True]},
        {"intent": ["", second], "has_chosen_menu": [True, False]},
    ]


def test_the_whole_menu_is_offered_where_no_intent_fits(old: EntryPoint, member: Client) -> None:
    EntryPoint.objects.filter(pk=old.pk).update(channel="LEAD_ADS", vertical="APPOINTMENTS")
    answer = member.get(address_of(old))
    (shown,) = answer.context["open"]
    assert [each.value for each in shown.choices] == [WHOLE_MENU]
    assert "No suggestion" in answer.content.decode()
    choose(old, member, "", WHOLE_MENU)
    assert old.has_chosen_menu


def test_an_intent_set_in_the_form_ends_the_choice_of_the_menu(old: EntryPoint, member: Client) -> None:
    choose(old, member, "", WHOLE_MENU)
    page = reverse("admin:onboarding_entrypoint_change", args=[old.pk])
    sent = {"meta_app": old.meta_app_id, "slug": old.slug, "vertical": old.vertical, "channel": old.channel}
    sent |= {"minimal_onboarding_percent_menu": "all", "cta_defaults": "{}"}
    sent |= {"arm_overrides-TOTAL_FORMS": "0", "arm_overrides-INITIAL_FORMS": "0"}
    assert member.post(page, sent).status_code == 302
    old.refresh_from_db()
    assert old.has_chosen_menu, "saved without an intent, the choice stays"
    assert member.post(page, sent | {"intent": "FB_SERVICES"}).status_code == 302
    old.refresh_from_db()
    assert (old.intent, old.has_chosen_menu) == ("FB_SERVICES", False)


def test_no_intent_of_meta_is_called_like_the_menu() -> None:
    assert WHOLE_MENU not in {name for _vertical, name in INTENTS}


@pytest.mark.parametrize(
    "sent",
    [
        {"before": "", "after": "NO_SUCH"},
        {"before": "", "after": ""},
        {"before": "CATALOG_ADS", "after": ""},
        {"before": WHOLE_MENU, "after": ""},
        {},
    ],
)
def test_what_is_not_suggested_changes_nothing(old: EntryPoint, member: Client, sent: dict[str, str]) -> None:
    answer = member.post(address_of(old), {"entry_point": old.pk, **sent}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    old.refresh_from_db()
    assert old.intent == "" and not old.has_chosen_menu and not audited()


def test_what_somebody_chose_meanwhile_is_kept(old: EntryPoint, member: Client) -> None:
    (shown,) = member.get(address_of(old)).context["open"]
    first, second, menu = (each.value for each in shown.choices)
    choose(old, member, "", second)
    assert "Nothing was changed" in choose(old, member, "", first)
    assert "Nothing was changed" in choose(old, member, "", menu)
    assert (old.intent, old.has_chosen_menu) == (second, False)


def test_what_the_app_does_not_offer_is_said_and_cannot_be_accepted(old: EntryPoint, member: Client) -> None:
    (before,) = member.get(address_of(old)).context["open"]
    old.meta_app.features = []
    old.meta_app.save()
    (after,) = member.get(address_of(old)).context["open"]
    assert [each.value for each in after.choices] == [WHOLE_MENU]
    assert len(after.problems) == len(before.choices) - 1
    choose(old, member, "", before.choices[0].value)
    assert old.intent == ""


def test_strangers_and_those_who_only_look_set_none(old: EntryPoint) -> None:
    stranger = signed_in(MembershipFactory.create(role=Role.OWNER).user)
    looker = signed_in(MembershipFactory.create(partner=old.partner, role=Role.VIEWER).user)
    sent = {"entry_point": old.pk, "before": "", "after": "FB_SERVICES"}
    assert stranger.get(address_of(old)).status_code == stranger.post(address_of(old), sent).status_code == 404
    assert looker.get(address_of(old)).status_code == 200
    assert looker.post(address_of(old), sent).status_code == 403

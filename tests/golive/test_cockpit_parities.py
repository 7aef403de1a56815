"""Staff see what v3 has more or less than v2 implied, and mark what they have looked at."""

import re
from collections.abc import Mapping

import pytest
from django.test import Client
from django.urls import reverse

from features.implied.models import Parity
from features.models import Installation
from partners.audit.models import Action, AuditEntry
from partners.models import MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import (
    BusinessFactory,
    InstallationFactory,
    MembershipFactory,
    MetaAppFactory,
)

pytestmark = pytest.mark.django_db


def compared(app: MetaApp, gained: tuple[str, ...] = (), lost: tuple[str, ...] = ()) -> Parity:
    """A comparison of one business of the app; one feature is the same."""
    installation = InstallationFactory.create(meta_app=app, business=BusinessFactory.create(partner=app.partner))
    gained_rows = [{"feature_type": each, "assets": {"page_id": "7"}, "reason": "not_implied"} for each in gained]
    lost_rows = [{"feature_type": each, "assets": {"page_id": "7"}, "reason": "asset_gone"} for each in lost]
    same = [{"feature_type": "pixel", "assets": {"pixel_id": "1"}, "reason": "listed"}]
    return Parity.objects.create(
        partner=app.partner,
        installation=installation,
        same=same,
        gained=gained_rows,
        lost=lost_rows,
        same_count=1,
        gained_count=len(gained),
        lost_count=len(lost),
    )


def address_of(app: MetaApp) -> str:
    """The page of the app."""
    return reverse("golive-cockpit-parities", args=[app.pk])


def test_differences_are_listed_with_their_reasons_and_equal_ones_are_not(app: MetaApp, member: Client) -> None:
    compared(app)
    gained, lost = (
        compared(app, gained=("page_cta",)),
        compared(app, lost=("messaging", "an_invented_type")),
    )
    answer = member.get(address_of(app))
    assert list(answer.context["listed"]) == [lost, gained]
    text = answer.content.decode()
    assert "The asset that it was implied by is no longer shared." in text and "an_invented_type" in text
    assert reverse("admin:features_installation_change", args=[lost.installation_id]) in text
    assert member.get(reverse("golive-cockpit", args=[app.pk])).context["differing"] == 2


def test_one_that_was_looked_at_leaves_the_list_and_comes_back(app: MetaApp, member: Client) -> None:
    row = compared(app, lost=("messaging",))
    member.post(address_of(app), {"parity": row.pk, "digest": row.digest})
    row.refresh_from_db()
    assert row.looked_at and row.looked_by
    assert not list(member.get(address_of(app)).context["listed"])
    assert list(member.get(address_of(app), {"all": "1"}).context["listed"]) == [row]
    member.post(address_of(app), {"parity": row.pk, "undo": "on"})
    unmarked = Parity.objects.get(pk=row.pk)
    assert unmarked.looked_at is None and unmarked.looked_by == ""
    assert AuditEntry.objects.filter(action=Action.CHANGED, object_id=str(row.pk)).count() == 2


def test_what_became_worse_since_the_page_was_shown_has_not_been_looked_at(app: MetaApp, member: Client) -> None:
    row = compared(app, lost=("messaging",))
    shown = member.get(address_of(app)).content.decode()
    assert f'name="digest" value="{row.digest}"' in shown
    Parity.objects.update(lost=[*row.lost, {"feature_type": "ads", "assets": {}, "reason": "asset_gone"}])
    answer = member.post(address_of(app), {"parity": row.pk, "digest": row.digest}, follow=True)
    assert "differs by now" in answer.content.decode()
    assert Parity.objects.get().looked_at is None


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 40])
def test_what_is_no_comparison_changes_nothing(app: MetaApp, member: Client, number: str) -> None:
    answer = member.post(address_of(app), {"parity": number}, follow=True)
    assert "Nothing was changed" in answer.content.decode()


def test_strangers_see_none_and_those_who_only_look_mark_none(app: MetaApp) -> None:
    row = compared(app, lost=("messaging",))
    foreign = MembershipFactory.create(role=Role.OWNER)
    stranger = signed_in(foreign.user)
    looker = signed_in(MembershipFactory.create(partner=app.partner, role=Role.VIEWER).user)
    other = MetaAppFactory.create(partner=foreign.partner)
    assert stranger.get(address_of(app)).status_code == stranger.post(address_of(app)).status_code == 404
    stranger.post(address_of(other), {"parity": row.pk, "digest": row.digest})
    assert looker.post(address_of(app), {"parity": row.pk, "digest": row.digest}).status_code == 403
    row.refresh_from_db()
    assert row.looked_at is None


def question_of(member: Client, app: MetaApp, sent: Mapping[str, object]) -> dict[str, object]:
    """What the page that asks would send."""
    context = member.post(address_of(app), sent).context
    return {"sure": "yes"} | ({"alike": context["kind"]} if context["kind"] else {"chosen": context["chosen"]})


def test_those_chosen_are_marked_once_the_question_is_answered(app: MetaApp, member: Client) -> None:
    rows = [compared(app, lost=("messaging",)) for _ in range(3)]
    sent = {"look": "on", "chosen": [f"{each.pk}-{each.digest}" for each in rows[:2]]}
    answer = question_of(member, app, sent)
    assert not Parity.objects.exclude(looked_at=None).exists()
    said = member.post(address_of(app) + "?all=1", answer, follow=True)
    assert "2 are marked as looked at." in said.content.decode()
    assert set(Parity.objects.exclude(looked_at=None)) == set(rows[:2])
    assert set(Parity.objects.exclude(looked_by="")) == set(rows[:2])
    entries = AuditEntry.objects.filter(action=Action.CHANGED, object_type="implied.parity")
    assert {int(each.object_id) for each in entries} == {each.pk for each in rows[:2]}
    assert all(each.changes["looked_at"][0] is None for each in entries)


def test_all_that_are_alike_are_marked_whatever_their_assets_and_no_others(app: MetaApp, member: Client) -> None:
    first, second = (compared(app, lost=("messaging", "ads"), gained=("page_cta",)) for _ in range(2))
    Parity.objects.filter(pk=second.pk).update(
        lost=[{**each, "assets": {"page_id": "8"}} for each in reversed(second.lost)]
    )
    others = [
        compared(app, lost=("messaging",), gained=("page_cta",)),
        compared(app, lost=("page_cta",), gained=("messaging", "ads")),
        compared(MetaAppFactory.create(partner=app.partner), lost=("messaging", "ads"), gained=("page_cta",)),
    ]
    text = member.get(address_of(app)).content.decode()
    (kind,) = {each for each in re.findall(r'name="alike" value="(\w+)"', text) if text.count(each) == 2}
    asked = member.post(address_of(app), {"alike": kind})
    assert "Mark all 2 comparisons that are alike as looked at?" in asked.content.decode()
    member.post(address_of(app), question_of(member, app, {"alike": kind}))
    assert set(Parity.objects.exclude(looked_at=None)) == {first, second}
    assert set(Parity.objects.filter(looked_at=None)) == set(others)


def test_of_those_chosen_what_became_worse_meanwhile_is_not_marked(app: MetaApp, member: Client) -> None:
    row, other = compared(app, lost=("messaging",)), compared(app, lost=("messaging",))
    answer = question_of(member, app, {"chosen": [f"{each.pk}-{each.digest}" for each in (row, other)]})
    Parity.objects.filter(pk=row.pk).update(lost=[{"feature_type": "ads", "assets": {}, "reason": "asset_gone"}])
    said = member.post(address_of(app), answer, follow=True).content.decode()
    assert "1 is marked as looked at." in said and "differs by now" in said
    assert list(Parity.objects.exclude(looked_at=None)) == [other]


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ({"look": "on"}, "Nothing was marked"),
        ({"chosen": "x-y"}, "Nothing was marked"),
        ({"chosen": "7"}, "Not marked is what differs by now"),
        ({"alike": "nothing"}, "Nothing was marked"),
    ],
)
def test_a_choice_of_none_marks_none(app: MetaApp, member: Client, sent: dict[str, str], text: str) -> None:
    compared(app, lost=("messaging",))
    said = member.post(address_of(app), {**sent, "sure": "yes"}, follow=True)
    assert text in said.content.decode()
    assert not Parity.objects.exclude(looked_at=None).exists()


def test_those_who_only_look_and_strangers_mark_none_of_many(app: MetaApp) -> None:
    row = compared(app, lost=("messaging",))
    sent = {"chosen": f"{row.pk}-{row.digest}", "sure": "yes"}
    foreign = MembershipFactory.create(role=Role.OWNER)
    other = MetaAppFactory.create(partner=foreign.partner)
    looker = signed_in(MembershipFactory.create(partner=app.partner, role=Role.VIEWER).user)
    stranger = signed_in(foreign.user)
    assert looker.post(address_of(app), sent).status_code == 403
    assert stranger.post(address_of(app), sent).status_code == 404
    stranger.post(address_of(other), sent)
    assert Parity.objects.get().looked_at is None
    assert "cockpit-look" not in looker.get(address_of(app)).content.decode()


@pytest.mark.parametrize(
    ("versions", "is_shown"), [(("v2",), False), (("v2", "v3"), True), ((), True), (("v3",), True)]
)
def test_what_ended_on_v2_is_a_difference_once_the_app_is_no_longer_all_on_v2(
    app: MetaApp, member: Client, versions: tuple[str, ...], is_shown: bool
) -> None:
    gone = compared(app, lost=("messaging",))
    ended = {"state": Installation.State.DISCONNECTED, "reason": Installation.Reason.UNINSTALLED}
    Installation.objects.filter(pk=gone.installation_id).update(mbe_version="v2", **ended)
    connected = {"state": Installation.State.CONNECTED, "reason": ""}
    for each in versions:
        InstallationFactory.create(
            meta_app=app, business=BusinessFactory.create(partner=app.partner), mbe_version=each, **connected
        )
    assert list(member.get(address_of(app)).context["listed"]) == ([gone] if is_shown else [])

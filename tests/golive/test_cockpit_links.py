"""Launch links for many businesses are made after asking, recorded, and given out once."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from features.models import Installation, MbeVersion
from golive.cockpit import link_views
from onboarding.models import LaunchLink
from onboarding.opening import find_link
from partners.audit.models import Action, AuditEntry
from partners.models import MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import BusinessFactory, EntryPointFactory, InstallationFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost(app: MetaApp) -> list[Installation]:
    """Two businesses that must reconnect by the app's button, one named like a formula; a third is connected."""
    EntryPointFactory.create(meta_app=app)
    rows = []
    for name, state in (("=1+1", "reconnect"), ("Shop", "reconnect"), ("Well", "connected")):
        business = BusinessFactory.create(partner=app.partner, name=name)
        reason = Installation.Reason.TOKEN_DEAD if state == "reconnect" else ""
        rows.append(
            InstallationFactory.create(
                meta_app=app, business=business, state=state, reason=reason, mbe_version=MbeVersion.V3
            )
        )
    return rows


def address_of(app: MetaApp) -> str:
    """Where links are asked for."""
    return reverse("golive-cockpit-links", args=[app.pk])


def question(member: Client, app: MetaApp, sent: dict[str, Any]) -> dict[str, Any]:
    """What the page that asks would send, without an answer."""
    context = member.post(address_of(app), sent).context
    return {"chosen": context["chosen"], "form": context["form"]}


def answered(member: Client, app: MetaApp, sent: dict[str, Any], sure: str) -> Any:
    """What comes when somebody is asked, and answers."""
    return member.post(address_of(app), {**question(member, app, sent), "sure": sure})


def test_nothing_is_made_before_the_question_is_answered(
    app: MetaApp, lost: list[Installation], member: Client
) -> None:
    asked = member.post(address_of(app), {"chosen": [lost[0].pk, lost[2].pk, "x", "9" * 30]})
    assert asked.context["chosen"] == [lost[0].pk], "the one that is connected needs none"
    member.post(address_of(app), {"chosen": [lost[0].pk], "sure": "page"})
    member.post(address_of(app), {"chosen": [lost[0].pk], "sure": "page", "form": "guessed"})
    member.post(address_of(app), {**question(member, app, {"all": "yes"}), "sure": "page", "all": "yes"})
    assert not LaunchLink.objects.exists(), "an answer without its question is asked"


def test_those_chosen_get_links_that_open_and_each_is_in_the_audit_log(
    app: MetaApp, lost: list[Installation], member: Client
) -> None:
    answer = answered(member, app, {"chosen": [lost[1].pk]}, "page")
    link = LaunchLink.objects.get()
    (made,) = answer.context["made"]
    found = find_link(made.address.rstrip("/").rpartition("/")[2])
    assert found == link and link.business == lost[1].business
    assert made.address in answer.content.decode() and "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(action=Action.LINK_MADE)
    assert entry.object_id == str(link.pk) and entry.actor == link.created_by


def test_the_file_has_all_who_have_no_link_and_no_formula(
    app: MetaApp, lost: list[Installation], member: Client
) -> None:
    answer = answered(member, app, {"all": "yes"}, "csv")
    assert "no-store" in answer["Cache-Control"] and answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["'=1+1", "Shop"]
    assert all(find_link(row[3].rstrip("/").rpartition("/")[2]) for row in rows[1:])
    again = member.post(address_of(app), {"all": "yes"})
    assert again.status_code == 302, "all have one now"
    LaunchLink.objects.filter(business=lost[0].business).update(revoked_at=now())
    once_more = member.post(address_of(app), {"all": "yes"})
    assert once_more.context["count"] == 1


def test_no_more_than_the_limit_are_made_at_once(
    app: MetaApp, lost: list[Installation], member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_views, "MOST_LINKS", 1)
    asked = member.post(address_of(app), {"all": "yes"})
    assert (asked.context["count"], asked.context["left"]) == (1, 1)
    answered(member, app, {"all": "yes"}, "csv")
    assert LaunchLink.objects.count() == 1


def test_it_is_said_how_many_without_a_way_back_the_file_does_not_hold(
    app: MetaApp, lost: list[Installation], member: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    EntryPointFactory.create(meta_app=app, vertical="ECOMMERCE", intent="")
    without = BusinessFactory.create_batch(2, partner=app.partner, verticals=["CREATIVE"])
    about = {"state": "reconnect", "reason": Installation.Reason.TOKEN_DEAD, "mbe_version": MbeVersion.V3}
    for each in without:
        InstallationFactory.create(meta_app=app, business=each, **about)
    assert "not in it" not in member.post(address_of(app), {"all": "yes"}).content.decode()
    monkeypatch.setattr(link_views, "MOST_LINKS", 3)
    asked = member.post(address_of(app), {"all": "yes"}).content.decode()
    assert "at most 3 businesses, those with a link first: 1 of those that get no link is not in it." in asked
    answer = answered(member, app, {"all": "yes"}, "csv").content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(answer)))) == 1 + 3


def test_strangers_and_those_who_only_look_make_none(app: MetaApp, lost: list[Installation]) -> None:
    for person, status in (
        (MembershipFactory.create(role=Role.OWNER), 404),
        (MembershipFactory.create(partner=app.partner, role=Role.VIEWER), 403),
    ):
        answer = signed_in(person.user).post(address_of(app), {"chosen": [lost[0].pk], "sure": "csv", "form": "f" * 43})
        assert answer.status_code == status
    assert not LaunchLink.objects.exists()


def test_another_partners_businesses_cannot_be_chosen(app: MetaApp, lost: list[Installation], member: Client) -> None:
    foreign = InstallationFactory.create(state="reconnect", reason=Installation.Reason.TOKEN_DEAD)
    sent = {"chosen": [foreign.pk], "sure": "csv", "form": "f" * 43}
    assert member.post(address_of(app), sent).status_code == 302
    assert not LaunchLink.objects.exists()

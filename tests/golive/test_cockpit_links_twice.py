"""The question about launch links answered twice, or by two people, makes no second link for anybody."""

import csv
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from features.models import Installation, MbeVersion
from onboarding.models import EntryPoint, LaunchLink
from onboarding.opening import find_link
from partners.audit.models import Action, AuditEntry
from partners.models import MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import (
    BusinessFactory,
    EntryPointFactory,
    InstallationFactory,
    LaunchLinkFactory,
    MembershipFactory,
    MetaAppFactory,
)
from tests.waiting import wait_for_waiters

pytestmark = pytest.mark.django_db


@pytest.fixture
def button(app: MetaApp) -> EntryPoint:
    """A button of the app."""
    row: EntryPoint = EntryPointFactory.create(meta_app=app)
    return row


@pytest.fixture
def lost(app: MetaApp, button: EntryPoint) -> list[Installation]:
    """Three businesses that must reconnect, by the button."""
    businesses = [BusinessFactory.create(partner=app.partner) for _ in range(3)]
    state = {"state": "reconnect", "reason": Installation.Reason.TOKEN_DEAD, "mbe_version": MbeVersion.V3}
    return [InstallationFactory.create(meta_app=app, business=each, **state) for each in businesses]


@pytest.fixture
def staff(app: MetaApp) -> list[Client]:
    """Two members of staff."""
    return [signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user) for _ in range(2)]


def post(app: MetaApp, member: Client, sent: dict[str, Any]) -> Any:
    """What a form to the page of links is answered."""
    return member.post(reverse("golive-cockpit-links", args=[app.pk]), sent)


def asked(app: MetaApp, member: Client, lost: list[Installation], sure: str = "page") -> dict[str, Any]:
    """What the page that asks about these would send."""
    context = post(app, member, {"chosen": [each.pk for each in lost]}).context
    return {"chosen": context["chosen"], "form": context["form"], "sure": sure}


def addresses(answer: Any) -> list[str]:
    """The links on the page."""
    return [each.address for each in answer.context["made"]]


def in_text(answer: Any) -> list[str]:
    """The links in what came, page or file; threads cannot tell the contexts of their pages apart."""
    return re.findall(r"http[^\s\",]+/connect/[^\s\",/]+", answer.content.decode())


def opens(address: str) -> bool:
    """Whether the business can still use it."""
    link = find_link(address.rstrip("/").rpartition("/")[2])
    return link is not None and link.is_usable


def at_once(app: MetaApp, sent: list[tuple[Client, dict[str, Any]]]) -> list[Any]:
    """What comes when these are sent, and each has come as far as it can before any link is written."""

    def send(one: tuple[Client, dict[str, Any]]) -> Any:
        try:
            return post(app, *one)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(sent)) as threads:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE onboarding_launchlink IN SHARE ROW EXCLUSIVE MODE")
            answers = [threads.submit(send, each) for each in sent]
            wait_for_waiters(len(sent))
        return [each.result() for each in answers]


def test_the_same_form_again_is_given_the_same_links(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    sent = asked(app, staff[0], lost)
    first, second = post(app, staff[0], sent), post(app, staff[0], sent)
    assert addresses(first) == addresses(second) and len(set(addresses(first))) == 3
    assert LaunchLink.objects.count() == AuditEntry.objects.filter(action=Action.LINK_MADE).count() == 3
    assert all(map(opens, addresses(second)))


def test_the_same_form_again_is_given_the_same_file(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    sent = asked(app, staff[0], lost, "csv")
    first, second = post(app, staff[0], sent), post(app, staff[0], sent)
    assert first.content == second.content and first.content.count(b"/connect/") == 3
    assert LaunchLink.objects.count() == 3


def test_the_same_form_does_not_give_a_link_to_somebody_else(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    sent = asked(app, staff[0], lost)
    made = addresses(post(app, staff[0], sent))
    other = post(app, staff[1], sent)
    assert not addresses(other) and not any(each in other.content.decode() for each in made)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sure", ["page", "csv"])
def test_the_same_form_twice_at_once_makes_one_link_for_each(
    app: MetaApp, lost: list[Installation], staff: list[Client], sure: str
) -> None:
    sent = asked(app, staff[0], lost, sure)
    first, second = at_once(app, [(staff[0], sent), (staff[0], sent)])
    assert LaunchLink.objects.count() == AuditEntry.objects.filter(action=Action.LINK_MADE).count() == 3
    assert len(in_text(first)) == 3 and in_text(first) == in_text(second)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_makes_the_links_and_the_other_is_told(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    answers = at_once(app, [(each, asked(app, each, lost)) for each in staff])
    assert sorted(len(in_text(each)) for each in answers) == [0, 3]
    (told,) = [each for each in answers if not in_text(each)]
    assert "No second link was made" in told.content.decode()
    assert LaunchLink.objects.count() == 3 and not LaunchLink.objects.exclude(revoked_at=None).exists()


def test_who_is_told_of_links_made_before_may_end_them_and_make_new_ones(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    old = addresses(post(app, staff[0], asked(app, staff[0], lost[:2])))
    question = post(app, staff[1], {"chosen": [each.pk for each in lost]})
    assert question.context["count"] == 1 and [each.installation for each in question.context["before"]] == lost[:2]
    sent = {"chosen": question.context["chosen"], "form": question.context["form"], "sure": "page"}
    ends = {"ends": question.context["ends"]}
    new = addresses(post(app, staff[1], sent | ends))
    assert len(new) == 3 and not set(new) & set(old)
    assert not any(map(opens, old)) and all(map(opens, new))
    assert AuditEntry.objects.filter(action=Action.LINK_REVOKED).count() == 2
    assert addresses(post(app, staff[1], sent | ends)) == new, "sent again, it ends nothing more"


def test_links_that_somebody_replaced_meanwhile_are_not_ended(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    old = post(app, staff[0], asked(app, staff[0], lost))
    question = post(app, staff[1], {"chosen": [each.pk for each in lost]}).context
    sent = {"chosen": question["chosen"], "sure": "page", "ends": question["ends"]}
    newer = addresses(post(app, staff[0], sent | {"form": "a" * 43}))
    late = post(app, staff[1], sent | {"form": question["form"]})
    assert not addresses(late) and all(each.link.is_usable for each in late.context["before"])
    assert all(map(opens, newer)) and not any(map(opens, addresses(old)))
    assert LaunchLink.objects.count() == 6


def test_a_link_that_was_ended_since_is_not_made_again_by_its_old_form(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    sent = asked(app, staff[0], lost[:1])
    (old,) = addresses(post(app, staff[0], sent))
    LaunchLink.objects.update(revoked_at=now())
    again = post(app, staff[0], sent)
    assert not addresses(again) and "ended since" in again.content.decode() and old not in again.content.decode()
    assert LaunchLink.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"last_used_at": now()}, {"revoked_at": now()}, {"expires_at": now() - timedelta(days=1)}],
    ids=["opened", "revoked", "expired"],
)
def test_a_link_that_serves_no_more_is_in_nobodys_way(
    app: MetaApp, lost: list[Installation], staff: list[Client], button: EntryPoint, changes: dict[str, Any]
) -> None:
    LaunchLinkFactory.create(business=lost[0].business, entry_point=button, **changes)
    question = post(app, staff[0], {"chosen": [lost[0].pk]})
    assert question.context["count"] == 1 and not question.context["before"]
    assert len(addresses(post(app, staff[0], asked(app, staff[0], lost[:1])))) == 1


def test_a_link_that_the_merchant_has_only_looked_at_is_opened_and_never_ended(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    unseen = asked(app, staff[0], lost[:1])
    (address,) = addresses(post(app, staff[0], unseen))
    question = post(app, staff[1], {"chosen": [lost[0].pk]})
    link = LaunchLink.objects.get()
    assert question.context["ends"] == str(link.pk)
    assert Client().get(urlsplit(address).path).status_code == 200
    sent = {"chosen": [lost[0].pk], "form": question.context["form"], "sure": "page", "ends": str(link.pk)}
    assert len(addresses(post(app, staff[1], sent))) == 1
    assert opens(address), "the merchant may be reading it"
    page = post(app, staff[1], {"chosen": [lost[0].pk]}).context
    assert [each.link.pk for each in page["before"]] == [LaunchLink.objects.latest("pk").pk]


def test_a_link_for_every_entry_point_or_another_apps_is_in_nobodys_way(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    other = EntryPointFactory.create(partner=app.partner, meta_app=MetaAppFactory.create(partner=app.partner))
    for entry_point in (None, other):
        LaunchLinkFactory.create(business=lost[0].business, entry_point=entry_point)
    assert len(addresses(post(app, staff[0], asked(app, staff[0], lost[:1])))) == 1


def test_a_link_that_staff_made_for_a_button_of_the_app_is_said(
    app: MetaApp, lost: list[Installation], staff: list[Client], button: EntryPoint
) -> None:
    LaunchLinkFactory.create(business=lost[0].business, entry_point=button)
    question = post(app, staff[0], {"chosen": [lost[0].pk]})
    assert question.context["count"] == 0 and len(question.context["before"]) == 1
    assert f"by “{button}”" in question.content.decode()


def test_the_same_form_with_another_button_is_not_given_a_link_for_the_first(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    other = EntryPointFactory.create(meta_app=app)
    sent = asked(app, staff[0], lost[:1])
    post(app, staff[0], sent)
    second = post(app, staff[0], sent | {"entry_point": other.pk})
    assert not addresses(second) and len(second.context["before"]) == 1


def test_the_file_names_those_whose_link_was_made_before(
    app: MetaApp, lost: list[Installation], staff: list[Client]
) -> None:
    post(app, staff[0], asked(app, staff[0], lost[:1]))
    answer = post(app, staff[1], asked(app, staff[1], lost, "csv"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [bool(row["launch link"]) for row in rows] == [False, True, True]
    assert ["made before" in row["note"] for row in rows] == [True, False, False]
    nothing_new = post(app, staff[1], asked(app, staff[1], lost, "csv"))
    assert len(nothing_new.context["before"]) == 3, "a file without a link is a page that says so"


def test_links_of_others_cannot_be_ended_by_their_numbers(
    app: MetaApp, lost: list[Installation], staff: list[Client], button: EntryPoint
) -> None:
    foreign, connected = LaunchLinkFactory.create(), BusinessFactory.create(partner=app.partner)
    kept = LaunchLinkFactory.create(business=connected, entry_point=button)
    ends = f"{foreign.pk},{kept.pk},x,{'9' * 30}"
    assert len(addresses(post(app, staff[0], asked(app, staff[0], lost) | {"ends": ends}))) == 3
    assert not LaunchLink.objects.exclude(revoked_at=None).exists()

"""The cockpit counts each business once, and shows the ones behind each number."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from django.utils.timezone import now
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from features.deaths import REASONS
from features.models import Cause, Installation, MbeVersion
from features.remedies import REMEDIES
from features.sync import drain
from golive.cockpit.counting import Group, end_seen_from, in_group, numbers
from mbe.versions import VERSIONS, end_of
from partners.models import MetaApp
from tests.admin_rows import signed_in
from tests.factories import (
    AccessTokenFactory,
    BusinessFactory,
    FeatureFactory,
    InstallationFactory,
    MembershipFactory,
    MetaAppFactory,
)
from tests.meta import hint

pytestmark = pytest.mark.django_db

STATE = Installation.State


def stands(app: MetaApp, version: str, state: str = STATE.CONNECTED, reason: str = "") -> Installation:
    """An installation on the app."""
    business = BusinessFactory.create(partner=app.partner)
    row: Installation = InstallationFactory.create(
        meta_app=app, business=business, mbe_version=version, state=state, reason=reason
    )
    return row


@pytest.fixture
def crowd() -> dict[Group, Installation]:
    """One installation of each group, all on one app."""
    app = MetaAppFactory.create()
    mixed = stands(app, MbeVersion.V3)
    FeatureFactory.create(installation=mixed, is_implied=True)
    FeatureFactory.create(installation=mixed, is_implied=True)
    v3 = stands(app, MbeVersion.V3)
    FeatureFactory.create(installation=v3, is_implied=True, removed_at=now())
    FeatureFactory.create(installation=v3)
    never_synced = stands(app, "", STATE.PENDING)
    AccessTokenFactory.create(installation=never_synced)
    return {
        Group.V2: stands(app, MbeVersion.V2),
        Group.V3: v3,
        Group.MIXED: mixed,
        Group.RECONNECT: stands(app, MbeVersion.V2, STATE.RECONNECT, Installation.Reason.TOKEN_DEAD),
        Group.NEVER_SYNCED: never_synced,
        Group.NOT_FINISHED: stands(app, "", STATE.PENDING),
        Group.DISCONNECTED: stands(app, MbeVersion.V3, STATE.DISCONNECTED),
    }


def app_of(crowd: dict[Group, Installation]) -> MetaApp:
    """The app of them all."""
    return crowd[Group.V2].meta_app


@pytest.fixture
def member(crowd: dict[Group, Installation]) -> Client:
    """The browser of a member of its partner."""
    return signed_in(MembershipFactory.create(partner=app_of(crowd).partner).user)


def test_each_business_is_counted_once_and_in_one_statement(
    crowd: dict[Group, Installation], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        counted = numbers(Installation.objects.all())
    assert counted == {app_of(crowd).pk: dict.fromkeys(Group, 1)}


@pytest.mark.parametrize("group", Group)
def test_a_number_leads_to_just_its_businesses(crowd: dict[Group, Installation], member: Client, group: Group) -> None:
    assert list(in_group(Installation.objects.all(), group)) == [crowd[group]]
    answer = member.get(reverse("golive-cockpit-businesses", args=[app_of(crowd).pk, group.value]))
    assert list(answer.context["listed"]) == [crowd[group]]


@pytest.mark.django_db(transaction=True)
def test_who_did_not_finish_the_dialog_stays_so_when_somebody_asks_for_a_sync(app: MetaApp) -> None:
    bare = stands(app, "", STATE.PENDING)
    hint(bare, Cause.STAFF)
    assert list(in_group(Installation.objects.all(), Group.NOT_FINISHED)) == [bare]
    drain()
    assert list(in_group(Installation.objects.all(), Group.NOT_FINISHED)) == [bare]


def test_who_must_reconnect_is_listed_with_the_reason(crowd: dict[Group, Installation], member: Client) -> None:
    answer = member.get(reverse("golive-cockpit-businesses", args=[app_of(crowd).pk, "reconnect"]))
    assert "Meta no longer accepts the access token." in answer.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hant"])
@pytest.mark.parametrize("reason", sorted({*REASONS.values(), Installation.Reason.TOKEN_DEAD}))
def test_who_must_reconnect_is_listed_with_the_plain_reason_and_what_helps(
    crowd: dict[Group, Installation], member: Client, reason: str, language: str
) -> None:
    Installation.objects.filter(pk=crowd[Group.RECONNECT].pk).update(reason=reason)
    address = reverse("golive-cockpit-businesses", args=[app_of(crowd).pk, "reconnect"])
    shown = member.get(address, headers={"Accept-Language": language}).content.decode()
    with override(language):
        assert str(escape(Installation.Reason(reason).label)) in shown and str(escape(REMEDIES[reason])) in shown


def test_an_unknown_group_is_not_found(crowd: dict[Group, Installation], member: Client) -> None:
    assert member.get(reverse("golive-cockpit-businesses", args=[app_of(crowd).pk, "v4"])).status_code == 404


def test_a_stranger_sees_nothing_of_it(crowd: dict[Group, Installation]) -> None:
    stranger = signed_in(MembershipFactory.create().user)
    app = app_of(crowd)
    assert stranger.get(reverse("golive-cockpit", args=[app.pk])).status_code == 404
    assert stranger.get(reverse("golive-cockpit-businesses", args=[app.pk, "v2"])).status_code == 404
    assert stranger.get(reverse("golive-cockpits")).context["apps"] == []


def test_the_pages_show_the_numbers_and_the_end_of_the_version(
    crowd: dict[Group, Installation], member: Client
) -> None:
    first = member.get(reverse("golive-cockpits"))
    assert [cell["count"] for cell in first.context["apps"][0]["cells"]] == [1] * len(Group)
    one = member.get(reverse("golive-cockpit", args=[app_of(crowd).pk]))
    assert [cell["count"] for cell in one.context["cells"]] == [1] * len(Group)
    assert "v25.0" in one.content.decode()


def test_the_command_prints_the_same_numbers(crowd: dict[Group, Installation]) -> None:
    app, out = app_of(crowd), StringIO()
    call_command("cockpit", app.partner.slug, stdout=out)
    expected = "1 v2, 1 v3, 1 mixed, 1 reconnect, 1 never_synced, 1 not_finished, 1 disconnected"
    assert f"{app.app_id}: {expected}" in out.getvalue()


def test_the_end_of_a_version_is_told_in_days() -> None:
    tones = [end_seen_from("v25.0", day).tone for day in (date(2028, 1, 1), date(2028, 3, 1), date(2028, 7, 1))]
    assert tones == ["good", "warning", "bad"]
    assert end_seen_from("v20.0", date(2026, 9, 25)).days == -1
    assert end_seen_from("v99.0", date(2026, 9, 25)).tone == "plain"
    assert all(each.ends_on is None or each.ends_on > each.out_on for each in VERSIONS)
    assert end_of("v25.0") == date(2028, 7, 29)

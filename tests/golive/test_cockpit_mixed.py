"""Mixed businesses are listed with what Meta does not list of them, and staff end it after a question."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from features.implied.models import Reason
from features.models import Feature, Installation, MbeVersion
from golive.cockpit.counting import Group
from partners.audit.models import Action, AuditEntry
from partners.models import MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import BusinessFactory, FeatureFactory, InstallationFactory, MembershipFactory, MetaAppFactory

pytestmark = pytest.mark.django_db


def unlisted(app: MetaApp, name: str, *feature_types: str) -> Installation:
    """A business of the app that Meta answers in v3, with implied features of these types."""
    business = BusinessFactory.create(partner=app.partner, name=name)
    row: Installation = InstallationFactory.create(meta_app=app, business=business, mbe_version=MbeVersion.V3)
    for each in feature_types:
        facts = {"feature_type": each, "feature_instance_id": f"implied:{each}:{row.pk}", "is_implied": True}
        FeatureFactory.create(installation=row, connected_assets={"catalog_id": f"7{row.pk}"}, **facts)
    return row


def address_of(app: MetaApp) -> str:
    """The page of the app."""
    return reverse("golive-cockpit-mixed", args=[app.pk])


def living(app: MetaApp) -> set[tuple[str, str]]:
    """The implied features that still stand: whose, and of what type."""
    rows = Feature.objects.filter(installation__meta_app=app, removed_at=None)
    return set(rows.values_list("installation__business__name", "feature_type"))


def answer_to(asked: Any) -> dict[str, str]:
    """What the form of the question sends of its own, but for what was chosen."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', asked.content.decode()))
    return {name: hidden[name] for name in ("sure", "feature_type", "last", "count") if name in hidden}


def test_each_is_listed_with_the_feature_and_the_reason(app: MetaApp, member: Client) -> None:
    row = unlisted(app, "Harbour Tea", "catalog")
    unlisted(app, "Peak Fitness")
    address = reverse("golive-cockpit-businesses", args=[app.pk, Group.MIXED.value])
    assert address == address_of(app), "the number leads here"
    text = member.get(address).content.decode()
    assert "Harbour Tea" in text and "Peak Fitness" not in text
    assert "Catalog" in text and f"catalog_id 7{row.pk}" in text and str(Reason.NOT_LISTED.label) in text
    assert "Harbour Tea" not in member.get(address, {"q": "peak"}).content.decode()


@pytest.mark.parametrize("is_of_type", [False, True])
def test_those_chosen_or_all_of_a_type_end_once_the_question_is_answered(
    app: MetaApp, member: Client, is_of_type: bool
) -> None:
    one, other = unlisted(app, "One", "catalog", "pixel"), unlisted(app, "Other", "catalog")
    elsewhere = unlisted(MetaAppFactory.create(partner=app.partner), "Elsewhere", "catalog")
    catalogs = [each.features.get(feature_type="catalog").pk for each in (one, other, elsewhere)]
    sent: dict[str, Any] = {"feature_type": "catalog"} if is_of_type else {"chosen": [*catalogs, "x", "9" * 30]}
    asked = member.post(address_of(app), sent)
    assert asked.context["count"] == 2 and "Treat 2 features as gone?" in asked.content.decode()
    assert len(living(app)) == 3 and not AuditEntry.objects.exists()
    answer = member.post(address_of(app), {**sent, **answer_to(asked)}, follow=True)
    assert "2 features are treated as gone." in answer.content.decode()
    assert living(app) == {("One", "pixel")}
    assert Feature.objects.filter(installation=elsewhere, removed_at=None).exists()
    entries = AuditEntry.objects.filter(action=Action.CHANGED, object_type="features.feature")
    assert {int(each.object_id) for each in entries} == set(catalogs[:2])
    assert all(before is None and after for before, after in (each.changes["removed_at"] for each in entries))


def test_what_comes_to_stand_after_the_question_does_not_end_with_its_answer(app: MetaApp, member: Client) -> None:
    older, _one = unlisted(app, "Older", "catalog"), unlisted(app, "One", "catalog")
    Installation.objects.filter(pk=older.pk).update(mbe_version=MbeVersion.V2)
    answer = answer_to(member.post(address_of(app), {"feature_type": "catalog"}))
    unlisted(app, "Newer", "catalog")
    Installation.objects.filter(pk=older.pk).update(mbe_version=MbeVersion.V3)
    asked = member.post(address_of(app), answer)
    assert asked.context["count"] == 2 and len(living(app)) == 3, "older ones stand too: asked anew"
    assert "more stand here now than you were asked about" in asked.content.decode()
    member.post(address_of(app), answer_to(asked))
    assert living(app) == {("Newer", "catalog")}


@pytest.mark.parametrize("sent", [{"sure": "yes"}, {"sure": "yes", "last": "x", "count": "-1"}])
def test_a_type_does_not_end_without_its_question(app: MetaApp, member: Client, sent: dict[str, str]) -> None:
    unlisted(app, "One", "catalog")
    asked = member.post(address_of(app), {"feature_type": "catalog", **sent})
    assert asked.context["count"] == 1 and living(app) == {("One", "catalog")}


@pytest.mark.parametrize("sent", [{}, {"sure": "yes"}, {"chosen": "x", "sure": "yes"}, {"feature_type": "\0invented"}])
def test_what_names_none_changes_nothing(app: MetaApp, member: Client, sent: dict[str, str]) -> None:
    unlisted(app, "One", "catalog")
    answer = member.post(address_of(app), sent, follow=True)
    assert "Nothing was changed" in answer.content.decode() and living(app) == {("One", "catalog")}


def test_nothing_but_what_stands_implied_in_v3_can_be_ended(app: MetaApp, member: Client) -> None:
    rows = [unlisted(app, name, "catalog") for name in ("Listed", "On v2", "To reconnect")]
    Feature.objects.filter(installation=rows[0]).update(is_implied=False)
    Installation.objects.filter(pk=rows[1].pk).update(mbe_version=MbeVersion.V2)
    reason = {"state": Installation.State.RECONNECT, "reason": Installation.Reason.TOKEN_DEAD}
    Installation.objects.filter(pk=rows[2].pk).update(**reason)
    chosen = list(Feature.objects.values_list("pk", flat=True))
    member.post(address_of(app), {"chosen": chosen, "sure": "yes"})
    assert len(living(app)) == 3


def test_strangers_end_nothing_and_those_who_only_look_are_offered_nothing(app: MetaApp) -> None:
    row = unlisted(app, "One", "catalog")
    foreign = MembershipFactory.create(role=Role.OWNER)
    stranger = signed_in(foreign.user)
    other = MetaAppFactory.create(partner=foreign.partner)
    sent = {"chosen": row.features.get().pk, "sure": "yes"}
    assert stranger.get(address_of(app)).status_code == stranger.post(address_of(app), sent).status_code == 404
    stranger.post(address_of(other), sent)
    looker = signed_in(MembershipFactory.create(partner=app.partner, role=Role.VIEWER).user)
    assert looker.post(address_of(app), sent).status_code == 403
    text = looker.get(address_of(app)).content.decode()
    assert "One" in text and "Catalog" in text and 'name="chosen"' not in text
    assert living(app) == {("One", "catalog")}

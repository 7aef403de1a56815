"""Staff see what v3 has more or less than v2 implied, and mark what they have looked at."""

import pytest
from django.test import Client
from django.urls import reverse

from features.implied.models import Parity
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

"""Test and live app of a partner beside each other, with what differs."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from golive.letter.gathering import gather
from golive.readiness.models import Check
from golive.side_by_side.comparing import Row, columns_of, compare
from partners.models import MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import EntryPointFactory, MembershipFactory, MetaAppFactory
from tests.golive.readiness.stage import Stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def live() -> MetaApp:
    row: MetaApp = EntryPointFactory.create(meta_app__name="Live").meta_app
    return row


@pytest.fixture
def trial(live: MetaApp) -> MetaApp:
    row: MetaApp = MetaAppFactory.create(partner=live.partner, is_test=True, name="Trial")
    EntryPointFactory.create(meta_app=row)
    return row


@pytest.fixture
def member(live: MetaApp) -> Client:
    return signed_in(MembershipFactory.create(partner=live.partner, role=Role.MANAGER).user)


def differing(app: MetaApp) -> list[Row]:
    """The lines in which the apps differ."""
    return [row for group in compare(columns_of(gather(app))) for row in group.rows if row.differs]


def page_of(member: Client, app: MetaApp) -> str:
    """The page of the comparison."""
    answer = member.get(reverse("golive-side-by-side", args=[app.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_apps_that_are_set_up_alike_do_not_differ(live: MetaApp, trial: MetaApp, member: Client) -> None:
    assert differing(live) == []
    page = page_of(member, live)
    assert "Nothing differs." in page
    assert page.index("Trial") < page.index("Live", page.index("Trial"))
    for app in (live, trial):
        assert reverse("meta-webhook", args=[app.app_id]) in page and str(app) in page
    other = page_of(member, trial)
    assert other.count("Live app") == page.count("Live app") == 1


def test_each_thing_that_differs_is_marked(live: MetaApp, trial: MetaApp, member: Client) -> None:
    MetaApp.objects.filter(pk=trial.pk).update(
        features=[each for each in trial.features if each != "messenger_chat"],
        sign_in_url="https://partner.example/sign-in",
    )
    EntryPointFactory.create(meta_app=trial, intent="")
    EntryPointFactory.create(meta_app=trial, vertical="LEAD_ADS", intent="LEAD_ADS")
    checked = Check(partner=live.partner, meta_app=live, key="callback", state="green", checked_at=timezone.now())
    checked.save()
    Stage(live, None, "").confirm_menus()  # type: ignore[arg-type]  # Meta is not asked
    rows = differing(live)
    assert len(rows) == 9
    found = {each.label: each.cells for each in rows}
    assert found["Messenger chat (messenger_chat)"] == ("no", "yes")
    assert found["Sign-in page"][0] == "https://partner.example/sign-in"
    cells = [each.cells for each in rows]
    assert ("whole menu, FB_SERVICES", "FB_SERVICES") in cells and ("LEAD_ADS", "no entry point") in cells
    assert "not checked yet" in found["Callback reachable"][0] and "good" in found["Callback reachable"][1]
    assert "does not apply" in found["Webhook after an install: business app"]
    page = page_of(member, live)
    assert "9 lines differ." in page and page.count("differs</span>") == 9


def test_with_one_app_only_the_page_says_what_is_missing(live: MetaApp, member: Client) -> None:
    page = page_of(member, live)
    assert "There is no test app to compare with." in page and reverse("admin:partners_metaapp_add") not in page
    owner = signed_in(MembershipFactory.create(partner=live.partner).user)
    assert reverse("admin:partners_metaapp_add") in page_of(owner, live)
    MetaApp.objects.filter(pk=live.pk).update(is_test=True)
    assert "There is no live app to compare with." in page_of(member, live)


def test_apps_of_other_partners_are_neither_shown_nor_found(live: MetaApp, trial: MetaApp, member: Client) -> None:
    strange = EntryPointFactory.create(meta_app__is_test=True, meta_app__name="Strange").meta_app
    assert "Strange" not in page_of(member, live)
    assert member.get(reverse("golive-side-by-side", args=[strange.pk])).status_code == 404

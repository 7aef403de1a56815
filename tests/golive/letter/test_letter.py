"""The letter to the Meta representative says what is configured now, and what is missing."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from golive.letter import models as letter
from mbe.catalog import FEATURE_TYPES
from onboarding.models import EntryPoint, OnboardingAttempt
from partners.audit.models import Action, AuditEntry
from partners.models import MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import AttemptFactory, EntryPointFactory, LaunchLinkFactory, MembershipFactory, MetaAppFactory

pytestmark = pytest.mark.django_db

WayIn = OnboardingAttempt.WayIn


@pytest.fixture
def live() -> MetaApp:
    row: MetaApp = EntryPointFactory.create(slug="book-live").meta_app
    return row


@pytest.fixture
def trial(live: MetaApp) -> MetaApp:
    row: MetaApp = MetaAppFactory.create(partner=live.partner, is_test=True)
    EntryPointFactory.create(meta_app=row, slug="book-test", intent="")
    return row


@pytest.fixture
def member(live: MetaApp) -> Client:
    return signed_in(MembershipFactory.create(partner=live.partner, role=Role.MANAGER).user)


def page_of(member: Client, app: MetaApp, language: str = "en") -> str:
    """The letter's page."""
    answer = member.get(reverse("golive-letter", args=[app.pk]), headers={"Accept-Language": language})
    return answer.content.decode()


def letter_of(member: Client, app: MetaApp) -> str:
    """The letter as a file."""
    answer = member.get(reverse("golive-letter-file", args=[app.pk]))
    assert answer["Content-Type"] == "text/plain; charset=utf-8" and "attachment" in answer["Content-Disposition"]
    return answer.content.decode()


def named(app: MetaApp, user_id: str, **values: object) -> letter.Tester:
    """A person with a role on the app."""
    return letter.Tester.objects.create(partner=app.partner, meta_app=app, user_id=user_id, **values)


def test_the_letter_has_all_that_the_representative_needs(live: MetaApp, trial: MetaApp, member: Client) -> None:
    named(trial, "1001", name="Mei")
    named(trial, "2002", name="Alex", role=letter.Tester.Role.DEVELOPER, is_representative=True)
    text = letter_of(member, live)
    for app in (live, trial):
        assert f"App id: {app.app_id} (" in text and reverse("meta-webhook", args=[app.app_id]) in text
    assert "Testers' user ids: 1001\n" in text and "Alex (2002): developer" in text
    assert "APPOINTMENTS" in text and f"{FEATURE_TYPES['page_cta'].label.en} (page_cta)" in text
    assert "book-live (FB_SERVICES)" in text and "book-test (whole menu)" in text
    assert text == letter_of(member, trial)


def test_the_letter_follows_what_is_configured(live: MetaApp, trial: MetaApp, member: Client) -> None:
    assert "ig_cta" in letter_of(member, live)
    MetaApp.objects.update(features=["page_cta", "messenger_chat"])
    EntryPoint.objects.filter(slug="book-test").update(is_active=False)
    text = letter_of(member, live)
    assert "ig_cta" not in text and "messenger_chat" in text and "book-test" not in text


def test_the_auth_url_is_named_where_merchants_start_at_meta_or_shall(live: MetaApp, member: Client) -> None:
    address = reverse("business-app", args=[live.app_id])
    assert address not in letter_of(member, live)
    link = LaunchLinkFactory.create(business__partner=live.partner)
    attempt = AttemptFactory.create(
        launch_link=link, meta_app=live, entry_point=live.entry_points.get(), way_in=WayIn.BUSINESS_APP
    )
    assert address not in letter_of(member, live), "a press is no use of it"
    OnboardingAttempt.objects.filter(pk=attempt.pk).update(outcome=OnboardingAttempt.Outcome.SUCCEEDED)
    assert f"Auth URL (business app flow): {settings.PUBLIC_URL}{address}" in letter_of(member, live)
    OnboardingAttempt.objects.all().delete()
    MetaApp.objects.update(sign_in_url="https://partner.example/sign-in")
    assert address in letter_of(member, live)


def test_what_is_missing_stands_at_the_top_with_where_to_add_it(live: MetaApp, member: Client) -> None:
    page = page_of(member, live)
    assert "There is no test app." in page and "There is no live app." not in page
    app = MetaAppFactory.create(partner=live.partner, is_test=True)
    page = page_of(member, live)
    assert "There is no test app." not in page
    assert f"{reverse('admin:letter_tester_add')}?meta_app={app.pk}" in page
    assert "No tester is named" in page and f"No active entry point leads to {app}." in page
    live.features = ["page_cta"]
    live.save()
    assert "offers no feature of the vertical" in page_of(member, live)
    assert "starts with FB_SERVICES, for which" in page_of(member, live)


def test_nothing_is_said_to_be_missing_where_nothing_is(
    live: MetaApp, trial: MetaApp, member: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://portal.example"
    named(trial, "1001")
    assert "Nothing is missing." in page_of(member, live)
    settings.PUBLIC_URL = "http://localhost:8000"
    assert "PUBLIC_URL has to be set" in page_of(member, live)


def test_the_letter_is_in_the_language_of_the_page(live: MetaApp, member: Client) -> None:
    assert "正式應用程式" in page_of(member, live, "zh-hant") and "Live app" not in page_of(member, live, "zh-hant")


def test_managers_add_and_remove_testers_and_the_log_says_so(trial: MetaApp, member: Client) -> None:
    add = reverse("admin:letter_tester_add")
    given = {"meta_app": trial.pk, "name": "Mei", "user_id": "1001", "role": "tester"}
    assert member.post(add, given | {"user_id": "mei@shop.example"}).status_code == 200
    assert not letter.Tester.objects.exists()
    assert member.post(add, given).status_code == 302
    assert member.post(add, given).status_code == 200
    row = letter.Tester.objects.get()
    assert row.partner_id == trial.partner_id
    assert AuditEntry.objects.filter(action=Action.ADDED, object_type="letter.tester").count() == 1
    member.post(reverse("admin:letter_tester_delete", args=[row.pk]), {"post": "yes"})
    assert not letter.Tester.objects.exists()
    assert AuditEntry.objects.filter(action=Action.REMOVED, object_type="letter.tester").count() == 1


def test_another_partners_app_gets_no_tester_and_shows_no_letter(trial: MetaApp) -> None:
    stranger = signed_in(MembershipFactory.create().user)
    given = {"meta_app": trial.pk, "name": "Mei", "user_id": "1001", "role": "tester"}
    assert stranger.post(reverse("admin:letter_tester_add"), given).status_code == 200
    assert not letter.Tester.objects.exists()
    for name in ("golive-letter", "golive-letter-file"):
        assert stranger.get(reverse(name, args=[trial.pk])).status_code == 404

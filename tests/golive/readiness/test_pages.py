"""The page of readiness, the list of apps, the command, and what links to them."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from pytest_django import Settings

from golive.menus.models import MenuConfirmation
from golive.readiness.models import Check, CheckChange
from golive.readiness.registry import applying
from golive.readiness.steps import Problem, Step
from golive.readiness.texts import STEPS, title_of
from partners.audit.models import Action, AuditEntry
from partners.models import Business, MetaApp, Role
from partners.tenancy import tenant
from tests.admin_rows import signed_in
from tests.factories import EntryPointFactory, MembershipFactory, MetaAppFactory
from tests.golive.readiness.stage import Stage

SEEN_AT = timezone.now().replace(hour=5, minute=6, second=7, microsecond=0) - timedelta(days=1)
SEEN_ON = date_format(SEEN_AT, "N j, Y")


def app_with_checks(**values: Any) -> MetaApp:
    """An app with a button, of which every check was green."""
    app: MetaApp = EntryPointFactory.create(**{f"meta_app__{name}": value for name, value in values.items()}).meta_app
    for kind, subject in applying(app):
        row = Check(partner=app.partner, meta_app=app, key=kind.key, subject=subject, state=Check.State.GREEN)
        row.checked_at = row.since = SEEN_AT
        row.save()
    return app


def member_of(app: MetaApp, role: Role = Role.MANAGER) -> Client:
    """The browser of somebody of the partner."""
    return signed_in(MembershipFactory.create(partner=app.partner, role=role).user)


def page_of(client: Client, app: MetaApp, language: str = "en") -> str:
    """The page of an app."""
    answer = client.get(reverse("golive-readiness", args=[app.pk]), headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def turn_red(app: MetaApp, key: str, step: Step, **values: Any) -> Check:
    """Let one check be red."""
    Check.objects.filter(meta_app=app, key=key).update(state=Check.State.RED, step=step, **values)
    return Check.objects.filter(meta_app=app, key=key).get()


def test_everything_good_in_the_sandbox_reads_so_and_is_no_word_about_meta(stage: Stage, connected: Business) -> None:
    client = member_of(stage.app)
    page = page_of(client, stage.app)
    assert "Ready in the sandbox; not for Meta" in page and "Next step:" not in page
    assert 'pill-warning">good in the sandbox' in page and "answers the sandbox on this machine" in page
    assert "Ready to go live." not in page and "over https." not in page
    assert page.count("pill-good") >= len(applying(stage.app)) + 1
    assert connected.external_business_id in page and "Picture" in page
    stage.meta.turn_subscriptions(inactive=True)
    stage.check()
    page = page_of(client, stage.app)
    assert "Not ready: 1 thing is left." in page and "Ready in the sandbox" not in page
    assert page.count(str(STEPS[Step.INACTIVE]).replace("'", "&#x27;")) == 3, "on top, at the check, in its history"


@pytest.mark.django_db
def test_a_menu_that_nobody_confirmed_is_left(django_assert_num_queries: object) -> None:
    app = app_with_checks()
    page = page_of(member_of(app), app)
    assert "Not ready: 1 thing is left." in page and "Nobody has confirmed this menu yet." in page
    assert f"{reverse('golive-menus', args=[app.pk])}#APPOINTMENTS" in page
    app.entry_points.update(is_active=False)
    page = page_of(member_of(app), app)
    assert "Not ready: 1 thing is left." in page and "No active entry point leads to this app" in page


@pytest.mark.django_db
def test_a_portal_that_asks_a_sandbox_is_not_called_ready_for_meta(settings: Settings, real_meta: None) -> None:
    app = app_with_checks()
    Stage(app, None, "").confirm_menus()  # type: ignore[arg-type]  # Meta is not asked
    client = member_of(app)
    assert "Ready to go live." in page_of(client, app)
    settings.META_GRAPH_URL = "http://127.0.0.1:8001"
    page = page_of(client, app)
    assert "Ready in the sandbox; Meta itself was not asked." in page and "Ready to go live." not in page


@pytest.mark.django_db
def test_what_is_asked_for_and_not_made_yet_is_not_called_ready(real_meta: None) -> None:
    app = app_with_checks()
    Stage(app, None, "").confirm_menus()  # type: ignore[arg-type]  # Meta is not asked
    Check.objects.filter(meta_app=app, key="app_token").update(asked_at=timezone.now())
    page = page_of(member_of(app), app)
    assert "1 check is being made again." in page and "Ready to go live." not in page


@pytest.mark.django_db
def test_what_was_checked_and_cannot_be_told_is_not_called_unchecked() -> None:
    app = app_with_checks()
    row = turn_red(app, "agree", Step.STILL_V2)
    Check.objects.filter(pk=row.pk).update(state=Check.State.UNKNOWN)
    CheckChange.objects.create(partner=app.partner, check_row=row, before="red", after="unknown", step=Step.STILL_V2)
    page = page_of(member_of(app), app)
    assert "cannot be told yet" in page and "not known" in page and "not checked yet" not in page


@pytest.mark.django_db
def test_a_confirmed_menu_is_shown_with_date_person_and_picture(real_meta: None) -> None:
    app = app_with_checks()
    stage = Stage(app, None, "")  # type: ignore[arg-type]  # Meta is not asked
    stage.confirm_menus()
    page = page_of(member_of(app), app)
    confirmation = MenuConfirmation.objects.get()
    assert "Ready to go live." in page and "by Mei" in page
    assert reverse("golive-menu-picture", args=[confirmation.pk]) in page
    MetaApp.objects.filter(pk=app.pk).update(is_test=True)
    assert "The test app passes every check." in page_of(member_of(app), app)


@pytest.mark.django_db
def test_what_is_broken_is_first_with_its_evidence_its_next_step_and_the_callback_to_enter() -> None:
    app = app_with_checks()
    evidence = {"object": "user", "missing_fields": ["fbe_install"], "refused_at": SEEN_AT.isoformat()}
    turn_red(app, "subscribed_fields", Step.MISSING_FIELDS, evidence=evidence)
    page = page_of(member_of(app), app)
    assert "Not ready: 2 things are left." in page
    assert page.index("First:") < page.index(str(STEPS[Step.MISSING_FIELDS]).split("'")[0])
    assert "fbe_install" in page and f"{SEEN_ON}, 05:06" in page
    assert reverse("meta-webhook", args=[app.app_id]) in page
    assert reverse("admin:partners_metaapp_change", args=[app.pk]) in page


@pytest.mark.django_db
def test_times_are_in_the_zone_of_the_person_who_looks() -> None:
    app = app_with_checks()
    client = member_of(app)
    client.cookies["time_zone"] = "Asia/Hong_Kong"
    assert f"{SEEN_ON}, 13:06" in page_of(client, app)


@pytest.mark.django_db
def test_what_could_not_be_checked_keeps_its_state_and_its_date_and_says_why() -> None:
    app = app_with_checks()
    Stage(app, None, "").confirm_menus()  # type: ignore[arg-type]  # Meta is not asked
    Check.objects.filter(meta_app=app, key="agree").update(problem=Problem.PAUSED)
    Check.objects.filter(meta_app=app, key="tokens").update(problem="(#2) Service temporarily unavailable")
    page = page_of(member_of(app), app)
    assert "2 checks could not be made again" in page
    assert "Meta makes the app wait" in page and "(#2) Service temporarily unavailable" in page
    assert "What stands here is from before." in page and "pill-bad" not in page


@pytest.mark.django_db
def test_the_history_of_a_check_is_shown() -> None:
    app = app_with_checks()
    row = Check.objects.get(meta_app=app, key="callback")
    evidence = {"status": 502}
    CheckChange.objects.create(
        partner=app.partner, check_row=row, before="green", after="red", step=Step.NO_ANSWER, evidence=evidence
    )
    page = page_of(member_of(app), app)
    assert "History" in page and "within ten seconds" in page and "502" in page


@pytest.mark.django_db(transaction=True)
def test_a_manager_asks_for_the_checks_and_sees_how_far_they_are() -> None:
    app = app_with_checks()
    client = member_of(app)
    address = reverse("golive-readiness", args=[app.pk])
    assert 'name="csrfmiddlewaretoken"' in page_of(client, app) and "Check now" in page_of(client, app)
    assert client.post(address)["Location"] == address
    assert Check.objects.filter(meta_app=app, asked_at__isnull=False).count() == len(applying(app))
    assert AuditEntry.objects.filter(action=Action.CHECKED, object_id=str(app.pk)).count() == 1
    Check.objects.filter(meta_app=app, key="callback").update(asked_at=None)
    page = page_of(client, app)
    assert f"1 of {len(applying(app))} checks are made." in page
    assert 'http-equiv="refresh"' in page and "Look again" in page
    Check.objects.filter(meta_app=app, asked_at__isnull=False).update(asked_at=timezone.now() - timedelta(hours=1))
    page = page_of(client, app)
    assert 'http-equiv="refresh"' not in page and "No worker has taken up the rest yet" in page


@pytest.mark.django_db
def test_a_viewer_has_no_button_and_no_link_that_changes_something() -> None:
    app = app_with_checks()
    turn_red(app, "tokens", Step.INSTALL)
    viewer = member_of(app, Role.VIEWER)
    page = page_of(viewer, app)
    assert "Check now" not in page and "Make a launch link" not in page
    page = page_of(member_of(app), app)
    assert "Make a launch link" in page and f"{reverse('admin:onboarding_launchlink_add')}?meta_app={app.pk}" in page
    assert viewer.post(reverse("golive-readiness", args=[app.pk])).status_code == 403
    assert not Check.objects.filter(asked_at__isnull=False).exists()


@pytest.mark.django_db
def test_a_stranger_finds_nothing() -> None:
    app = app_with_checks()
    stranger = signed_in(MembershipFactory.create().user)
    address = reverse("golive-readiness", args=[app.pk])
    assert stranger.get(address).status_code == stranger.post(address).status_code == 404
    assert stranger.get(reverse("golive-readiness-apps")).context["shown"] == []


@pytest.mark.django_db
def test_an_app_that_was_never_checked_says_so() -> None:
    app = MetaAppFactory.create()
    page = page_of(member_of(app), app)
    assert page.count("Never checked.") == len(applying(app))
    assert "Add an entry point" in page and "not checked yet" in page


@pytest.mark.django_db
def test_the_list_has_every_app_with_its_verdict_and_pages_lead_to_it() -> None:
    app = app_with_checks()
    other = MetaAppFactory.create(partner=app.partner, is_test=True)
    client = member_of(app)
    shown = client.get(reverse("golive-readiness-apps")).context["shown"]
    assert [(each, verdict.tone) for each, verdict in shown] == [(app, "bad"), (other, "bad")]
    page = reverse("golive-readiness", args=[app.pk])
    for address in (
        reverse("golive-readiness-apps"),
        reverse("golive-cockpits"),
        reverse("golive-cockpit", args=[app.pk]),
        reverse("golive-letter", args=[app.pk]),
        reverse("admin:partners_metaapp_change", args=[app.pk]),
        reverse("golive-side-by-side", args=[app.pk]),
    ):
        assert page in client.get(address).content.decode(), address
    assert reverse("golive-readiness-apps") in client.get(reverse("admin:index")).content.decode()


def test_the_command_checks_prints_words_and_tells_by_its_exit_code(stage: Stage, connected: Business) -> None:
    out = StringIO()
    call_command("readiness", stage.app.partner.slug, stdout=out)
    lines = out.getvalue().splitlines()
    titles = [title_of(kind.key, subject) for kind, subject in applying(stage.app)]
    assert lines[0] == f"{stage.app.app_id} {titles[0]}: good in the sandbox"
    assert lines[1:] == [f"{stage.app.app_id} {each}: good" for each in [*titles[1:], "Menu APPOINTMENTS"]]
    stage.meta.turn_subscriptions(inactive=True)
    out = StringIO()
    with pytest.raises(CommandError, match="not ready: 1 left") as refusal:
        call_command("readiness", stage.app.partner.slug, app=stage.app.app_id, stdout=out)
    assert refusal.value.returncode == 1
    assert f"Fields subscribed: to do\n    {STEPS[Step.INACTIVE]}" in out.getvalue()


@pytest.mark.django_db
def test_an_app_without_entry_points_and_a_partner_without_apps_are_not_ready() -> None:
    app = MetaAppFactory.create()
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("readiness", app.partner.slug, stdout=out)
    assert "Menus: to do\n    No active entry point leads to this app." in out.getvalue()
    with tenant(app.partner_id):
        Check.objects.all().delete()
    MetaApp.objects.all().delete()
    with pytest.raises(CommandError, match="there is no Meta app"):
        call_command("readiness", app.partner.slug, stdout=out)

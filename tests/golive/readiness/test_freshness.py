"""What was good too long ago is not called good: on no page, in no verdict, and not by the command."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from golive.readiness.models import Check
from golive.readiness.registry import applying
from golive.readiness.standing import standing_of
from golive.readiness.steps import Problem
from partners.models import Business, MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import EntryPointFactory, MembershipFactory, MetaAppFactory
from tests.golive.readiness.stage import Stage

OVERDUE = "the checks are overdue: is the worker running?"
LATELY, LONG_AGO = timedelta(days=1, hours=23), timedelta(days=2, minutes=1)


@pytest.fixture
def app(db: None, real_meta: None) -> MetaApp:
    """An app with its menu confirmed, of which every check is good."""
    row: MetaApp = EntryPointFactory.create().meta_app
    make_good(row)
    return row


def make_good(app: MetaApp) -> None:
    """Let every check and menu of the app be good."""
    values = {"state": Check.State.GREEN, "evidence": {"said": "hello"}}
    Check.objects.bulk_create(
        Check(partner=app.partner, meta_app=app, key=kind.key, subject=subject, **values)
        for kind, subject in applying(app)
    )
    Stage(app, None, "").confirm_menus()  # type: ignore[arg-type]  # Meta is not asked
    age(app, timedelta())


def age(app: MetaApp, ago: timedelta, *keys: str) -> None:
    """Let the checks, or those named, have been made that long ago."""
    rows = Check.objects.filter(meta_app=app, **({"key__in": keys} if keys else {}))
    moment = timezone.now() - ago
    rows.update(checked_at=moment, tried_at=moment)


def seen(app: MetaApp, name: str = "golive-readiness") -> str:
    """A page about the app."""
    member = signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user)
    address = reverse(name, args=[] if name.endswith("apps") else [app.pk])
    return str(member.get(address).content.decode())


def test_a_result_counts_for_two_days(app: MetaApp) -> None:
    age(app, LATELY)
    page = seen(app)
    assert "Ready to go live." in page and "outdated" not in page and OVERDUE not in page
    age(app, LONG_AGO)
    page = seen(app)
    number = len(applying(app))
    assert f"Not ready: {number} things are left." in page and "Ready to go live." not in page
    assert page.count("pill-good") == 1, "the menu, which a person confirmed"
    assert page.count('pill-warning">outdated') == number
    assert page.count(OVERDUE) == number + 1, "on top, and at each check"
    assert page.count("hello") == number, "the evidence stays"
    assert "Last checked on" in page and "Check now" in page


def test_one_outdated_check_is_enough_and_is_named(app: MetaApp) -> None:
    age(app, LONG_AGO, "callback")
    page = seen(app)
    assert "Not ready: 1 thing is left." in page and page.count(OVERDUE) == 2
    listed = seen(app, "golive-readiness-apps")
    assert "Not ready: 1 thing is left." in listed and OVERDUE in listed
    assert not listed.count("pill-good")


def test_what_is_to_do_stays_to_do_and_says_that_nobody_looks(app: MetaApp) -> None:
    Check.objects.filter(meta_app=app, key="tokens").update(state=Check.State.RED)
    age(app, LONG_AGO, "tokens")
    page = seen(app)
    assert "Not ready: 1 thing is left." in page and OVERDUE in page
    assert 'pill-bad">to do' in page and "outdated" not in page


def test_what_is_tried_and_cannot_be_made_is_outdated_for_its_own_reason(app: MetaApp) -> None:
    age(app, LONG_AGO, "tokens")
    Check.objects.filter(meta_app=app, key="tokens").update(problem=Problem.NO_BUSINESS, tried_at=timezone.now())
    page = seen(app)
    assert "Not ready: 1 thing is left." in page and page.count('pill-warning">outdated') == 1
    assert OVERDUE not in page and "Access tokens valid: No business is connected." in page


def test_beside_each_other_the_outdated_one_is_not_good(app: MetaApp) -> None:
    trial = MetaAppFactory.create(partner=app.partner, is_test=True)
    EntryPointFactory.create(meta_app=trial)
    make_good(trial)
    page = seen(app, "golive-side-by-side")
    assert page.count("all good") == 2 and "outdated" not in page
    before = page.count('class="differs"')
    age(trial, LONG_AGO, "callback")
    page = seen(app, "golive-side-by-side")
    assert page.count("all good") == 1 and "1 thing left" in page
    assert page.count('pill-warning">outdated') == 1 and page.count('class="differs"') == before + 1


def test_the_command_does_not_call_good_what_it_could_not_make_for_long(stage: Stage, connected: Business) -> None:
    stage.meta.fail("server_error", count=50)
    call_command("readiness", stage.app.partner.slug, stdout=StringIO())
    age(stage.app, LONG_AGO, "agree")
    stage.meta.fail("server_error", count=50)
    out = StringIO()
    with pytest.raises(CommandError, match="not ready: 1 left"):
        call_command("readiness", stage.app.partner.slug, stdout=out)
    assert "All sources agree: outdated\n    could not be checked now:" in out.getvalue()


def test_a_run_of_the_worker_makes_it_good_again(stage: Stage, connected: Business) -> None:
    age(stage.app, LONG_AGO)
    assert standing_of(stage.app).left == len(applying(stage.app))
    stage.check()
    assert standing_of(stage.app).left == 0

"""Two who turn a rollout at once: whoever comes second goes back to what the first has set, not to what was before."""

from collections.abc import Callable
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connections
from django.urls import reverse

from golive.rollout.turning import turn
from onboarding.models import EntryPoint
from partners.audit.recording import By
from partners.tenancy import tenant
from tests.admin_rows import page, signed_in
from tests.factories import EntryPointFactory, MembershipFactory
from tests.waiting import wait_for_waiters

pytestmark = pytest.mark.django_db(transaction=True)


def by_form(entry_point: EntryPoint) -> None:
    """Save the entry point's form with 100 %."""
    client = signed_in(MembershipFactory.create(partner=entry_point.partner).user)
    form = {"meta_app": entry_point.meta_app_id, "slug": entry_point.slug, "vertical": entry_point.vertical}
    form |= {"minimal_onboarding_percent_menu": "all", "cta_defaults": "", "is_active": "on"}
    assert client.post(page("onboarding_entrypoint", entry_point), form).status_code == 302


def by_command(entry_point: EntryPoint) -> None:
    """Run the command with 100 %."""
    call_command("add_entry_point", entry_point.partner.slug, entry_point.slug, "--percent", "100")


def by_page(entry_point: EntryPoint) -> None:
    """Press the rollout page's button."""
    client = signed_in(MembershipFactory.create(partner=entry_point.partner).user)
    address = reverse("golive-rollout", args=[entry_point.pk])
    assert client.post(address, {"percent": "100", "sure": "yes"}).status_code == 302


@pytest.mark.parametrize("second", [by_form, by_command, by_page])
def test_the_share_before_is_the_one_that_the_first_has_set(second: Callable[[EntryPoint], None]) -> None:
    entry_point = EntryPointFactory.create(slug="go", minimal_onboarding_percent=20)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            second(entry_point)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    thread = Thread(target=run)
    with tenant(entry_point.partner_id):
        turn(EntryPoint.objects.get(pk=entry_point.pk), 60, By.command("first"))
        thread.start()
        wait_for_waiters(1)
    thread.join()
    assert not failures
    entry_point.refresh_from_db()
    assert (entry_point.minimal_onboarding_percent, entry_point.previous_percent) == (100, 60)

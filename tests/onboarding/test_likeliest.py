"""The entry point that staff find chosen when they make a link, in the admin and by the command."""

import io
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from features.models import Installation
from golive.cockpit.links import usable_links
from golive.cockpit.ways_back import ways_back
from onboarding.models import EntryPoint, LaunchLink, OnboardingAttempt
from partners.models import Business, MetaApp, Role
from tests.admin_rows import page, signed_in, tool
from tests.factories import (
    AttemptFactory,
    BusinessFactory,
    EntryPointFactory,
    InstallationFactory,
    LaunchLinkFactory,
    MembershipFactory,
    MetaAppFactory,
)

ADD_LINK = reverse("admin:onboarding_launchlink_add")


@pytest.fixture
def business(app: MetaApp) -> Business:
    """A shop without a domain."""
    row: Business = BusinessFactory.create(partner=app.partner, verticals=["ECOMMERCE", "LEAD_ADS"])
    return row


@pytest.fixture
def member(business: Business) -> Client:
    """A manager's browser."""
    return signed_in(MembershipFactory.create(partner=business.partner, role=Role.MANAGER).user)


def button(app: MetaApp, vertical: str = "ECOMMERCE", intent: str = "", **more: Any) -> EntryPoint:
    """An entry point of the app."""
    row: EntryPoint = EntryPointFactory.create(meta_app=app, vertical=vertical, intent=intent, **more)
    return row


def lost(app: MetaApp, business: Business, **more: Any) -> Installation:
    """The business must reconnect on the app."""
    state = {"state": Installation.State.RECONNECT, "reason": Installation.Reason.TOKEN_DEAD}
    row: Installation = InstallationFactory.create(meta_app=app, business=business, **state, **more)
    return row


def form_of(member: Client, business: Business) -> Any:
    """The form that the button of the business's page leads to."""
    text = member.get(page("partners_business", business)).content.decode()
    found = re.search(r'<a [^>]*href="([^"]+/launchlink/add/[^"]*)"[^>]*>New launch link</a>', text)
    assert found and not LaunchLink.objects.exists()
    return member.get(found[1].replace("&amp;", "&")).context["adminform"].form


def chosen(member: Client, business: Business) -> str:
    """What is chosen in it; the page has it among the options."""
    form = form_of(member, business)
    value = str(form["entry_point"].value() or "")
    assert f'<option value="{value}" selected>' in str(form["entry_point"])
    return value


def test_the_business_that_must_reconnect_finds_its_way_back_chosen_and_the_link_counts(
    app: MetaApp, business: Business, member: Client
) -> None:
    button(MetaAppFactory.create(partner=app.partner))
    button(app)
    best = button(app, "LEAD_ADS", "LEAD_ADS")
    link = LaunchLinkFactory.create(business=business, entry_point=best)
    more = {"meta_app": app, "launch_link": link, "entry_point": best}
    AttemptFactory.create(outcome=OnboardingAttempt.Outcome.SUCCEEDED, **more)
    OnboardingAttempt.objects.update(launch_link=link)
    row = lost(app, business)
    LaunchLink.objects.update(revoked_at=link.created_at)
    ways = ways_back(app, [row])
    assert ways[0].likeliest == best and not usable_links(app, ways)
    form = member.get(ADD_LINK, {"business": business.pk}).context["adminform"].form
    sent = {name: form[name].value() or "" for name in ("business", "entry_point", "form")}
    assert sent["entry_point"] == str(best.pk)
    member.post(ADD_LINK, sent)
    assert usable_links(app, ways)[business.pk].entry_point == best


def test_where_it_must_reconnect_on_several_apps_nothing_is_chosen_and_a_test_app_is_none(
    app: MetaApp, business: Business, member: Client
) -> None:
    mine = button(app)
    trial = MetaAppFactory.create(partner=app.partner, is_test=True)
    button(trial)
    lost(app, business)
    lost(trial, business)
    assert chosen(member, business) == str(mine.pk)
    second = MetaAppFactory.create(partner=app.partner)
    button(second)
    lost(second, business)
    assert chosen(member, business) == ""


def test_the_only_button_is_chosen_and_of_two_none(app: MetaApp, business: Business, member: Client) -> None:
    assert chosen(member, business) == ""
    only = button(app)
    button(app, is_active=False)
    button(app, "CREATIVE")
    button(app, "ECOMMERCE", "CHECKBOX_PLUGIN_MARKETING")
    assert chosen(member, business) == str(only.pk), "the others are off, of another vertical, or need a domain"
    button(app, "LEAD_ADS")
    assert chosen(member, business) == ""


def test_the_form_lists_what_can_be_chosen_without_javascript(app: MetaApp, business: Business, member: Client) -> None:
    fits, off, other = button(app, label="Sell more"), button(app, is_active=False), button(app, "CREATIVE")
    foreign = EntryPointFactory.create(vertical="ECOMMERCE", intent="")
    listed = re.findall(r'<option value="(\d*)"[^>]*>([^<]+)', str(form_of(member, business)["entry_point"]))
    assert listed == [("", "none: all of them"), (str(fits.pk), f"Sell more · {app}")]
    assert not {str(each.pk) for each in (off, other, foreign)} & dict(listed).keys()


def test_who_is_led_here_for_an_app_finds_the_button_chosen_that_the_business_can_press(
    app: MetaApp, business: Business, member: Client
) -> None:
    def chosen_for_app() -> str:
        form = member.get(ADD_LINK, {"business": business.pk, "meta_app": app.pk}).context["adminform"].form
        return str(form["entry_point"].value())

    closed = button(app, "ECOMMERCE", "CHECKBOX_PLUGIN_MARKETING")
    assert chosen_for_app() == str(closed.pk), "there is no other"
    leads = button(app, "LEAD_ADS")
    channel = button(app, channel="COMMERCE", minimal_onboarding_percent=0)
    lost(app, business, channel="COMMERCE")
    assert chosen_for_app() == str(leads.pk), "the two others need a domain"
    Business.objects.update(domain="shop.example")
    assert chosen_for_app() == str(channel.pk)


def test_a_viewer_is_not_led_to_the_form(app: MetaApp, business: Business) -> None:
    viewer = signed_in(MembershipFactory.create(partner=app.partner, role=Role.VIEWER).user)
    assert "New launch link" not in viewer.get(page("partners_business", business)).content.decode()


def test_the_buttons_address_without_an_entry_point_leads_to_the_form(business: Business, member: Client) -> None:
    answer = member.post(tool("partners_business", business, "new_launch_link"))
    assert (answer.status_code, answer["Location"]) == (302, f"{ADD_LINK}?business={business.pk}")
    assert not LaunchLink.objects.exists()


def said_by_command(business: Business, *arguments: str) -> tuple[str, str]:
    """What the command prints, and what it notes beside it."""
    out, err = io.StringIO(), io.StringIO()
    call_command(
        "launch_link", business.partner.slug, business.external_business_id, *arguments, stdout=out, stderr=err
    )
    return out.getvalue(), err.getvalue()


def test_the_command_notes_what_a_link_for_every_button_does_not_do(app: MetaApp, business: Business) -> None:
    address, note = said_by_command(business)
    assert "/connect/" in address and note.startswith("note: it opens no button now")
    found = button(app, slug="shop")
    assert said_by_command(business)[1] == ""
    row = lost(app, business)
    address, note = said_by_command(business)
    assert "/connect/" in address and "\n" not in address.strip()
    assert f"must reconnect on app “{app.app_id}”" in note and "--entry-point shop counts as its way back" in note
    ways = ways_back(app, [row])
    assert not usable_links(app, ways)
    assert said_by_command(business, "--entry-point", "shop")[1] == ""
    assert usable_links(app, ways)[business.pk].entry_point == found


def test_the_commands_help_says_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("launch_link", "--help")
    said = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "absent: every active one of the business's verticals" in said
    assert "only a link for one entry point counts as a way back" in said

"""A link made for an app connects that app again: it opens a button of it, or is not made, and the page says why."""

import csv
import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from features.models import Installation, MbeVersion
from golive.cockpit.ways_back import ways_back
from onboarding.models import ArmOverride, EntryPoint, LaunchLink, OnboardingAttempt
from partners.models import MetaApp
from tests.factories import BusinessFactory, EntryPointFactory, InstallationFactory, LaunchLinkFactory, MetaAppFactory

pytestmark = pytest.mark.django_db


def lost(app: MetaApp, channel: str = "", **business: Any) -> Installation:
    """A business that must reconnect on the app."""
    row: Installation = InstallationFactory.create(
        meta_app=app,
        business=BusinessFactory.create(partner=app.partner, **business),
        state=Installation.State.RECONNECT,
        reason=Installation.Reason.TOKEN_DEAD,
        mbe_version=MbeVersion.V2,
        channel=channel,
    )
    return row


def post(member: Client, app: MetaApp, **sent: Any) -> Any:
    """What a form to the page of links is answered."""
    return member.post(reverse("golive-cockpit-links", args=[app.pk]), sent)


def made(member: Client, row: Installation, **answer: Any) -> Any:
    """What comes when somebody is asked about this business, and answers."""
    form = post(member, row.meta_app, chosen=[row.pk]).context["form"]
    return post(member, row.meta_app, chosen=[row.pk], form=form, **{"sure": "page", **answer})


def opened(member: Client, row: Installation, **answer: Any) -> EntryPoint:
    """The entry point of the one link that is made."""
    (given,) = made(member, row, **answer).context["made"]
    assert given.link.entry_point is not None
    entry_point: EntryPoint = given.link.entry_point
    return entry_point


def button(app: MetaApp, vertical: str = "ECOMMERCE", intent: str = "", **more: Any) -> EntryPoint:
    """An entry point of the app."""
    row: EntryPoint = EntryPointFactory.create(meta_app=app, vertical=vertical, intent=intent, **more)
    return row


def add_address(app: MetaApp, **values: str) -> str:
    """Where an entry point is added, filled in."""
    query = "&".join(f"{name}={value}" for name, value in {"meta_app": app.pk, **values}.items())
    return f"{reverse('admin:onboarding_entrypoint_add')}?{query}"


def test_without_a_button_of_the_app_no_link_is_made_and_the_way_to_one_is_shown(app: MetaApp, member: Client) -> None:
    row = lost(app, "COMMERCE", verticals=["ECOMMERCE"])
    button(MetaAppFactory.create(partner=app.partner))
    asked = post(member, app, chosen=[row.pk])
    page = asked.content.decode()
    assert "1 gets no link" in page and "No button of this app is for a vertical of the business." in page
    assert "Make and show them" not in page
    add = add_address(app, vertical="ECOMMERCE", intent="FB_SERVICES", channel="COMMERCE")
    assert add.replace("&", "&amp;") in page
    form = member.get(add).context["adminform"].form
    assert {name: form[name].value() for name in ("meta_app", "vertical", "intent", "channel")} == {
        "meta_app": str(app.pk), "vertical": "ECOMMERCE", "intent": "FB_SERVICES", "channel": "COMMERCE",
    }  # fmt: skip
    assert not made(member, row).context["made"] and not LaunchLink.objects.exists()


def test_a_business_without_verticals_is_offered_one_that_fits_its_channel(app: MetaApp, member: Client) -> None:
    for channel, query in (
        ("LEAD_ADS", {"vertical": "LEAD_ADS", "intent": "LEAD_ADS", "channel": "LEAD_ADS"}),
        ("LEAD_ADZ", {}),
        ("", {}),
    ):
        page = post(member, app, chosen=[lost(app, channel).pk]).content.decode()
        assert f'"{add_address(app, **query)}"'.replace("&", "&amp;") in page


def test_the_link_opens_the_app_that_it_was_made_for_and_no_other(app: MetaApp, member: Client) -> None:
    other = button(MetaAppFactory.create(partner=app.partner))
    own = button(app)
    row = lost(app, verticals=["ECOMMERCE"])
    (given,) = made(member, row).context["made"]
    merchant = Client()
    page = merchant.get(urlsplit(given.address).path)
    assert [each.slug for each in page.context["page"].cards] == [own.slug]
    path = urlsplit(given.address).path
    assert merchant.post(f"{path}{other.slug}/").status_code == 404
    dialog = merchant.post(f"{path}{own.slug}/")["Location"]
    assert parse_qs(urlsplit(dialog).query)["client_id"] == [app.app_id]


def test_the_likeliest_button_is_taken_and_staff_may_take_another(app: MetaApp, member: Client) -> None:
    first = button(app, intent="CONVERSIONS_API")
    row = lost(app, "COMMERCE", verticals=["ECOMMERCE"])
    assert opened(member, row) == first
    menu = button(app)
    assert opened(member, lost(app, "COMMERCE", verticals=["ECOMMERCE"])) == menu, "the whole menu before the others"
    suggested = button(app, intent="IG_SERVICES")
    assert opened(member, lost(app, "COMMERCE", verticals=["ECOMMERCE"])) == suggested, "what fits the channel"
    assert opened(member, lost(app, verticals=["ECOMMERCE"])) == menu, "without a channel nothing is suggested by it"
    sends = button(app, intent="ADS", channel="COMMERCE", minimal_onboarding_percent=100)
    assert opened(member, lost(app, "COMMERCE", verticals=["ECOMMERCE"])) == sends, "what sends the same channel"
    assert opened(member, lost(app, "COMMERCE", verticals=["ECOMMERCE"]), entry_point=first.pk) == first


def test_the_button_by_which_a_business_came_is_the_likeliest(app: MetaApp, member: Client) -> None:
    came_by, _other = button(app, intent="CONVERSIONS_API"), button(app, channel="COMMERCE")
    row = lost(app, "COMMERCE", verticals=["ECOMMERCE"])
    link = LaunchLinkFactory.create(business=row.business, revoked_at=row.created_at)
    OnboardingAttempt.objects.create(
        partner=app.partner, business=row.business, meta_app=app, entry_point=came_by, launch_link=link,
        state_hash="s", browser_hash="b", outcome=OnboardingAttempt.Outcome.SUCCEEDED,
    )  # fmt: skip
    assert opened(member, row) == came_by


def test_one_that_does_not_fit_is_not_taken_though_it_was_chosen(app: MetaApp, member: Client) -> None:
    fits, foreign = button(app), button(MetaAppFactory.create(partner=app.partner))
    for unfit in (foreign, button(app, vertical="APPOINTMENTS"), button(app, is_active=False)):
        assert opened(member, lost(app, verticals=["ECOMMERCE"]), entry_point=unfit.pk) == fits


def test_a_choice_is_offered_where_there_is_one(app: MetaApp, member: Client) -> None:
    first, row = button(app), lost(app, verticals=["ECOMMERCE"])
    button(app, vertical="APPOINTMENTS")
    assert 'name="entry_point"' not in post(member, app, chosen=[row.pk]).content.decode()
    second = button(app, intent="ADS")
    page = post(member, app, chosen=[row.pk])
    assert list(page.context["entry_points"]) == [first, second]
    assert f'<option value="{second.pk}">' in page.content.decode()


def test_what_is_in_the_way_of_a_button_is_said(app: MetaApp, member: Client) -> None:
    row = lost(app, verticals=["ECOMMERCE"])
    business_page = reverse("admin:partners_business_change", args=[row.business_id])
    switched_off = button(app, is_active=False)
    page = post(member, app, chosen=[row.pk]).content.decode()
    assert f"The button “{switched_off}” is switched off." in page
    assert reverse("admin:onboarding_entrypoint_change", args=[switched_off.pk]) in page
    EntryPoint.objects.update(is_active=True, intent="CHECKBOX_PLUGIN_MARKETING")
    page = post(member, app, chosen=[row.pk]).content.decode()
    assert "needs the business&#x27;s website for Checkbox plugin; the business has no domain" in page
    assert f'<a href="{business_page}">Add the domain</a>' in page
    MetaApp.objects.filter(pk=app.pk).update(features=["page_cta"])
    assert "needs features that the app does not offer" in post(member, app, chosen=[row.pk]).content.decode()


def test_an_arm_that_staff_chose_counts(app: MetaApp, member: Client) -> None:
    entry_point = button(app, channel="COMMERCE", minimal_onboarding_percent=100)
    row = lost(app, verticals=["ECOMMERCE"])
    ArmOverride.objects.create(
        partner=app.partner, entry_point=entry_point, business=row.business, use_minimal_onboarding=False
    )
    page = post(member, app, chosen=[row.pk]).content.decode()
    assert "needs the business&#x27;s website, and the business has no domain" in page, "v2&#x27;s channel asks for it"


def test_the_file_says_it_of_each_row(app: MetaApp, member: Client) -> None:
    entry_point = button(app)
    good, bad = lost(app, verticals=["ECOMMERCE"]), lost(app, verticals=["LEAD_ADS"])
    asked = post(member, app, all="yes").context
    assert (asked["count"], asked["closed_count"], asked["chosen"]) == (1, 1, [good.pk, bad.pk])
    answer = post(member, app, chosen=asked["chosen"], form=asked["form"], sure="csv")
    rows = {row["external business id"]: row for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    made, closed = (rows[each.business.external_business_id] for each in (good, bad))
    assert (made["entry point"], made["note"]) == (str(entry_point), "") and "/connect/" in made["launch link"]
    assert (closed["entry point"], closed["launch link"]) == ("", "")
    assert closed["note"] == "No button of this app is for a vertical of the business."
    assert LaunchLink.objects.count() == 1


def test_those_without_a_way_back_take_no_place_of_others(
    app: MetaApp, member: Client, django_assert_max_num_queries: Any
) -> None:
    button(app)
    for number in range(20):
        lost(app, verticals=["LEAD_ADS"] if number < 19 else ["ECOMMERCE"])
    with django_assert_max_num_queries(25):
        asked = post(member, app, all="yes")
    assert (asked.context["count"], asked.context["closed_count"]) == (1, 19)
    assert len(asked.context["closed"]) == 1, "one reason, one button"


def test_the_buttons_of_thousands_alike_are_looked_at_once(app: MetaApp) -> None:
    for about in ({}, {"intent": "CHECKBOX_PLUGIN_MARKETING"}, {"vertical": "LEAD_ADS"}):
        button(app, **about)
    kinds: list[dict[str, Any]] = [{"verticals": ["ECOMMERCE"]}, {"domain": "shop.example"}, {}]
    rows = [lost(app, **kind) for _ in range(3) for kind in kinds]
    found = [each.buttons.fitting for each in ways_back(app, rows)]
    assert found == [ways_back(app, [each])[0].buttons.fitting for each in rows]
    assert [len(each) for each in found[:3]] == [1, 3, 2] and len({id(each) for each in found}) == len(kinds)


def test_a_link_that_leads_nowhere_now_counts_as_none(app: MetaApp, member: Client) -> None:
    works, waits = button(app), button(app, intent="CHECKBOX_PLUGIN_MARKETING")
    row = lost(app, verticals=["ECOMMERCE"])
    useless = LaunchLinkFactory.create(business=row.business, entry_point=waits)
    address = reverse("golive-cockpit-businesses", args=[app.pk, "reconnect"])
    assert [link for *_, link, _way in member.get(address).context["shown"]] == [None], "its button needs a domain"
    asked = post(member, app, all="yes").context
    assert (asked["chosen"], asked["count"], asked["before"]) == ([row.pk], 1, [])
    (given,) = post(member, app, chosen=[row.pk], form=asked["form"], sure="page").context["made"]
    assert given.link.entry_point == works
    assert post(member, app, all="yes").status_code == 302, "now it has one"
    LaunchLink.objects.exclude(pk=useless.pk).delete()
    row.business.domain = "shop.example"
    row.business.save()
    assert post(member, app, all="yes").status_code == 302, "the old one works once there is a domain"


def test_the_list_says_it_before_anybody_asks_for_a_link(app: MetaApp, member: Client) -> None:
    address = reverse("golive-cockpit-businesses", args=[app.pk, "reconnect"])
    row = lost(app, verticals=["ECOMMERCE"])
    page = member.get(address).content.decode()
    assert "No button of this app is for a vertical of the business." in page
    assert add_address(app, vertical="ECOMMERCE").replace("&", "&amp;") in page and ">New launch link<" not in page
    entry_point = button(app)
    page = member.get(address).content.decode()
    add = reverse("admin:onboarding_launchlink_add")
    assert f"{add}?business={row.business_id}&amp;entry_point={entry_point.pk}" in page
    form = member.get(f"{add}?business={row.business_id}&entry_point={entry_point.pk}").context["adminform"].form
    assert form["entry_point"].value() == str(entry_point.pk)


def test_the_page_opened_by_its_address_leads_back_to_the_list(app: MetaApp, member: Client) -> None:
    button(app)
    row = lost(app)
    address = reverse("golive-cockpit-links", args=[app.pk])
    asked = post(member, app, chosen=[row.pk]).content.decode()
    assert f'name="next" value="{address}"' in asked
    after = member.post(reverse("set_language"), {"language": "en", "next": address}, follow=True)
    assert after.redirect_chain[-1][0] == reverse("golive-cockpit-businesses", args=[app.pk, "reconnect"])
    assert "Nothing was done now" in after.content.decode()
    shown = made(member, row).content.decode()
    assert "/connect/" in shown and reverse("set_language") not in shown, "in another language they would be gone"

"""Every choice among many rows: found by name in a browser without JavaScript, searched for in one that has it.

With SCREENSHOTS naming a directory, each form leaves pictures there, of a desk and of a phone.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from catalogs.models import Feed
from onboarding.models import ArmOverride, LaunchLink
from partners.models import Business, Membership, Role
from partners.open_choice import MOST_LISTED
from tests.admin_rows import Tenant, signed_in, superuser, tenant_with_everything
from tests.factories import BusinessFactory, EntryPointFactory
from tests.partners.choices import CHOICES, CROWDS, SOUGHT, Choice, fill_feed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DESK, PHONE = 1280, 390
# What is wider than its place: the page, or the rows within it, which one would have to scroll.
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll(".tabular, .tabular fieldset")]
  .filter((place) => place.scrollWidth > place.clientWidth)
  .map((place) => [place.className, place.scrollWidth, place.clientWidth])"""
every_choice = pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: f"{choice.form} {choice.name}")


@pytest.fixture
def tenant(settings: Settings, live_server: LiveServer) -> Tenant:
    """A partner among whose rows one chooses."""
    settings.PUBLIC_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    return tenant_with_everything()


@pytest.fixture
def browse(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Opens a page in which somebody is signed in, without scripts unless they are asked for."""
    contexts = []

    def browse(user: User, *, scripts: bool = False) -> Page:
        context = chromium.new_context(locale="en-US", java_script_enabled=scripts, base_url=live_server.url)
        session = signed_in(user).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        contexts.append(context)
        return context.new_page()

    yield browse
    for context in contexts:
        context.close()


def look(page: Page, name: str) -> None:
    """Nothing is wider than a phone; keep what the person sees, if somebody wants to look."""
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        if directory := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(directory) / f"CHOICE-{name}-{width}.png", full_page=True)
    assert page.evaluate(TOO_WIDE) == [], name
    page.set_viewport_size({"width": DESK, "height": 900})


def select(page: Page, choice: Choice) -> Locator:
    """The choice itself."""
    return page.locator(f"select[name='{choice.field}']")


def box(page: Page, choice: Choice) -> Locator:
    """Where one types what to find."""
    return page.locator(f"input[name='{choice.field}-sought']")


def save(page: Page) -> None:
    """Press the button."""
    page.locator("input[name=_save]").click()


@every_choice
def test_one_of_many_is_found_chosen_and_saved(browse: Callable[..., Page], tenant: Tenant, choice: Choice) -> None:
    CROWDS[choice.chosen](tenant)
    row = SOUGHT[choice.chosen](tenant)
    before = set(choice.saved._default_manager.values_list("pk", flat=True))
    page = browse(superuser())
    page.goto(choice.address(tenant))
    expect(select(page, choice)).to_be_hidden()
    look(page, f"{choice.form}-asks")
    box(page, choice).fill("LOTUS")
    page.keyboard.press("Enter")
    expect(page.locator(".errorlist")).to_have_count(1)
    expect(page.locator(".errornote")).to_have_count(int(choice.form == "auth_user"))
    expect(page.locator(".errorlist")).to_contain_text("Found. Nothing is saved yet")
    expect(select(page, choice).locator("option:checked")).to_have_text(str(row))
    look(page, f"{choice.form}-found")
    assert set(choice.saved._default_manager.values_list("pk", flat=True)) == before
    choice.fill(page)
    save(page)
    new = choice.saved._default_manager.exclude(pk__in=before).get()
    assert getattr(new, choice.name) == row


@pytest.mark.parametrize("choice", [CHOICES[0], CHOICES[-2], CHOICES[-3]], ids=lambda choice: choice.form)
def test_with_scripts_the_search_is_all_that_there_is(
    browse: Callable[..., Page], tenant: Tenant, choice: Choice
) -> None:
    CROWDS[choice.chosen](tenant)
    row = SOUGHT[choice.chosen](tenant)
    page = browse(superuser(), scripts=True)
    page.goto(choice.address(tenant))
    assert box(page, choice).count() == page.locator("[name=_find]").count() == 0
    search = page.locator(f"select[name='{choice.field}'] + .select2")
    expect(search).to_be_visible()
    expect(search).to_have_text("")
    search.click()
    page.locator(".select2-search__field").fill("lotus")
    page.locator(".select2-results__option", has_text=str(row)).click()
    expect(search).to_contain_text(str(row))
    choice.fill(page)
    save(page)
    expect(page.locator(".errorlist")).to_have_count(0)
    assert choice.saved._default_manager.filter(**{choice.name: row}).exists()


def empty_choices(page: Page) -> list[str]:
    """The choices of a page that offer nothing, and nothing to find it by."""
    found = []
    for each in page.locator("tr:not(.empty-form) select, div select").all():
        name = each.get_attribute("name")
        options = each.locator("option:not([value=''])").count()
        if (
            name
            and "__prefix__" not in name
            and not options
            and not page.locator(f"[name='{name}-sought']").is_visible()
        ):
            found.append(f"{page.url} {name}")
    return found


@pytest.mark.parametrize("who", ["manager", "platform staff"])
def test_no_form_of_the_admin_has_an_empty_choice(browse: Callable[..., Page], tenant: Tenant, who: str) -> None:
    for crowd in CROWDS.values():
        crowd(tenant)
    Membership.objects.filter(user=tenant.member).update(role=Role.MANAGER)
    page = browse(tenant.member if who == "manager" else superuser())
    seen, empty = set(), []
    for model in admin.site._registry:
        kind = f"{model._meta.app_label}_{model._meta.model_name}"
        pages = [reverse(f"admin:{kind}_add")]
        row = tenant.member if model is User else tenant.rows.get(kind)
        pages += [reverse(f"admin:{kind}_change", args=[row.pk]) + "?one_more=1"] if row else []
        for address in pages:
            answer = page.goto(address)
            if answer is not None and answer.status == 200:
                seen |= {kind} if page.locator("input[name=_save]").count() else set()
                empty += empty_choices(page)
    assert empty == []
    assert {"onboarding_launchlink", "catalogs_feed", "catalogs_intake", "letter_tester", "partners_business"} <= seen


def test_of_several_one_is_chosen_and_what_was_typed_elsewhere_stays(
    browse: Callable[..., Page], tenant: Tenant
) -> None:
    crowd = BusinessFactory.create_batch(MOST_LISTED, partner=tenant.partner)
    for number in (1, 2, 3):
        BusinessFactory.create(partner=tenant.partner, name=f"Lotus {number}", external_business_id=f"lotus-{number}")
    page = browse(tenant.member)
    page.goto(reverse("admin:catalogs_feed_add"))
    fill_feed(page)
    page.get_by_label("Find: business").fill("lotus")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator(".errorlist")).to_have_text("3 are found. Nothing is saved yet: choose one, then save.")
    expect(page.get_by_label("Address:")).to_have_value("https://orchid.example/feed.csv")
    chosen = page.get_by_label("Business:")
    assert chosen.locator("option").all_inner_texts()[1:] == [f"Lotus {n} (lotus-{n})" for n in (1, 2, 3)]
    look(page, "several")
    chosen.select_option("Lotus 2 (lotus-2)")
    page.get_by_label("Find: business").fill(crowd[7].external_business_id)
    save(page)
    assert Feed.objects.get(url="https://orchid.example/feed.csv").business == crowd[7]


def test_who_types_the_whole_id_saves_at_once(browse: Callable[..., Page], tenant: Tenant) -> None:
    BusinessFactory.create_batch(MOST_LISTED, partner=tenant.partner)
    for number in range(120):
        BusinessFactory.create(partner=tenant.partner, external_business_id=f"lotus-1{number:03}")
    row = BusinessFactory.create(partner=tenant.partner, external_business_id="lotus-1")
    page = browse(tenant.member)
    page.goto(reverse("admin:onboarding_launchlink_add"))
    page.get_by_label("Find: business").fill("lotus-")
    save(page)
    expect(page.locator(".errorlist")).to_contain_text("More than 50 are found.")
    page.get_by_label("Find: business").fill("Lotus-1")
    save(page)
    expect(page.locator("#launch-link")).to_be_visible()
    assert LaunchLink.objects.filter(business=row).exists()


def test_a_strangers_row_is_like_one_that_is_not_there(browse: Callable[..., Page], tenant: Tenant) -> None:
    BusinessFactory.create_batch(MOST_LISTED, partner=tenant.partner)
    foreign = BusinessFactory.create(name="Zebra Shop", external_business_id="zebra-1")
    page = browse(tenant.member)
    said: dict[str, set[str]] = {"_find": set(), "_save": set()}
    for button, texts in said.items():
        for term in ("zebra-1", "nobody", "Zebra Shop"):
            page.goto(reverse("admin:onboarding_launchlink_add"))
            page.get_by_label("Find: business").fill(term)
            page.locator(f"[name={button}]").first.click()
            texts.add(page.locator("main").inner_text().replace(term, "…"))
            expect(page.get_by_label("Find: business")).to_have_value(term)
            expect(page.locator("select[name=business] option:not([value=''])")).to_have_count(0)
        assert len(texts) == 1 and "No business is found by “…”." in texts.pop()
    assert not LaunchLink.objects.filter(business=foreign).exists()


def test_the_button_saves_nothing_and_says_so(browse: Callable[..., Page], tenant: Tenant) -> None:
    BusinessFactory.create_batch(MOST_LISTED, partner=tenant.partner)
    before = LaunchLink.objects.count()
    page = browse(tenant.member)
    business = tenant.rows["partners_business"]
    assert isinstance(business, Business)
    page.goto(reverse("admin:onboarding_launchlink_add") + f"?business={business.pk}")
    expect(page.get_by_label("Business:").locator("option:checked")).to_have_text(str(business))
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator(".errorlist")).to_have_text("Nothing is saved yet. Type something to find it by.")
    expect(page.get_by_label("Business:").locator("option:checked")).to_have_text(str(business))
    assert LaunchLink.objects.count() == before
    save(page)
    assert LaunchLink.objects.filter(business=business).count() == before + 1


def test_an_arm_is_added_to_a_business_without_javascript(browse: Callable[..., Page], tenant: Tenant) -> None:
    row = EntryPointFactory.create(meta_app=tenant.rows["partners_metaapp"], slug="lotus-book")
    page = browse(tenant.member)
    page.goto(reverse("admin:partners_business_change", args=[tenant.rows["partners_business"].pk]))
    page.get_by_role("link", name="Add another").click()
    look(page, "arm")
    fields = page.locator("tr.form-row:not(.empty-form)").last
    fields.locator("select").first.select_option(str(row))
    save(page)
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert ArmOverride.objects.filter(entry_point=row).exists()

"""Entry points in the admin: exactly the specification's table, and a preview that saves nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from mbe.catalog import FEATURE_TYPES, INTENTS, VERTICALS, menu
from onboarding.models import EntryPoint
from partners.models import MetaApp
from tests.admin_rows import page, signed_in
from tests.factories import EntryPointFactory, MembershipFactory, MetaAppFactory, offering

pytestmark = pytest.mark.django_db

ADD = reverse("admin:onboarding_entrypoint_add")
NAMES = sorted({intent for _vertical, intent in INTENTS})
IMPOSSIBLE = [(vertical, intent) for vertical in VERTICALS for intent in NAMES if (vertical, intent) not in INTENTS]


@pytest.fixture
def app() -> MetaApp:
    """An app that offers everything."""
    return MetaAppFactory.create()


@pytest.fixture
def member(app: MetaApp) -> Client:
    """The browser of a member of its partner."""
    return signed_in(MembershipFactory.create(partner=app.partner).user)


def form(app: MetaApp, vertical: str, intent: str = "", **values: str) -> dict[str, Any]:
    """What the browser sends."""
    data = {"meta_app": app.pk, "slug": "button", "vertical": vertical, "intent": intent, "is_active": "on"}
    return {**data, "minimal_onboarding_percent_menu": "all", "cta_defaults": "", **values}


def errors(answer: Any) -> Any:
    """What the form says is wrong."""
    return answer.context["adminform"].form.errors


def test_every_row_of_the_specification_is_accepted(member: Client, app: MetaApp) -> None:
    for number, (vertical, intent) in enumerate(INTENTS):
        answer = member.post(ADD, form(app, vertical, intent, slug=f"button-{number}"))
        assert answer.status_code == 302, (vertical, intent)
    assert {(each.vertical, each.intent) for each in EntryPoint.objects.all()} == set(INTENTS)
    assert {each.partner for each in EntryPoint.objects.all()} == {app.partner}


def test_every_other_pair_is_refused_and_says_why(member: Client, app: MetaApp) -> None:
    for vertical, intent in IMPOSSIBLE:
        said = str(errors(member.post(ADD, form(app, vertical, intent)))["intent"])
        assert f"“{intent}” is no intent of {VERTICALS[vertical].label.en}" in said
    assert not EntryPoint.objects.exists()


@pytest.mark.parametrize("vertical", VERTICALS)
def test_every_vertical_is_accepted_without_an_intent(member: Client, app: MetaApp, vertical: str) -> None:
    assert member.post(ADD, form(app, vertical)).status_code == 302


def test_the_form_offers_exactly_the_table(member: Client) -> None:
    choices = member.get(ADD).context["adminform"].form.fields["intent"].choices
    offered = {(group, name) for group, options in choices if isinstance(options, list) for name, _ in options}
    assert offered == {(VERTICALS[vertical].label.en, intent) for vertical, intent in INTENTS}


def test_the_intent_is_marked_in_the_group_of_its_vertical_only(member: Client, app: MetaApp) -> None:
    entry_point = EntryPointFactory.create(meta_app=app, vertical="RESERVATIONS", intent="ADS")
    content = member.get(page("onboarding_entrypoint", entry_point)).content.decode()
    marked = [line for line in content.splitlines() if "selected" in line and "data-vertical" in line]
    assert len(marked) == 1
    assert 'data-vertical="RESERVATIONS"' in marked[0]


def test_an_intent_whose_feature_is_not_offered_is_refused(member: Client, app: MetaApp) -> None:
    small = offering(app.partner, "ads", "pixel")
    said = str(errors(member.post(ADD, form(small, "ADS_TARGETING", "CATALOG_ADS")))["intent"])
    assert "does not offer what CATALOG_ADS needs: Catalog (catalog)." in said
    assert member.post(ADD, form(small, "ECOMMERCE", "ADS")).status_code == 302


@pytest.mark.parametrize(
    ("defaults", "said"),
    [
        ('{"ads": {}}', "takes no settings"),
        ('{"page_cta": {"cta_button_url": "http://plain.example"}}', "no https address"),
        ('{"page_cta": {"cta_button_url": "https://{who}.example"}}', "no placeholder"),
        ("[1]", "an object"),
        ("{", "Enter a valid JSON"),
    ],
)
def test_impossible_cta_defaults_are_refused(member: Client, app: MetaApp, defaults: str, said: str) -> None:
    answer = member.post(ADD, form(app, "APPOINTMENTS", "FB_SERVICES", cta_defaults=defaults))
    assert said in str(errors(answer)["cta_defaults"])


def test_cta_defaults_and_scopes_are_kept(member: Client, app: MetaApp) -> None:
    defaults = '{"page_cta": {"cta_button_url": "https://{domain}/{external_business_id}"}}'
    values = {"cta_defaults": defaults, "scope_override": "ads_read,pages_messaging"}
    assert member.post(ADD, form(app, "APPOINTMENTS", "FB_SERVICES", **values)).status_code == 302
    entry_point = EntryPoint.objects.get()
    assert entry_point.cta_defaults["page_cta"]["cta_button_url"] == "https://{domain}/{external_business_id}"
    assert entry_point.scopes == ["ads_read", "pages_messaging"]


def test_without_an_override_the_scopes_are_computed(member: Client, app: MetaApp) -> None:
    member.post(ADD, form(app, "LEAD_ADS", "LEAD_ADS"))
    assert "leads_retrieval" in EntryPoint.objects.get().scopes


def test_a_slug_is_taken_once_for_each_partner(member: Client, app: MetaApp) -> None:
    EntryPointFactory.create(meta_app=app, slug="button")
    EntryPointFactory.create(slug="other")
    assert "already exists" in str(errors(member.post(ADD, form(app, "ECOMMERCE"))))
    assert member.post(ADD, form(app, "ECOMMERCE", slug="other")).status_code == 302


def test_the_preview_shows_the_menu_and_saves_nothing(member: Client, app: MetaApp) -> None:
    answer = member.post(ADD, {**form(app, "ECOMMERCE", "ADS"), "_preview": "1"})
    preview = answer.context["adminform"].form.preview
    assert answer.status_code == 200
    assert {item.intent for item in preview.items} == {item.intent.name for item in menu("ECOMMERCE")}
    assert preview.items[0].intent == "ADS"
    assert "nothing is saved yet" in answer.content.decode()
    assert not EntryPoint.objects.exists()


def test_a_preview_of_a_change_leaves_the_row_as_it_is(member: Client, app: MetaApp) -> None:
    entry_point = EntryPointFactory.create(meta_app=app, slug="button")
    data = {**form(app, "CREATIVE", "CREATIVE", slug="renamed"), "_preview": "1"}
    answer = member.post(page("onboarding_entrypoint", entry_point), data)
    assert INTENTS["CREATIVE", "CREATIVE"].use_case.en in answer.content.decode()
    entry_point.refresh_from_db()
    assert (entry_point.slug, entry_point.vertical) == ("button", "APPOINTMENTS")


def test_the_preview_drops_what_the_app_does_not_offer(member: Client, app: MetaApp) -> None:
    small = offering(app.partner, "ads", "pixel")
    entry_point = EntryPointFactory.create(meta_app=small, vertical="ECOMMERCE", intent="ADS")
    preview = member.get(page("onboarding_entrypoint", entry_point)).context["adminform"].form.preview
    assert {item.intent for item in preview.items} == {"ADS", "CONVERSIONS_API"}
    first = next(item for item in preview.items if item.intent == "ADS")
    assert [(each.name, each.is_optional) for each in first.features] == [("ads", False), ("pixel", False)]


def test_the_preview_speaks_the_readers_language(member: Client, app: MetaApp) -> None:
    entry_point = EntryPointFactory.create(meta_app=app, vertical="ECOMMERCE", intent="FB_SERVICES")
    answer = member.get(page("onboarding_entrypoint", entry_point), headers={"Accept-Language": "zh-Hant"})
    content = answer.content.decode()
    intent = INTENTS["ECOMMERCE", "FB_SERVICES"]
    assert intent.use_case.zh_hant in content
    assert intent.description.zh_hant in content
    assert FEATURE_TYPES["fb_shop"].label.zh_hant in content
    translation.deactivate()


@pytest.mark.parametrize("vertical", ["MESSAGING", "DATA_INTEGRATION"])
def test_an_unverified_vertical_is_marked_with_what_is_sent(
    member: Client, app: MetaApp, vertical: str, settings: Any
) -> None:
    settings.META_VERTICAL_CODES = {vertical: "SENT_INSTEAD"}
    entry_point = EntryPointFactory.create(meta_app=app, vertical=vertical, intent="")
    content = member.get(page("onboarding_entrypoint", entry_point)).content.decode()
    assert "(unverified: sent as SENT_INSTEAD)" in content
    assert "<code>SENT_INSTEAD</code>" in content

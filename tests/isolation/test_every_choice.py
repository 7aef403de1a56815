"""Actions, autocompletes, choices, filters and counts of every admin page: by everybody, and of the own rows only."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.test import Client
from django.urls import reverse

from partners.models import Partner
from tests.admin_rows import Tenant
from tests.isolation.outcomes import outcomes, wrong
from tests.isolation.people import PEOPLE, World, world
from tests.isolation.visits import Visitor

pytestmark = pytest.mark.django_db

ACTIONS = """
# kind and action                            anon.  viewer manag. owner  strang platf.
activation_activation check_now              login  200    302!   302!   302    302!
activation_activation delete_selected        login  200    302    302    302    302
audit_auditentry delete_selected             login  403    403    200    200    200
audit_auditexport delete_selected            login  403    403    200    200    200
auth_user delete_selected                    login  403    403    403    403    200
catalogs_catalog delete_selected             login  200    200    200    200    200
catalogs_feed delete_selected                login  200    200    200    200    200
catalogs_intake delete_selected              login  200    200    200    200    200
catalogs_product delete_selected             login  200    200    200    200    200
configuration_push delete_selected           login  200    200    200    200    200
configuration_pushrun delete_selected        login  200    200    200    200    200
features_change delete_selected              login  200    200    200    200    200
features_feature adopt_chosen                login  200    302!   302!   302    302!
features_feature delete_selected             login  200    302    302    302    302
features_feature push_wanted                 login  200    302!   302!   302    302!
features_feature set_configuration           login  200    200    200    302    200
features_installation delete_selected        login  200    302    302    302    302
features_installation sync_now               login  200    302!   302!   302    302!
letter_tester delete_selected                login  200    200    200    200    200
onboarding_entrypoint delete_selected        login  200    200    200    200    200
onboarding_launchlink delete_selected        login  200    302    302    302    302
onboarding_launchlink revoke_chosen          login  200    302!   302!   302    302!
onboarding_onboardingattempt delete_selected login  200    200    200    200    200
partners_business delete_selected            login  200    302    302    302    302
partners_business sync_now                   login  200    302!   302!   302    302!
partners_membership delete_selected          login  200    200    200    200    200
partners_metaapp delete_selected             login  200    200    200    200    200
partners_partner delete_selected             login  200    200    200    200    200
people_invitation delete_selected            login  403    403    200    200    200
uninstalling_uninstall delete_selected       login  200    200    200    200    200
webhooks_deliverednotice adopt_chosen        login  200    302!   302!   302    302!
webhooks_deliverednotice delete_selected     login  200    302    302    302    302
webhooks_delivery delete_selected            login  200    302    302    302    302
webhooks_delivery process_again              login  200    302!   302!   302    302!
"""
# Whatever refers to rows of a kind, and whether its rows are offered; one that has no admin is refused to all.
AUTOCOMPLETES = """
# kind referred to            anon.  viewer manag. owner  strang platf.
audit_auditexport            login  404    404    404    404    404
auth_user                    login  403    403    403    403    200
catalogs_catalog             login  200    200    200    200    200
catalogs_intake              login  200    200    200    200    200
configuration_pushrun        login  404    404    404    404    404
features_feature             login  200    200    200    200    200
features_installation        login  200    200    200    200    200
onboarding_entrypoint        login  200    200    200    200    200
onboarding_launchlink        login  200    200    200    200    200
partners_business            login  200    200    200    200    200
partners_metaapp             login  200    200    200    200    200
partners_partner             login  200    200    200    200    200
webhooks_delivery            login  200    200    200    200    200
"""
# The fields of forms, and of rows within them, that choose among rows: whose are offered.
CHOICES = """
# kind and field                    anon.  viewer manag. owner  strang platf.
auth_user id                        none   none   none   none   none   all
auth_user partner                   none   none   none   none   none   all
catalogs_feed business              none   none   own    own    own    all
catalogs_intake business            none   none   own    own    own    all
letter_tester meta_app              none   none   own    own    own    all
onboarding_entrypoint meta_app      none   none   own    own    own    all
onboarding_launchlink business      none   none   own    own    own    all
onboarding_launchlink entry_point   none   none   own    own    own    all
partners_business entry_point       none   own    own    own    own    own
partners_business id                none   own    own    own    own    own
partners_business partner           none   none   none   none   none   all
partners_metaapp partner            none   none   none   none   none   all
partners_partner id                 none   none   none   none   none   all
partners_partner user               none   none   none   none   none   all
people_invitation partner           none   none   none   none   none   all
"""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Each refusal would be a traceback in the log, which takes longer than the visit."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def place() -> World:
    """Both partners."""
    return world()


def kind(model: type[Model]) -> str:
    """The name by which the admin's addresses know a model."""
    return f"{model._meta.app_label}_{model._meta.model_name}"


def every_action() -> dict[str, tuple[str, str]]:
    """Kind and action, also those that an admin leaves out of what Django offers everywhere."""
    everywhere = [name for name, _action in admin.site.actions]
    found = {}
    for model, model_admin in admin.site._registry.items():
        for action in [*everywhere, *(model_admin.actions or ())]:
            found[f"{kind(model)} {action}"] = (kind(model), str(action))
    return found


def press(visitor: Visitor, place: World, row_kind: str, action: str, across: str = "0") -> str:
    """What comes of an action on a row of the own partner, with all questions answered."""
    data = {"action": action, "_selected_action": [place.row(row_kind).pk], "select_across": across}
    return visitor.write(f"admin/{row_kind.replace('_', '/')}/", data | {"confirmed": "yes", "post": "yes"})


def every_reference() -> list[ForeignKey[Any, Any]]:
    """Every foreign key that there is: the autocomplete's address can name any."""
    fields = (field for model in apps.get_models() for field in model._meta.concrete_fields)
    return [field for field in fields if isinstance(field, ForeignKey)]


def offered(client: Client, field: ForeignKey[Any, Any]) -> tuple[str, set[int]]:
    """The status of an autocomplete, and the rows that it offers."""
    meta = field.model._meta
    query = {"app_label": meta.app_label, "model_name": str(meta.model_name), "field_name": field.name}
    answer = client.get(reverse("admin:autocomplete"), query)
    if answer.status_code != 200:
        return ("login" if answer.status_code == 302 else str(answer.status_code)), set()
    return "200", {int(each["id"]) for each in answer.json()["results"]}


def rows_of(model: type[Model], partner: Partner) -> set[int]:
    """The ids of a partner's rows."""
    of_partner = {"pk": partner.pk} if model is Partner else {"partner": partner}
    return set(model._default_manager.filter(**of_partner).values_list("pk", flat=True))


def choices(client: Client, whose: Tenant) -> Iterator[tuple[str, str, QuerySet[Any]]]:
    """Every field of every add and change page that chooses: the page, its name in the table, the rows."""
    for model in admin.site._registry:
        pages = [reverse(f"admin:{kind(model)}_add")]
        if kind(model) in whose.rows:
            pages.append(reverse(f"admin:{kind(model)}_change", args=[whose.rows[kind(model)].pk]))
        for page in pages:
            for name, field in choices_on(client.get(page)).items():
                assert field.queryset is not None
                yield page, f"{kind(model)} {name}", field.queryset


def choices_on(answer: Any) -> "dict[str, ModelChoiceField[Any]]":
    """The fields of a page's forms that choose among rows."""
    if answer.status_code != 200 or "adminform" not in answer.context:
        return {}
    forms = [answer.context["adminform"].form]
    for each in answer.context["inline_admin_formsets"]:
        forms += [*each.formset.forms, each.formset.empty_form]
    return {name: field for form in forms for name, field in form.fields.items() if isinstance(field, ModelChoiceField)}


@pytest.mark.parametrize("person", PEOPLE)
def test_every_action_does_what_the_table_says(place: World, person: str) -> None:
    visitor = Visitor(place, place.browser_of(person))
    found = {name: press(visitor, place, *each) for name, each in every_action().items()}
    assert wrong(outcomes(ACTIONS), person, found) == {}


def test_an_action_on_all_rows_means_the_own(place: World) -> None:
    for person, others in (("owner", "~"), ("stranger", "!")):
        visitor = Visitor(place, place.browser_of(person))
        found = {name: press(visitor, place, *each, across="1") for name, each in every_action().items()}
        assert not [name for name, came in found.items() if others in came]
        assert {name for name, came in found.items() if set(came) & set("!~")} == {
            name for name, row in outcomes(ACTIONS).items() if "!" in row["owner"]
        }


@pytest.mark.parametrize("person", PEOPLE)
def test_every_autocomplete_offers_the_own_rows_only(place: World, person: str) -> None:
    client = place.browser_of(person)
    partner = place.other.partner if person == "stranger" else place.own.partner
    expected = {name: row[person] for name, row in outcomes(AUTOCOMPLETES).items()}
    reached = set()
    for field in every_reference():
        model = field.related_model
        status, found = offered(client, field)
        reached.add(kind(model))
        assert status == expected.get(kind(model), "login" if person == "anonymous" else "403"), field
        if status == "200" and person != "platform":
            assert found and found <= rows_of(model, partner), field
    assert set(expected) <= reached


@pytest.mark.parametrize("person", PEOPLE)
def test_every_choice_of_every_form_is_of_the_own_rows(place: World, person: str) -> None:
    client = place.browser_of(person)
    whose = place.other if person == "stranger" else place.own
    found = {}
    for page, name, rows in choices(client, whose):
        chosen = set(rows.values_list("pk", flat=True))
        is_all = rows.model is User or chosen == set(rows.model._default_manager.values_list("pk", flat=True))
        assert chosen and (is_all or chosen <= rows_of(rows.model, whose.partner)), page
        found[name] = "all" if is_all else "own"
    expected = outcomes(CHOICES)
    assert wrong(expected, person, {name: "none" for name in expected} | found) == {}


@pytest.mark.parametrize("person", ["viewer", "owner", "stranger"])
def test_every_list_counts_and_filters_the_own_rows(place: World, person: str) -> None:
    client = place.browser_of(person)
    partner = place.other.partner if person == "stranger" else place.own.partner
    for model in admin.site._registry:
        answer = client.get(reverse(f"admin:{kind(model)}_changelist"))
        if answer.status_code != 200:
            continue
        shown = answer.context["cl"]
        own = rows_of(model, partner)
        assert shown.paginator.count == shown.result_count == len(own), model
        assert {row.pk for row in shown.result_list} == own, model
        assert "partner" not in {getattr(each, "parameter_name", "") for each in shown.filter_specs}, model

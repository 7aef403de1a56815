"""The one gate: every list, page, choice, action and deletion shows a member the own partner's rows only."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from features.models import Installation
from onboarding.models import EntryPoint, LaunchLink
from partners.audit.models import Action, AuditEntry
from partners.models import Business, Role
from partners.tenant_admin import TenantAdmin
from tests.admin_rows import Tenant, page, signed_in, superuser, tenant_with_everything, tool
from tests.factories import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

KINDS = sorted(
    f"{model._meta.app_label}_{model._meta.model_name}"
    for model, model_admin in admin.site._registry.items()
    if isinstance(model_admin, TenantAdmin)
)
WITH_AUTOCOMPLETE = [
    ("onboarding", "entrypoint", "meta_app", "partners_metaapp"),
    ("onboarding", "launchlink", "business", "partners_business"),
    ("onboarding", "launchlink", "entry_point", "onboarding_entrypoint"),
    ("partners", "business", "partner", "partners_partner"),
]


@pytest.fixture
def owner() -> Tenant:
    """The partner whose rows are looked at."""
    return tenant_with_everything()


@pytest.fixture
def stranger() -> Tenant:
    """Another partner."""
    return tenant_with_everything()


def listed(client: Client, kind: str, query: str = "") -> list[int]:
    """The ids on the first page of a list."""
    answer = client.get(reverse(f"admin:{kind}_changelist") + query)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def test_every_kind_of_row_has_its_test(owner: Tenant) -> None:
    with_pages = {name for name in owner.rows if apps.get_model(name.replace("_", ".")) in admin.site._registry}
    assert sorted(with_pages) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_shows_the_own_rows_only(owner: Tenant, stranger: Tenant, kind: str) -> None:
    assert owner.rows[kind].pk in listed(owner.client(), kind)
    assert stranger.rows[kind].pk not in listed(owner.client(), kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "partners_partner"])
def test_a_partner_in_the_address_opens_nothing(owner: Tenant, stranger: Tenant, kind: str) -> None:
    assert stranger.rows[kind].pk not in listed(owner.client(), kind, f"?partner={stranger.partner.pk}")


@pytest.mark.parametrize("kind", KINDS)
def test_a_colleague_sees_the_same(owner: Tenant, kind: str) -> None:
    colleague = MembershipFactory.create(partner=owner.partner).user
    assert owner.rows[kind].pk in listed(signed_in(colleague), kind)


@pytest.mark.parametrize("view", ["change", "history", "delete"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_strangers_page_is_a_404(owner: Tenant, stranger: Tenant, kind: str, view: str) -> None:
    answer = stranger.client().get(page(kind, owner.rows[kind], view))
    assert answer.status_code in ((404, 403) if view == "delete" else (404,))


@pytest.mark.parametrize("kind", KINDS)
def test_the_own_page_and_history_open(owner: Tenant, kind: str) -> None:
    for view in ("change", "history"):
        assert owner.client().get(page(kind, owner.rows[kind], view)).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_platform_staff_see_every_partners_rows(owner: Tenant, stranger: Tenant, kind: str) -> None:
    client = signed_in(superuser())
    assert {owner.rows[kind].pk, stranger.rows[kind].pk} <= set(listed(client, kind))
    assert client.get(page(kind, owner.rows[kind])).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_staff_without_a_partner_see_nothing(owner: Tenant, kind: str) -> None:
    client = signed_in(UserFactory.create())
    assert client.get(reverse(f"admin:{kind}_changelist")).status_code == 302
    assert client.get(page(kind, owner.rows[kind])).status_code == 302


def test_who_is_no_staff_is_asked_to_sign_in(owner: Tenant) -> None:
    user = UserFactory.create(is_staff=False)
    MembershipFactory.create(partner=owner.partner, user=user)
    assert signed_in(user).get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize(("app", "model", "field", "kind"), WITH_AUTOCOMPLETE)
def test_choices_offer_the_own_rows_only(
    owner: Tenant, stranger: Tenant, app: str, model: str, field: str, kind: str
) -> None:
    query = {"app_label": app, "model_name": model, "field_name": field}
    answer = owner.client().get(reverse("admin:autocomplete"), query)
    offered = {each["id"] for each in answer.json()["results"]}
    assert str(owner.rows[kind].pk) in offered
    assert str(stranger.rows[kind].pk) not in offered


def test_a_search_with_a_nul_among_choices_is_harmless(owner: Tenant) -> None:
    query = {"app_label": "onboarding", "model_name": "launchlink", "field_name": "business", "term": "\0"}
    assert owner.client().get(reverse("admin:autocomplete"), query).status_code == 200


@pytest.mark.parametrize("query", ["?state__exact=%00", "?q=%00", "?partner=%00", "?p=9999", "?installation=x", "?o=x"])
@pytest.mark.parametrize("kind", ["features_installation", "features_feature"])
def test_nonsense_in_a_lists_address_is_harmless(owner: Tenant, kind: str, query: str) -> None:
    assert owner.client().get(reverse(f"admin:{kind}_changelist") + query).status_code in (200, 302, 404)


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("features_feature", "installed_at__year=99999999999"),
        ("features_feature", "feature_type__icontains=e"),
        ("onboarding_launchlink", "token_hash__regex=("),
        ("onboarding_launchlink", "token_hash__startswith=0"),
        ("partners_metaapp", "sealed_secret=1"),
    ],
)
def test_a_list_is_filtered_by_what_it_offers_alone(owner: Tenant, kind: str, query: str) -> None:
    assert owner.client().get(reverse(f"admin:{kind}_changelist") + f"?{query}").status_code == 400


@pytest.mark.parametrize("value", ["abc", "%00", "99999999999999999999999", "0"])
def test_nonsense_in_a_forms_address_is_harmless(owner: Tenant, value: str) -> None:
    assert owner.client().get(reverse("admin:onboarding_launchlink_add") + f"?business={value}").status_code == 200


def test_a_strangers_row_in_a_forms_address_is_not_named(owner: Tenant, stranger: Tenant) -> None:
    theirs = stranger.rows["partners_business"]
    answer = owner.client().get(reverse("admin:onboarding_launchlink_add") + f"?business={theirs.pk}")
    assert str(theirs) not in answer.content.decode()


@pytest.mark.parametrize("value", ["abc", "0", "99999999999999999999999"])
def test_a_page_of_no_row_is_a_404(owner: Tenant, value: str) -> None:
    for kind in KINDS:
        assert owner.client().get(reverse(f"admin:{kind}_change", args=[value])).status_code == 404


def test_a_strangers_row_cannot_be_chosen(owner: Tenant, stranger: Tenant) -> None:
    made = LaunchLink.objects.count()
    data = {"business": stranger.rows["partners_business"].pk}
    answer = owner.client().post(reverse("admin:onboarding_launchlink_add"), data)
    assert answer.context["adminform"].form.errors["business"]
    assert LaunchLink.objects.count() == made


def test_platform_staff_cannot_mix_partners(owner: Tenant, stranger: Tenant) -> None:
    data = {
        "business": owner.rows["partners_business"].pk,
        "entry_point": stranger.rows["onboarding_entrypoint"].pk,
    }
    answer = signed_in(superuser()).post(reverse("admin:onboarding_launchlink_add"), data)
    assert "another partner" in str(answer.context["adminform"].form.errors["entry_point"])


def test_an_action_leaves_a_strangers_rows_alone(owner: Tenant, stranger: Tenant) -> None:
    theirs = owner.rows["features_installation"]
    data = {"action": "sync_now", "_selected_action": [theirs.pk]}
    stranger.client().post(reverse("admin:features_installation_changelist"), data)
    assert Installation.objects.get(pk=theirs.pk).requested_generation == 0


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("features_installation", "press_sync"),
        ("partners_business", "press_sync"),
        ("partners_business", "new_launch_link"),
        ("onboarding_launchlink", "revoke"),
        ("webhooks_delivery", "press_process_again"),
        ("webhooks_deliverednotice", "press_adopt"),
    ],
)
def test_a_strangers_button_is_a_404(owner: Tenant, stranger: Tenant, kind: str, method: str) -> None:
    assert stranger.client().post(tool(kind, owner.rows[kind], method)).status_code == 404


def test_a_button_opened_by_its_address_does_nothing_and_leads_back_to_the_object(owner: Tenant) -> None:
    row = owner.rows["features_installation"]
    answer = owner.client().get(tool("features_installation", row, "press_sync"), follow=True)
    assert answer.redirect_chain == [(reverse("admin:features_installation_change", args=[row.pk]), 302)]
    assert "Nothing was done now" in answer.content.decode()
    assert not AuditEntry.objects.filter(action=Action.SYNC_ASKED).exists()


def test_a_method_that_is_no_button_cannot_be_pressed(owner: Tenant) -> None:
    address = tool("features_installation", owner.rows["features_installation"], "sync_now")
    assert owner.client().post(address).status_code == 404


def test_a_button_is_refused_to_forged_requests(owner: Tenant) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner.member)
    address = tool("features_installation", owner.rows["features_installation"], "press_sync")
    assert client.post(address).status_code == 403


def test_what_hangs_on_a_row_holds_it_back_and_is_named(owner: Tenant) -> None:
    business = owner.rows["partners_business"]
    address = page("partners_business", business, "delete")
    assert "installations" in owner.client().get(address).content.decode()
    answer = owner.client().post(address, {"post": "yes"})
    assert answer.status_code == 200
    assert Business.objects.filter(pk=business.pk).exists()


def test_a_row_on_which_nothing_hangs_is_deleted(owner: Tenant) -> None:
    entry_point = EntryPoint.objects.create(
        partner=owner.partner, meta_app_id=owner.rows["partners_metaapp"].pk, slug="spare", vertical="ECOMMERCE"
    )
    answer = owner.client().post(page("onboarding_entrypoint", entry_point, "delete"), {"post": "yes"})
    assert answer.status_code == 302
    assert not EntryPoint.objects.filter(pk=entry_point.pk).exists()


def test_a_partner_is_added_and_deleted_by_platform_staff_only(owner: Tenant) -> None:
    assert owner.client().get(reverse("admin:partners_partner_add")).status_code == 403
    assert owner.client().get(page("partners_partner", owner.partner, "delete")).status_code == 403
    assert signed_in(superuser()).get(reverse("admin:partners_partner_add")).status_code == 200


def test_people_are_for_platform_staff_only(owner: Tenant) -> None:
    addresses = [reverse("admin:auth_user_changelist"), reverse("admin:auth_user_change", args=[owner.member.pk])]
    for address in addresses:
        assert owner.client().get(address).status_code == 403
        assert signed_in(superuser()).get(address).status_code == 200


def test_a_member_cannot_take_others_in(owner: Tenant) -> None:
    other = UserFactory.create()
    data = {
        "name": "Renamed",
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-user": other.pk,
        "memberships-0-partner": owner.partner.pk,
    }
    assert owner.client().post(page("partners_partner", owner.partner), data).status_code == 302
    owner.partner.refresh_from_db()
    assert owner.partner.name == "Renamed"
    assert not other.memberships.exists()


def test_the_first_page_counts_the_own_rows_only(owner: Tenant, stranger: Tenant) -> None:
    dashboard = owner.client().get(reverse("admin:index")).context["dashboard"]
    assert [number.count for number in dashboard.numbers] == ["0", "1", "0", "0"]
    assert [attention.count for attention in dashboard.attentions] == ["1", "1"]


def test_a_page_that_is_not_there_leads_staff_back() -> None:
    page = signed_in(MembershipFactory.create().user).get("/admin/partners/business/999999/change/")
    text = page.content.decode()
    assert page.status_code == 404
    assert f'href="{reverse("admin:index")}"' in text and "service provider" not in text


def test_a_page_that_is_not_open_leads_staff_to_another_account() -> None:
    client = signed_in(MembershipFactory.create(role=Role.VIEWER).user)
    page = client.get(reverse("admin:audit_auditentry_changelist"))
    assert page.status_code == 403
    assert "Sign in with another account" in page.content.decode()
    answer = client.post(reverse("admin:logout"), {"next": reverse("admin:login")})
    assert answer["Location"] == reverse("admin:login")


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", ""])
def test_a_login_that_leads_nowhere_of_ours_ends_in_the_admin(wanted: str) -> None:
    person = UserFactory.create(username="ada", password="correct horse battery", is_staff=True)
    MembershipFactory.create(user=person)
    form = {"username": "ada", "password": "correct horse battery", "next": wanted}
    answer = Client().post(reverse("admin:login"), form)
    assert answer["Location"] == reverse("admin:index")

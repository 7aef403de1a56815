"""Lists that stay fast: the same statements for five rows and for fifty, counts to a cap, one indexed order."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from features.finding import businesses_like
from features.models import Cause, Change, Installation
from partners.changelist import MOST_COUNTED
from partners.models import Business, Partner
from partners.tenancy import tenant
from tests.admin_rows import delivery_of, notice_of, signed_in, superuser, tenant_with_everything
from tests.factories import (
    AttemptFactory,
    BusinessFactory,
    EntryPointFactory,
    FeatureFactory,
    InstallationFactory,
    LaunchLinkFactory,
    MembershipFactory,
    PartnerFactory,
)
from tests.partners.test_admin_gate import KINDS

pytestmark = pytest.mark.django_db


def populate(partner: Partner, count: int) -> None:
    """More rows of every kind, each with relations of its own."""
    app = InstallationFactory.create(meta_app__partner=partner).meta_app
    for number in range(count):
        installation = InstallationFactory.create(meta_app=app)
        feature = FeatureFactory.create(installation=installation)
        Change.objects.create(
            partner=partner,
            installation=installation,
            feature=feature,
            kind=Change.Kind.INSTALLED,
            cause=Cause.WEBHOOK,
            generation=number,
        )
        link = LaunchLinkFactory.create(business=installation.business)
        AttemptFactory.create(
            launch_link=link, meta_app=app, entry_point=EntryPointFactory.create(meta_app=app, intent="")
        )
        notice_of(delivery_of(installation), f"walk-in-{number}")


def statements(client: Client, address: str) -> int:
    """How many statements one page takes, beside those that enter and leave transactions and tenants."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return sum("SAVEPOINT" not in each["sql"] and "set_config" not in each["sql"] for each in captured)


@pytest.mark.parametrize("as_platform", [False, True], ids=["member", "platform"])
def test_every_list_takes_as_many_statements_for_fifty_rows_as_for_five(as_platform: bool) -> None:
    tenant = tenant_with_everything()
    client = signed_in(superuser()) if as_platform else tenant.client()
    populate(tenant.partner, 5)
    addresses = [reverse(f"admin:{kind}_changelist") for kind in KINDS]
    addresses += [reverse("admin:index"), *(f"{each}?q=shop" for each in addresses)]
    few = {address: statements(client, address) for address in addresses}
    populate(tenant.partner, 45)
    assert {address: statements(client, address) for address in addresses} == few
    assert max(few.values()) <= 16


@pytest.mark.parametrize(
    "kind", ["onboarding_launchlink", "onboarding_entrypoint", "partners_business", "features_installation"]
)
def test_a_page_takes_as_many_statements_whatever_there_is_to_choose_from(kind: str) -> None:
    tenant = tenant_with_everything()
    addresses = [reverse(f"admin:{kind}_change", args=[tenant.rows[kind].pk])]
    addresses += [reverse(f"admin:{kind}_add")] if kind != "features_installation" else []
    few = [statements(tenant.client(), address) for address in addresses]
    populate(tenant.partner, 30)
    assert [statements(tenant.client(), address) for address in addresses] == few


def test_a_count_is_exact_to_the_cap_and_says_more_beyond() -> None:
    member = MembershipFactory.create()
    client = signed_in(member.user)
    rows = [Business(partner=member.partner, external_business_id=f"b-{n}", name="B") for n in range(MOST_COUNTED + 1)]
    Business.objects.bulk_create(rows[:-1])
    address = reverse("admin:partners_business_changelist")
    assert "10,000 businesses" in client.get(address).content.decode()
    rows[-1].save()
    assert "10,000+ businesses" in client.get(address).content.decode()


def test_no_list_counts_a_whole_table() -> None:
    tenant = tenant_with_everything()
    with CaptureQueriesContext(connection) as captured:
        for kind in KINDS:
            tenant.client().get(reverse(f"admin:{kind}_changelist"))
    counts = [each["sql"] for each in captured if "COUNT(" in each["sql"] and "GROUP BY" not in each["sql"]]
    assert counts
    assert all("LIMIT" in sql for sql in counts)


def test_an_order_in_the_address_is_ignored() -> None:
    tenant = tenant_with_everything()
    with CaptureQueriesContext(connection) as captured:
        tenant.client().get(reverse("admin:partners_business_changelist") + "?o=1")
    assert not [each for each in captured if 'ORDER BY "partners_business"."name"' in each["sql"]]


def test_deliveries_are_listed_without_their_bodies() -> None:
    tenant = tenant_with_everything()
    with CaptureQueriesContext(connection) as captured:
        tenant.client().get(reverse("admin:webhooks_delivery_changelist"))
        tenant.client().get(reverse("admin:webhooks_deliverednotice_changelist"))
    assert not [each for each in captured if "sealed_body" in each["sql"] or "sealed_token" in each["sql"]]


@pytest.mark.parametrize(
    ("kind", "term", "is_found"),
    [
        ("partners_business", "blue do", True),
        ("partners_business", "BD-7", True),
        ("partners_business", "door", False),
        ("features_installation", "Blue", True),
        ("features_installation", "900", True),
        ("features_feature", "instance-x", True),
        ("features_feature", "bd-77", True),
        ("features_feature", "instance", False),
        ("features_change", "Blue Door", True),
        ("webhooks_deliverednotice", "walk-in-1", True),
        ("webhooks_deliverednotice", "walk-in", False),
    ],
)
def test_a_search_finds_by_what_people_know(kind: str, term: str, is_found: bool) -> None:
    member = MembershipFactory.create()
    business = BusinessFactory.create(partner=member.partner, name="Blue Door", external_business_id="bd-77")
    installation: Installation = InstallationFactory.create(
        meta_app__partner=member.partner, business=business, business_manager_id="900"
    )
    feature = FeatureFactory.create(installation=installation, feature_instance_id="instance-x")
    Change.objects.create(
        partner=member.partner,
        installation=installation,
        feature=feature,
        kind="installed",
        cause="staff",
        generation=1,
    )
    notice_of(delivery_of(installation), "walk-in-1")
    answer = signed_in(member.user).get(reverse(f"admin:{kind}_changelist"), {"q": term})
    assert bool(answer.context["cl"].result_list) is is_found


def test_the_search_for_a_business_has_an_index_under_row_security() -> None:
    partner = PartnerFactory.create()
    Business.objects.bulk_create(
        Business(partner=partner, external_business_id=f"shop-{n}", name=f"Shop {n}") for n in range(5_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_business")
    with tenant(partner.pk):
        plan = Business.objects.filter(businesses_like("shop-499")).explain(costs=False)
    assert "business_name_prefix" in plan and "business_id_prefix" in plan
    assert plan.count("name_key >= ") == plan.count("external_id_key >= ") == 2, "as conditions of the index itself"


def test_a_search_has_no_wildcards() -> None:
    partner = PartnerFactory.create()
    BusinessFactory.create(partner=partner, name="100% \u5e97")
    found = {
        term: Business.objects.filter(businesses_like(term)).exists() for term in ("100%", "1_0", "%", "100% \u5e97")
    }
    assert found == {"100%": True, "1_0": False, "%": False, "100% \u5e97": True}


@pytest.mark.parametrize(("query", "sentence"), [("", "Nothing here yet."), ("?q=nobody", "Nothing is found.")])
def test_an_empty_list_says_so_and_offers_no_action(query: str, sentence: str) -> None:
    client = signed_in(MembershipFactory.create().user)
    page = client.get(reverse("admin:partners_business_changelist") + query).content.decode()
    assert sentence in page
    assert 'name="action"' not in page


@pytest.mark.parametrize("kind", ["partners_business", "partners_metaapp", "people_invitation"])
def test_a_list_names_the_partner_only_to_those_who_see_several(kind: str) -> None:
    tenant = tenant_with_everything()
    address = reverse(f"admin:{kind}_changelist")
    lists = [signed_in(user).get(address).context["cl"].list_display for user in (tenant.member, superuser())]
    assert ["partner" in each for each in lists] == [False, True]

"""The log in the admin: for owners and platform staff to read, for nobody to change; the history of an object."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners.audit.models import Action, AuditEntry, Via
from partners.audit.recording import By, record
from partners.models import Role
from partners.tenancy import tenant
from tests.admin_rows import Tenant, page, signed_in, superuser, tenant_with_everything
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:audit_auditentry_changelist")


@pytest.fixture
def owner() -> Tenant:
    """The partner whose log is read."""
    return tenant_with_everything()


def listed(client: Client, query: str = "") -> list[AuditEntry]:
    """The entries on the first page of the list."""
    answer = client.get(LIST + query)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.MANAGER])
@pytest.mark.parametrize("kind", ["audit_auditentry", "audit_auditexport"])
def test_the_log_is_for_owners(owner: Tenant, role: Role, kind: str) -> None:
    client = signed_in(MembershipFactory.create(partner=owner.partner, role=role).user)
    assert client.get(reverse(f"admin:{kind}_changelist")).status_code == 403
    assert client.get(page(kind, owner.rows[kind])).status_code in (403, 404)
    assert client.get(reverse("admin:audit_auditexport_add")).status_code == 403
    assert client.get(page("audit_auditexport", owner.rows["audit_auditexport"], "download")).status_code in (403, 404)
    assert LIST not in client.get(reverse("admin:index")).content.decode()
    assert LIST in owner.client().get(reverse("admin:index")).content.decode()


def test_nobody_adds_changes_or_deletes_an_entry(owner: Tenant) -> None:
    entry = owner.rows["audit_auditentry"]
    for client in (owner.client(), signed_in(superuser())):
        assert client.get(reverse("admin:audit_auditentry_add")).status_code == 403
        assert client.post(page("audit_auditentry", entry), {"actor_name": "nobody"}).status_code == 403
        assert client.post(page("audit_auditentry", entry, "delete"), {"post": "yes"}).status_code == 403
    assert AuditEntry.objects.get(pk=entry.pk).actor_name == "somebody"


def test_platform_staff_see_every_log_and_the_platforms_own(owner: Tenant) -> None:
    staff = superuser()
    own = record(Action.DEACTIVATED, staff, by=By(staff, staff.username, "", Via.PAGE))
    assert {own.pk, owner.rows["audit_auditentry"].pk} <= {each.pk for each in listed(signed_in(staff))}
    assert own.pk not in {each.pk for each in listed(owner.client())}
    assert "platform" in signed_in(staff).get(page("audit_auditentry", own)).content.decode()


def test_the_list_is_searched_by_person_and_by_number(owner: Tenant) -> None:
    entry = owner.rows["audit_auditentry"]
    assert isinstance(entry, AuditEntry)
    for term in ("somebody", entry.object_id):
        assert entry in listed(owner.client(), f"?q={term}")
    assert listed(owner.client(), "?q=someb") == []
    assert entry in listed(owner.client(), "?action__exact=changed")
    assert listed(owner.client(), "?action__exact=joined") == []


def test_a_page_shows_what_was_and_what_is(owner: Tenant) -> None:
    content = owner.client().get(page("audit_auditentry", owner.rows["audit_auditentry"])).content.decode()
    assert "<del>Before</del>" in content
    assert "<ins>After</ins>" in content
    assert "192.0.2.7" in content


def test_times_are_in_the_zone_of_the_reader(owner: Tenant) -> None:
    entry = owner.rows["audit_auditentry"]
    client = owner.client()
    in_utc = client.get(page("audit_auditentry", entry)).content.decode()
    client.cookies["time_zone"] = "Asia/Hong_Kong"
    assert client.get(page("audit_auditentry", entry)).content.decode() != in_utc


def test_a_history_shows_the_entries_of_its_object(owner: Tenant) -> None:
    business = owner.rows["partners_business"]
    content = owner.client().get(page("partners_business", business, "history")).content.decode()
    assert "<del>Before</del>" in content
    app = owner.client().get(page("partners_metaapp", owner.rows["partners_metaapp"], "history")).content.decode()
    assert "<del>Before</del>" not in app


def test_a_history_shows_the_own_partners_entries_only(owner: Tenant) -> None:
    other = MembershipFactory.create().partner
    business = owner.rows["partners_business"]
    record(Action.CHANGED, business, by=By(None, "elsewhere", "", Via.TASK), partner_id=other.pk)
    content = owner.client().get(page("partners_business", business, "history")).content.decode()
    assert "elsewhere" not in content


INDEXES = [
    ("", "audit_entry_newest"),
    ("action = 'changed'", "audit_entry_by_action"),
    ("actor_name = 'somebody'", "audit_entry_by_actor"),
    ("object_id = '7' AND object_type = 'partners.business'", "audit_entry_of_object"),
    ("occurred_at >= now() - interval '1 day' AND occurred_at < now()", "audit_entry_by_time"),
]


def with_many_entries(owner: Tenant) -> None:
    """So many entries of other people and acts, long ago, most of other partners, that the planner has a choice."""
    like = {"action": Action.ADDED, "via": Via.ADMIN}
    days = [timezone.now() - timedelta(days=2 + number) for number in range(2_000)]
    AuditEntry.objects.bulk_create(
        AuditEntry(
            **like,
            partner_id=owner.partner.pk + number % 100,
            occurred_at=day,
            actor_name=f"person-{number}",
            object_id=f"o{number}",
        )
        for number, day in enumerate(days)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_auditentry")


@pytest.mark.parametrize(("condition", "index"), INDEXES)
def test_each_question_to_the_log_has_an_index_under_row_security(owner: Tenant, condition: str, index: str) -> None:
    with_many_entries(owner)
    where = f"WHERE {condition}" if condition else ""
    order = "occurred_at, id" if "occurred_at" in condition else "id DESC"
    with tenant(owner.partner.pk), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN SELECT id FROM audit_auditentry {where} ORDER BY {order} LIMIT 50")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan
    assert not condition or "Index Cond" in plan


def test_the_list_does_not_load_people_or_partners_one_by_one(owner: Tenant) -> None:
    by = By(owner.member, owner.member.username, "", Via.ADMIN)
    client = owner.client()
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _ in range(20):
        record(Action.CHANGED, owner.rows["partners_business"], by=by)
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)
    assert len(many) == len(few)


def test_of_a_list_that_changed_a_history_shows_what_went_and_what_came(owner: Tenant) -> None:
    business = owner.rows["partners_business"]
    by = By(None, "somebody", "", Via.TASK)
    record(Action.CHANGED, business, by=by, changes={"verticals": [["AUTO", "ECOMMERCE"], ["ECOMMERCE", "LOCAL"]]})
    record(Action.CHANGED, business, by=by, changes={"domain": ["https://shop.example", ""]})
    content = owner.client().get(page("partners_business", business, "history")).content.decode()
    arrow = '<span aria-hidden="true">→</span><span class="visually-hidden">became</span>'
    assert f"<del>AUTO</del> {arrow} <ins>LOCAL</ins>" in content
    assert "ECOMMERCE" not in content
    assert f'<del>https://shop.example</del> {arrow} <span class="quiet">now empty</span>' in content

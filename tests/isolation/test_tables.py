"""Plain SQL as the role that the portal runs as: no tenant, the own tenant, another tenant, on every table there is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ForeignKey, Model
from psycopg import sql
from psycopg.types.json import Jsonb

from partners.models import Partner
from partners.tenancy import TENANT
from tests.admin_rows import Tenant
from tests.isolation.tables import APPEND_ONLY, Table, columns_kept_by_the_database, tables, tenants
from tests.owner import connect_as_owner

pytestmark = pytest.mark.django_db

FREE_ID = 1_000_000_000


@pytest.fixture
def both() -> tuple[Tenant, Tenant]:
    """Two partners with a row in every table."""
    return tenants()


@contextmanager
def as_app(partner_id: int | None) -> Iterator[None]:
    """Plain SQL as the app's role, for this partner or for none; nothing of it is kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role')")
        (before,) = cursor.fetchone()
        with transaction.atomic():
            cursor.execute(
                f"SELECT set_config('role', 'none', true), set_config('{TENANT}', %s, true)", [str(partner_id or "")]
            )
            yield
            transaction.set_rollback(True)
        cursor.execute("SELECT set_config('role', %s, true)", [before])


def run(statement: sql.Composed, values: Any = ()) -> int:
    """How many rows a statement met; a refusal undoes nothing else."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def met(table: Table, row_id: int) -> dict[str, int | str]:
    """How many rows of this id a statement of each kind meets, or the name of the refusal."""
    name = table.identifier
    statements = {
        "select": sql.SQL("SELECT 1 FROM {} WHERE id = %s").format(name),
        "update": sql.SQL("UPDATE {} SET id = id WHERE id = %s").format(name),
        "delete": sql.SQL("DELETE FROM {} WHERE id = %s").format(name),
    }
    return {kind: _outcome(statement, [row_id]) for kind, statement in statements.items()}


def _outcome(statement: sql.Composed, values: Any) -> int | str:
    try:
        return run(statement, values)
    except IntegrityError as error:
        assert isinstance(error.__cause__, psycopg.errors.ForeignKeyViolation)
        return "held by other rows"
    except DatabaseError as error:
        return "row security" if "row-level security" in str(error) else "no privilege"


def insertion(table: Table, row: dict[str, Any], **changes: Any) -> int | str:
    """What becomes of a copy of this row under another id."""
    values = {**row, "id": FREE_ID, **changes}
    for name in columns_kept_by_the_database(table):
        del values[name]
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    # Where the row stands, its own values stand, too: only the refusal by the policy comes before a unique key's.
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} ON CONFLICT DO NOTHING").format(
        table.identifier, names, sql.SQL(", ").join([sql.Placeholder()] * len(values))
    )
    return _outcome(statement, [_adapted(value) for value in values.values()])


def _adapted(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


def unsecured() -> list[str]:
    """The tables of partners without row security, or whose owner it does not bind, or without a policy."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
            " AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid)"
        )
        secured = {name for (name,) in cursor.fetchall()}
    return [each.name for each in tables() if each.name not in secured]


def test_every_table_of_partners_has_row_security_enabled_and_forced(db: None) -> None:
    assert unsecured() == []


def test_without_a_tenant_there_are_no_rows_and_no_writes(both: tuple[Tenant, Tenant]) -> None:
    for table in tables():
        row = table.row_of(both[0].partner.pk)
        with as_app(None):
            changes = "no privilege" if table.name in APPEND_ONLY else 0
            assert met(table, row["id"]) == {"select": 0, "update": changes, "delete": changes}, table
            assert insertion(table, row) == "row security", table
            assert run(sql.SQL("SELECT 1 FROM {}").format(table.identifier)) == 0, table


def test_the_own_tenant_works_with_its_rows(both: tuple[Tenant, Tenant]) -> None:
    for table in tables():
        row = table.row_of(both[0].partner.pk)
        with as_app(both[0].partner.pk):
            found = met(table, row["id"])
            if table.name in APPEND_ONLY:
                assert found == {"select": 1, "update": "no privilege", "delete": "no privilege"}, table
            else:
                assert (found["select"], found["update"]) == (1, 1), table
                assert found["delete"] in (1, "held by other rows"), table
        if table.column == "partner_id":
            with as_app(both[0].partner.pk):
                assert insertion(table, row) in (0, 1), table


def test_another_tenant_meets_none_of_them(both: tuple[Tenant, Tenant]) -> None:
    own, other = both
    for table in tables():
        row = table.row_of(own.partner.pk)
        with as_app(other.partner.pk):
            changes = "no privilege" if table.name in APPEND_ONLY else 0
            assert met(table, row["id"]) == {"select": 0, "update": changes, "delete": changes}, table
            assert insertion(table, row) == "row security", table
            whose = sql.SQL("SELECT DISTINCT {} FROM {}").format(sql.Identifier(table.column), table.identifier)
            with connection.cursor() as cursor:
                assert cursor.execute(whose).fetchall() == [(other.partner.pk,)], table


def test_no_row_moves_to_another_tenant(both: tuple[Tenant, Tenant]) -> None:
    own, other = both
    for table in tables():
        column = sql.Identifier(table.column)
        move = sql.SQL("UPDATE {} SET {} = %s WHERE id = %s").format(table.identifier, column)
        refusal = "no privilege" if table.name in APPEND_ONLY else "row security"
        row_id = table.row_of(own.partner.pk)["id"]
        to = other.partner.pk if table.column == "partner_id" else FREE_ID
        with as_app(own.partner.pk):
            assert _outcome(move, [to, row_id]) == refusal, table
        with as_app(other.partner.pk):
            assert _outcome(move, [to, row_id]) in (0, "no privilege"), table


def test_a_new_table_without_a_policy_is_found(db: None) -> None:
    with connect_as_owner() as owner:
        owner.execute("CREATE TABLE brand_new (id bigint, partner_id bigint)")
        try:
            assert unsecured() == ["brand_new"]
        finally:
            owner.execute("DROP TABLE brand_new")


REFERENCES = [
    (model, field)
    for model in apps.get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, ForeignKey)
    and any(each.name == "partner" for each in model._meta.concrete_fields)
    and any(each.name == "partner" for each in field.related_model._meta.concrete_fields)
]


@pytest.mark.parametrize(
    ("model", "field"), REFERENCES, ids=[f"{model.__name__}.{field.name}" for model, field in REFERENCES]
)
def test_no_row_refers_to_another_tenants(both: tuple[Tenant, Tenant], model: type[Model], field: Any) -> None:
    own, other = both
    row = model._default_manager.filter(partner_id=own.partner.pk).first()
    foreign = field.related_model._default_manager.filter(partner_id=other.partner.pk).first()
    assert row is not None and foreign is not None
    # Even the platform's role, which row security lets do everything.
    with pytest.raises(IntegrityError, match="same_partner"), transaction.atomic():
        if field.unique:
            # The other's own row is not in the way.
            model._default_manager.filter(**{field.attname: foreign.pk}).delete()
        model._default_manager.filter(pk=row.pk).update(**{field.attname: foreign.pk})
        # As the end of the transaction does.
        connection.check_constraints()


def test_partners_themselves_are_rows_of_their_own(both: tuple[Tenant, Tenant]) -> None:
    with as_app(both[0].partner.pk):
        assert list(Partner.objects.values_list("pk", flat=True)) == [both[0].partner.pk]

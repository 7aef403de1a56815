"""Two imports at once, of two apps with the same businesses."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from golive.migration.models import Import
from golive.migration.taking import take
from partners.models import Business
from sandbox.server import RunningSandbox
from tests.factories import BusinessFactory, MetaAppFactory
from tests.golive.migration.files import HEAD, arrived, line
from tests.meta import Meta
from tests.waiting import wait_for_waiters

pytestmark = pytest.mark.django_db(transaction=True)
NUMBERS = range(40)


def _take(run: Import) -> None:
    try:
        take(run.partner_id, run.pk)
    finally:
        connection.close()


def test_files_in_opposite_orders_do_not_wait_for_each_other_for_ever(meta: Meta, sandbox: RunningSandbox) -> None:
    other = Meta(sandbox, MetaAppFactory.create(partner=meta.app.partner))
    metas = {meta: NUMBERS, other: reversed(NUMBERS)}
    runs = [
        arrived(
            each, HEAD + "".join(line(f"shop-{number:02}", each.connect(f"shop-{number:02}")) for number in numbers)
        )
        for each, numbers in metas.items()
    ]
    with ThreadPoolExecutor(2) as workers:
        with transaction.atomic():
            BusinessFactory.create(partner=meta.app.partner, external_business_id="shop-20")
            takings = [workers.submit(_take, run) for run in runs]
            wait_for_waiters(2)
            transaction.set_rollback(True)
        for each in takings:
            each.result()
    assert list(Import.objects.values_list("state", "imported")) == [("done", len(NUMBERS))] * 2
    assert Business.objects.count() == len(NUMBERS)

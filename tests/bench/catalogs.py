"""Products of one business into two catalogs: the whole set first, then a few changes.

A process of its own does what the worker does, a new one for each size, and tells the highest memory that it ever had.
The requests are those that the sandbox's catalogs received; polls are not among them. Products are rows of about 700
bytes, made by PostgreSQL. Unit: items a second, of both catalogs together, from the asking to the last confirmation.
"""

from dataclasses import dataclass

from django.db import connection

from catalogs.asking import ask
from catalogs.models import Catalog
from features.models import Installation
from partners.tenancy import tenant
from tests.bench import meta
from tests.bench.catalogs_pushed import Pushed, push_all
from tests.bench.databases import MAIN, by_owner, disconnect
from tests.bench.parts import process_aside
from tests.bench.population import Population, connect
from tests.bench.report import Row

FEATURES = ("catalog", "fb_shop")
CHANGED = 100
MOST_GROWTH = 1.2

MAKE = """
INSERT INTO catalogs_product (partner_id, business_id, item_id, item, digest, changed_at)
SELECT %s, %s, 'sku-' || lpad(n::text, 7, '0'), jsonb_build_object(
  'title', 'Lamp ' || n, 'description', repeat('It shines by day and by night. ', 14), 'availability', 'in stock',
  'condition', 'new', 'price', n || '.00 USD', 'link', 'https://shop.example/lamps/' || n,
  'image_link', 'https://shop.example/lamps/' || n || '.jpg', 'brand', 'Lamps'), md5(n::text), now()
FROM generate_series(1, %s) AS n
"""
CHANGE = """
UPDATE catalogs_product SET item = item || '{"price": "0.50 USD"}', digest = md5('changed' || digest)
WHERE business_id = %s AND right(item_id, 7)::int %% %s = 0
"""


@dataclass(frozen=True)
class Shop:
    """A business with two catalogs, and so many products."""

    installation: Installation

    def make(self, products: int) -> None:
        """Have so many products, as an intake would have written them."""
        self._execute(MAKE, self.installation.partner_id, self.installation.business_id, products)

    def change(self, every: int) -> None:
        """Change the price of every so many-th."""
        self._execute(CHANGE, self.installation.business_id, every)

    def push(self) -> Pushed:
        """Have all brought in step, by a process that has done nothing before."""
        with tenant(self.installation.partner_id):
            ask(self.installation.business_id)
        by_owner("ANALYZE")  # as autovacuum would have done by now
        disconnect()
        with process_aside(MAIN) as aside:
            return aside.submit(push_all).result()

    def batches(self) -> list[int]:
        """How many calls with items each catalog has received."""
        ids = Catalog.objects.filter(installation=self.installation).order_by("pk").values_list("catalog_id", flat=True)
        return [int(meta.call("get", f"catalogs/{each}")["batches_received"]) for each in ids]

    def _execute(self, statement: str, *values: int) -> None:
        with tenant(self.installation.partner_id), connection.cursor() as cursor:
            cursor.execute(statement, values)


def measure(population: Population, few: int, many: int) -> list[Row]:
    """Push so few products and so many, and then a hundred changes of the many."""
    small, large = (Shop(connect(population, name, *FEATURES)) for name in ("few-products", "many-products"))
    # The catalogs of all businesses are found, and those without products are in step.
    small.push()
    small.make(few)
    small_push = small.push()
    large.make(many)
    large_push, first = large.push(), large.batches()
    large.change(many // CHANGED)
    again, last = large.push(), large.batches()
    calls = [after - before for before, after in zip(first, last, strict=True)]
    growth = large_push.peak_memory / small_push.peak_memory
    whole = f"{2 * many / large_push.seconds:,.0f} items a second; calls {' and '.join(map(str, first))}"
    memory = (
        f"{growth:.2f} ({large_push.peak_memory:.0f} MB against {small_push.peak_memory:.0f} MB, "
        f"{large_push.memory_before:.0f} MB before the first product)"
    )
    changes = f"{' and '.join(map(str, calls))} (in {again.seconds:.1f} s; {again.peak_memory:.0f} MB)"
    is_bounded = growth <= MOST_GROWTH
    return [
        Row(f"catalogs, {many:,} products into two: whole set", whole, "shown", True),
        Row(f"catalogs, then {CHANGED} changed: items_batch calls for each", changes, "1", calls == [1, 1]),
        Row(f"catalogs, peak memory, {many:,} against {few:,} products", memory, f"≤ {MOST_GROWTH}", is_bounded),
    ]

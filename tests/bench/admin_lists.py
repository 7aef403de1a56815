"""The admin's lists at 200,000 businesses and 1,000,000 features, against 2,000 and 10,000.

Two databases, one process each, made of the same statements (`tests.bench.admin_rows`). Each changelist that a person
has is opened as it is, searched by a prefix that one business has and by one that many have, and by the first choice of
each of its filters, the partner among them: by platform staff and by a member of one partner, the two sizes in turn.
Units: SQL statements of a page; seconds until it is rendered, the median of the visits. A page that seems too slow is
visited three times as often, to tell slowness from chance. The table shows the slowest ratio.
"""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from statistics import median

from tests.bench.admin_rows import FEATURES, MEMBER, PLATFORM
from tests.bench.admin_visits import Visit, addresses, visit
from tests.bench.filled import filled
from tests.bench.parts import process_aside
from tests.bench.report import Row

MOST_TIMES = 2.0


@dataclass(frozen=True)
class Page:
    """One address as one person sees it, in both sizes."""

    username: str
    address: str
    small: tuple[Visit, ...]
    large: tuple[Visit, ...]

    @property
    def times(self) -> float:
        """How many times longer the large one takes."""
        return self.seconds(self.large) / self.seconds(self.small)

    @property
    def is_same(self) -> bool:
        """Whether both sizes take the same statements."""
        return len({each.statements for each in (*self.small, *self.large)}) == 1

    @staticmethod
    def seconds(visits: tuple[Visit, ...]) -> float:
        """The median of the visits."""
        return median(each.seconds for each in visits)

    def __str__(self) -> str:
        small, large = (self.seconds(each) * 1000 for each in (self.small, self.large))
        return f"`{self.address}` for {self.username}: {small:.0f} → {large:.0f} ms"


def measure(rounds: int, small: int, large: int) -> list[Row]:
    """Visit every page so many times at both sizes; the sizes are numbers of businesses."""
    with process_aside(filled(small)) as small_admin, process_aside(filled(large)) as large_admin:
        pages = [
            _compare(small_admin, large_admin, username, address, rounds)
            for username in (PLATFORM, MEMBER)
            for address in small_admin.submit(addresses, username).result()
        ]
    return _rows(pages, f"{small:,} → {large:,} businesses, {small * FEATURES:,} → {large * FEATURES:,} features")


def _compare(small: ProcessPoolExecutor, large: ProcessPoolExecutor, username: str, address: str, rounds: int) -> Page:
    page = _visit(small, large, username, address, rounds)
    return page if page.times <= MOST_TIMES else _visit(small, large, username, address, 3 * rounds)


def _visit(small: ProcessPoolExecutor, large: ProcessPoolExecutor, username: str, address: str, rounds: int) -> Page:
    visits = [[side.submit(visit, username, address).result() for side in (small, large)] for _ in range(rounds + 1)]
    # The first round fills caches.
    smalls, larges = zip(*visits[1:], strict=True)
    return Page(username, address, smalls, larges)


def _rows(pages: list[Page], sizes: str) -> list[Row]:
    slow = [page for page in pages if page.times > MOST_TIMES]
    different = [page for page in pages if not page.is_same]
    slowest = max(pages, key=lambda page: page.times)
    times = f"{median(page.times for page in pages):.2f} in the median, {slowest.times:.2f} at most ({slowest})"
    missed = f"; over {MOST_TIMES:g}: {', '.join(map(str, slow))}" if len(slow) > 1 else ""
    same = f"{len(pages) - len(different)} of {len(pages)} pages"
    unequal = f"; not {', '.join(map(str, different))}" if different else ""
    return [
        Row(f"admin lists, {sizes}: times longer", times + missed, f"≤ {MOST_TIMES:g}", not slow),
        Row("the same: pages with as many statements", same + unequal, "all", not different),
    ]

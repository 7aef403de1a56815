"""Versions of the Graph API: when each came out, and when Meta ends it."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class GraphVersion:
    """One version; `ends_on` is None where Meta has named no day.

    `marketing_ends_on` is the day on which the version's Marketing API ended at the latest, None where it is not known.
    """

    name: str
    out_on: date
    ends_on: date | None
    marketing_ends_on: date | None = None

    @property
    def marketing_expected_on(self) -> date:
        """About when its Marketing API ends: one year after the version came out, unless the day is known."""
        return self.marketing_ends_on or self.out_on + _MARKETING_LIFE


_MARKETING_LIFE = timedelta(days=365)
# Those before v24.0 ended no later.
_MARKETING_END_OF_V24 = date(2026, 10, 6)
# meta-api, section 8.5. The Marketing API's endpoints end sooner, about one year after a version came out.
VERSIONS = (
    GraphVersion("v26.0", date(2026, 7, 29), None),
    GraphVersion("v25.0", date(2026, 2, 18), date(2028, 7, 29)),
    GraphVersion("v24.0", date(2025, 10, 8), date(2028, 2, 18), _MARKETING_END_OF_V24),
    GraphVersion("v23.0", date(2025, 5, 29), date(2027, 10, 8), _MARKETING_END_OF_V24),
    GraphVersion("v22.0", date(2025, 1, 21), date(2027, 5, 20), _MARKETING_END_OF_V24),
    GraphVersion("v21.0", date(2024, 10, 2), date(2027, 1, 21), _MARKETING_END_OF_V24),
    GraphVersion("v20.0", date(2024, 5, 21), date(2026, 9, 24), _MARKETING_END_OF_V24),
)
_BY_NAME = {each.name: each for each in VERSIONS}


def version_named(name: str) -> GraphVersion | None:
    """What is known of the version (`"v25.0"`); None where it is not in the table."""
    return _BY_NAME.get(name)


def end_of(version: str) -> date | None:
    """The day on which Meta ends the version; None where no day is named, or the version is not in the table."""
    known = version_named(version)
    return known.ends_on if known else None

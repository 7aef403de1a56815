"""What the dialog offers: the feature menu of v3, or the one screen of v2."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from mbe.catalog import FEATURE_TYPES, INTENTS, VERTICALS, canonical_feature_type, menu
from sandbox.assets import needs_of
from sandbox.dialog_request import DialogRequest
from sandbox.installing import ADDED
from sandbox.model import Connection


@dataclass(frozen=True)
class Line:
    """One feature of a row. `needs_page`: it cannot be had without a Page."""

    feature_type: str
    label: str
    is_optional: bool
    is_on: bool
    needs_page: bool


@dataclass(frozen=True)
class Row:
    """One box of the menu; `key` is the intent, or the feature type in a vertical without intents."""

    key: str
    title: str
    description: str
    lines: tuple[Line, ...]
    is_on: bool
    is_checked: bool
    lacks_domain: bool

    def wanted(self, optional: Collection[str]) -> list[str]:
        """The types to install when the row is chosen with these optional ones (`INTENT:feature_type`)."""
        return [
            line.feature_type
            for line in self.lines
            if not line.is_optional or f"{self.key}:{line.feature_type}" in optional
        ]


def rows_of(asked: DialogRequest, connection: Connection | None) -> list[Row]:
    """The menu's rows. The named intent is first and chosen beforehand; what is installed is chosen too.

    The v2 interface has one row, which is always chosen: its channel's or intent's, or the first of the vertical.
    """
    rows = [_row(asked, key, connection) for key in _keys(asked)]
    if not asked.use_minimal_onboarding:
        named = [row for row in rows if row.key in (asked.intent, asked.channel)]
        return [replace(row, is_checked=True) for row in (named or rows)[:1]]
    rows.sort(key=lambda row: row.key != asked.intent)
    return [replace(row, is_checked=row.is_on or row.key == asked.intent) for row in rows]


def _keys(asked: DialogRequest) -> list[str]:
    features = asked.app.features
    offered = None if features is None else [canonical_feature_type(feature) for feature in features]
    keys = [item.intent.name for item in menu(asked.vertical, offered)]
    unverified = VERTICALS[asked.vertical].unverified_features
    return keys + [feature for feature in unverified if offered is None or feature in offered]


def _row(asked: DialogRequest, key: str, connection: Connection | None) -> Row:
    intent = INTENTS.get((asked.vertical, key))
    source = f"{asked.vertical}/{key}"
    required = intent.required if intent else (key,)
    optional = tuple(name for name in intent.optional if _is_offered(asked, name)) if intent else ()
    is_on = _is_on(connection, source, required)
    lines = [_line(name, False, True) for name in required]
    lines += [_line(name, True, not is_on or _has(connection, name, source)) for name in optional]
    title = intent.use_case.en if intent else FEATURE_TYPES[key].label.en
    description = intent.description.en if intent else FEATURE_TYPES[key].description.en
    asks_domain = intent.needs_domain if intent else FEATURE_TYPES[key].needs_domain
    lacks_domain = asks_domain and not asked.setup.get("domain")
    return Row(key, title, description, tuple(lines), is_on, False, lacks_domain)


def _is_offered(asked: DialogRequest, feature_type: str) -> bool:
    features = asked.app.features
    return features is None or feature_type in map(canonical_feature_type, features)


def _line(feature_type: str, is_optional: bool, is_on: bool) -> Line:
    label = FEATURE_TYPES[feature_type].label.en
    return Line(feature_type, label, is_optional, is_on, needs_of(feature_type).page)


def _is_on(connection: Connection | None, source: str, required: Collection[str]) -> bool:
    """Chosen here before, or there in full because it was added elsewhere."""
    if connection is None:
        return False
    if any(source in feature.sources for feature in connection.features):
        return True
    return all(_has(connection, feature_type, ADDED) for feature_type in required)


def _has(connection: Connection | None, feature_type: str, source: str) -> bool:
    features = connection.features if connection else []
    return any(feature.feature_type == feature_type and source in feature.sources for feature in features)

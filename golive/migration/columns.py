"""The columns of a file of v2 installations, and a row of it as a business with a token."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError

from catalogs.reading import Row
from features.tokens import fingerprint
from golive.migration.models import LONGEST_ID
from golive.migration.showing import SHORTEST_TOKEN, cells_of, holds_token, text_of, tokens_in, without_words
from mbe.errors import DoubtfulAnswer
from mbe.installs import parse_installs
from partners.audit.csv_lines import FORMULA_STARTS
from partners.models import Business

NEEDED = ("external_business_id", "access_token")
OPTIONAL = ("token_type", "channel", "name", "timezone", "currency", "domain", "verticals")
_OF_BUSINESS = ("name", "timezone", "currency", "domain", "verticals")
# Of the values as they are kept: in capitals some texts are longer.
_LONGEST = {"access_token": 4_000, "token_type": 32, "channel": 64, "domain": 253}
# What a v2 answer calls them; a file from a partner's database may name them in the singular.
_ASSET_NAMES = {"page_id": "pages", "page_ids": "pages"}
_ASSET_LISTS = ("pages", "profiles", "instagram_profiles")
_ASSET = re.compile(r"[a-z0-9_]{1,60}_ids?")
_DIVIDERS = re.compile(r"[\s;,|]+")
_TOKEN = re.compile(f"[!-~]{{{SHORTEST_TOKEN},}}")
# Of a line that cannot be read; no column of a file of installations has this name.
_TEXT = "text"


def _origin(text: str) -> str:
    """Partners' databases have the bare host as often as the origin."""
    return (text if "://" in text else f"https://{text}").rstrip("/").lower() if text else ""


# Other spellings of the same value.
_NORMAL: dict[str, Callable[[str], str]] = {"domain": _origin, "currency": str.upper, "channel": str.upper}


class _Bad(ValueError):
    """A value cannot be one of its column."""


@dataclass(frozen=True)
class Candidate:
    """A row: whom it is about and what it says, or the reasons why it cannot be taken.

    `columns` is what goes back to whoever repairs it, should it be rejected.
    """

    line: int
    external_business_id: str = ""
    token: str = field(default="", repr=False)
    token_type: str = ""
    channel: str = ""
    of_business: Mapping[str, Any] = field(default_factory=dict)
    assets: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """By which the token is known."""
        return fingerprint(self.token)


def column(name: str) -> str:
    """A column's name as it is known here."""
    return name.strip().lower().replace(" ", "_")


def is_asset(name: str) -> bool:
    """Whether a column holds ids of assets."""
    known = column(name)
    return known not in NEEDED and (known in _ASSET_LISTS or _ASSET.fullmatch(known) is not None)


def is_known(name: str) -> bool:
    """Whether anything is done with a column."""
    return column(name) in NEEDED + OPTIONAL or is_asset(name)


def unguarded(row: Row) -> Row:
    """A row of CSV without the apostrophes that keep spreadsheets from taking a cell for a formula."""
    cells = {name: _unguarded(cell) for name, cell in row.values.items()}
    return replace(row, values=cells) if cells != row.values else row


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def candidate(row: Row) -> Candidate:
    """Check one row by itself; what only Meta can say of its token comes later."""
    if row.reason:
        text = text_of(row.raw)
        return Candidate(row.line, reasons=(f"row:{row.reason}",), columns={_TEXT: text} if text else {})
    values = {column(str(name)): value for name, value in row.values.items() if value not in (None, "", [])}
    texts, reasons = _texts(values)
    reasons += [f"{name}:missing" for name in NEEDED if not texts.get(name) and f"{name}:bad" not in reasons]
    shown = _without_tokens(values)
    # A token is to be nowhere but in its own column, where alone it is kept encrypted.
    misplaced = [name for name in values if name not in shown and name != "access_token" and is_known(name)]
    columns = cells_of(shown)
    kept = columns if texts.get("access_token") else {name: without_words(cell) for name, cell in columns.items()}
    hidden = [name for name in columns if kept[name] != columns[name]]
    texts = {name: text for name, text in texts.items() if name not in misplaced + hidden}
    reasons += [f"{name}:token" for name in misplaced]
    of_business: dict[str, Any] = {name: texts[name] for name in _OF_BUSINESS if name in texts}
    try:
        of_business |= _verticals(values)
        assets = _assets(values)
    except _Bad as bad:
        reasons, assets = [*reasons, f"{bad}:bad"], {}
    reasons += _refused(texts.get("external_business_id", ""), of_business)
    reasons += [f"{name}:hidden" for name in hidden]
    return Candidate(
        line=row.line,
        external_business_id=texts.get("external_business_id", "")[:LONGEST_ID],
        token=texts.get("access_token", ""),
        token_type=texts.get("token_type", ""),
        channel=texts.get("channel", ""),
        of_business=of_business,
        assets=assets,
        reasons=tuple(dict.fromkeys(reasons)),
        columns=kept,
    )


def _without_tokens(values: Mapping[str, Any]) -> dict[str, Any]:
    """The known columns but the token's own, and but those in which one has no place."""
    tokens = tokens_in(values.get("access_token"))
    known = {name: value for name, value in values.items() if name != "access_token" and is_known(name)}
    return {name: value for name, value in known.items() if not holds_token(value, tokens)}


def _texts(values: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    texts, reasons = {}, []
    for name in (*NEEDED, *OPTIONAL):
        if name == "verticals" or name not in values:
            continue
        value = values[name]
        text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else "\0"
        text = _NORMAL[name](text) if name in _NORMAL else text
        is_bad = not text.isprintable() or len(text) > _LONGEST.get(name, LONGEST_ID)
        if is_bad or (name == "access_token" and text and not _TOKEN.fullmatch(text)):
            reasons.append(f"{name}:bad")
        elif text:
            texts[name] = text
    return texts, reasons


def _verticals(values: Mapping[str, Any]) -> dict[str, list[str]]:
    given = _list("verticals", values.get("verticals"))
    return {"verticals": given} if given else {}


def _assets(values: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in values.items():
        if not is_asset(name):
            continue
        known = _ASSET_NAMES.get(name, name)
        ids = _list(name, value)
        if known in _ASSET_LISTS or known.endswith("_ids"):
            given[known] = [*given.get(known, []), *ids]
        elif len(ids) > 1:
            raise _Bad(name)
        elif ids:
            given[known] = ids[0]
    try:
        return parse_installs({"data": [given]}).assets
    except DoubtfulAnswer:
        raise _Bad("assets") from None


def _list(name: str, value: Any) -> list[str]:
    values = value if isinstance(value, list) else _DIVIDERS.split(value) if isinstance(value, str) else [value]
    words = [str(each).strip() for each in values if each not in (None, "")]
    if not all(word.isprintable() and len(word) <= LONGEST_ID and word[:1] not in "[{" for word in words):
        raise _Bad(name)
    return words


def _refused(external_business_id: str, of_business: Mapping[str, Any]) -> list[str]:
    row = Business(external_business_id=external_business_id or "-", **{"name": "-", **of_business})
    try:
        row.clean_fields(exclude=["partner"])
    except ValidationError as error:
        return [f"{name}:bad" for name in error.message_dict]
    return []

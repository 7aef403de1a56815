"""Webhook bodies as lists of notices, whatever Meta or anybody else puts into them (meta-api, section 2)."""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mbe.errors import UnreadableBody
from mbe.masking import mask_secrets as mask_secrets
from mbe.redaction import Redacted, fingerprint_of, redact
from mbe.wire import identifier, read_json, text

# Meta promises 1,000 at most; far more than that is not Meta.
MAX_NOTICES = 10_000

_MAX_TOKEN = 4096
_LAST_SECOND = 253_402_300_799  # of the year 9999
_EXTERNAL_ID_KEYS = ("business_id", "fbe_external_business_id", "external_business_id", "external_id")
_KEYS_BESIDE_DATA = (*_EXTERNAL_ID_KEYS, "access_token", "token_type", "fbe_event", "business_manager_id")
_PROFILE_KEYS = ("profiles", "pages", "instagram_profiles")
_INSTALL_FIELDS = ("fbe_install", "fbe_uninstall")
_UNINSTALL_FIELDS = ("fbe_uninstall", "business_integration_uninstall")

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

Kind = Literal["fbe_install", "business_integration", "other"]


@dataclass(frozen=True)
class Notice:
    """One change that Meta tells about: a hint about whom to look at, and perhaps a token; never the truth.

    Every text is short, storable, and empty where there is none. ``sent_at`` is in Unix seconds, of sending, not of
    happening. ``lists_features``: whether it has a list of features at all, as in v3, be it empty. ``digest``
    is the same for a repetition of the same notice. ``token_fingerprint`` tells which token came with it, also where
    the token itself was taken out of the body before; it is the SHA-256 in hex.
    """

    kind: Kind
    object: str
    field: str
    entry_id: str
    sent_at: int | None
    external_business_id: str
    business_manager_id: str
    feature_instance_ids: tuple[str, ...]
    lists_features: bool
    access_token: str = dataclasses.field(repr=False)
    token_fingerprint: str
    token_type: str
    fbe_event: str
    says_uninstall: bool
    digest: str


@dataclass(frozen=True)
class _Change:
    object: str
    entry_id: str
    sent_at: int | None
    field: str
    value: Any
    is_bare: bool = False


def parse_body(raw: bytes) -> list[Notice]:
    """List the notices of a body; raises UnreadableBody, and nothing else, whatever the bytes are."""
    return parse_redacted(redact(raw))


def parse_redacted(redacted: Redacted) -> list[Notice]:
    """List the notices of a body, each once: envelopes with entries, and the installs model without an envelope.

    They are the same when the body is redacted again, but for the tokens themselves. Raises UnreadableBody.
    """
    body = read_json(redacted.body)
    if not isinstance(body, dict):
        raise UnreadableBody("not an object")
    notices: dict[str, Notice] = {}
    for count, change in enumerate(_changes(body), start=1):
        if count > MAX_NOTICES:
            raise UnreadableBody("too many notices")
        notice = _notice(change, redacted.secrets)
        notices.setdefault(notice.digest, notice)
    if not notices and (body.get("entry") or body.get("data")):
        raise UnreadableBody("no notice among the entries")
    return list(notices.values())


def _changes(body: dict[str, Any]) -> Iterator[_Change]:
    entries = body.get("entry")
    if isinstance(entries, list):
        for entry in entries:
            if isinstance(entry, dict):
                yield from _changes_of_entry(text(body.get("object")), entry)
    elif entries is None and isinstance(body.get("data"), list):
        yield from (_Change("", "", None, "", value, is_bare=True) for value in _elements(body))
    else:
        raise UnreadableBody("neither entries nor data")


def _changes_of_entry(object_: str, entry: dict[str, Any]) -> Iterator[_Change]:
    entry_id, sent_at = text(entry.get("id")), _seconds(entry.get("time"))
    changes = [change for change in _list(entry.get("changes")) if isinstance(change, dict)]
    for change in changes:
        for value in _values(change.get("value")):
            yield _Change(object_, entry_id, sent_at, text(change.get("field")), value)
    if not changes:
        fields = filter(None, map(text, _list(entry.get("changed_fields"))))
        yield from (_Change(object_, entry_id, sent_at, name, None) for name in fields)


def _values(value: object) -> list[object]:
    """Unfold a value that holds the installs model: ``{"data": [...]}``, perhaps with the id and token beside it."""
    return (_elements(value) if isinstance(value, dict) else []) or [value]


def _elements(value: dict[str, Any]) -> list[object]:
    elements = _list(value.get("data"))[: MAX_NOTICES + 1]
    if not elements:
        return []
    beside = {key: word for key in _KEYS_BESIDE_DATA if (word := text(value.get(key), _MAX_TOKEN))}
    return [{**beside, **element} for element in elements if isinstance(element, dict)]


def _notice(change: _Change, secrets: Mapping[str, str]) -> Notice:
    value: dict[str, Any] = change.value if isinstance(change.value, dict) else {}
    kind = _kind(change)
    external_ids = (text(value.get(key)) for key in _EXTERNAL_ID_KEYS)
    external_id = next(filter(None, external_ids), "") if kind == "fbe_install" else ""
    features = [entry for entry in _list(value.get("installed_features")) if isinstance(entry, dict)]
    instance_ids = filter(None, (identifier(entry.get("feature_instance_id")) for entry in features))
    return Notice(
        kind=kind,
        object=change.object,
        field=change.field,
        entry_id=change.entry_id,
        sent_at=change.sent_at,
        external_business_id=external_id,
        business_manager_id=identifier(value.get("business_manager_id")),
        feature_instance_ids=tuple(dict.fromkeys(instance_ids)),
        lists_features=isinstance(value.get("installed_features"), list),
        access_token=_token(value, secrets),
        token_fingerprint=fingerprint_of(value.get("access_token")),
        token_type=text(value.get("token_type")),
        fbe_event=text(value.get("fbe_event")),
        says_uninstall=_says_uninstall(change.field, value, external_id),
        digest=_digest(change),
    )


def _kind(change: _Change) -> Kind:
    if change.is_bare or change.field in _INSTALL_FIELDS:
        return "fbe_install"
    return "business_integration" if change.field.startswith("business_integration_") else "other"


def _says_uninstall(field_name: str, value: dict[str, Any], external_id: str) -> bool:
    if value.get("access_token"):
        return False
    event = text(value.get("fbe_event")).upper()
    if field_name in _UNINSTALL_FIELDS or "UNINSTALL" in event or "DELETE" in event:
        return True
    # v2's sign of an uninstall: neither a token nor anything that is connected (meta-api, 2.3)
    is_bare_of_all = not event and not any(value.get(key) for key in (*_PROFILE_KEYS, "installed_features"))
    return bool(external_id) and is_bare_of_all


def _token(value: dict[str, Any], secrets: Mapping[str, str]) -> str:
    token = secrets.get(text(value.get("access_token")), "")
    return text(token, _MAX_TOKEN).strip()


def _seconds(time: object) -> int | None:
    digits = text(time, 12)
    if not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits) if int(digits) <= _LAST_SECOND else None


def _digest(change: _Change) -> str:
    canonical = [change.entry_id, change.sent_at, change.field, change.value]
    return hashlib.sha256(_CANONICAL.encode(canonical).encode()).hexdigest()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []

"""What Meta answers about assets, as values; a shape that is not known raises DoubtfulAnswer (meta-api, 5.4 and 9)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mbe.errors import DoubtfulAnswer
from mbe.masking import without_tokens
from mbe.wire import identifier, text

_MAX_MESSAGE = 500
_ENDED_BADLY = ("canceled", "cancelled", "error")


@dataclass(frozen=True)
class TokenFacts:
    """What Meta says about a token.

    ``type`` is Meta's word (USER, PAGE, SYSTEM_USER), empty where it gave none; ``expires_at`` is a Unix time, None for
    never; ``granular`` gives the assets that a scope is limited to, none for one that is not limited. ``app_id`` is
    whose token it is, empty where Meta gave none; ``data_access_expires_at`` is a Unix time after which the app may see
    nothing of the person any more, None where Meta names none; ``error`` and ``subcode`` say why one is not valid
    (`mbe.deaths`).
    """

    is_valid: bool
    type: str
    scopes: tuple[str, ...]
    expires_at: int | None
    granular: dict[str, tuple[str, ...]]
    app_id: str = ""
    error: str = ""
    subcode: int | None = None
    data_access_expires_at: int | None = None


@dataclass(frozen=True)
class EventsAnswer:
    """How many events the Conversions API took, and what it said about them."""

    received: int
    messages: tuple[str, ...]
    trace_id: str


@dataclass(frozen=True)
class ItemProblem:
    """Why Meta did not take one item. ``line`` is its place as Meta counts, None where it gave none: go by the id."""

    item_id: str
    line: int | None
    message: str


@dataclass(frozen=True)
class ItemsBatch:
    """The handles under which Meta works on a batch, and the items that it refused at once."""

    handles: tuple[str, ...]
    refused: tuple[ItemProblem, ...]


@dataclass(frozen=True)
class BatchStatus:
    """How far Meta is with a batch.

    ``is_finished``: every item is saved but those with an error. ``has_failed``: Meta gave up, and some items may not
    be saved. Neither: ask again. ``errors`` may be fewer than ``errors_total_count``, and ``invalid_ids`` names the
    items of all of them.
    """

    status: str
    is_finished: bool
    errors: tuple[ItemProblem, ...]
    errors_total_count: int
    warnings: tuple[str, ...]
    has_failed: bool = False
    invalid_ids: tuple[str, ...] = ()


def object_of(payload: object) -> dict[str, Any]:
    """Take an answer that is an object with something in it."""
    if not isinstance(payload, dict) or not payload:
        raise DoubtfulAnswer("The answer is not an object, or is empty")
    return payload


def objects_of(elements: object) -> list[dict[str, Any]]:
    """Take a list of objects; none where there is no list."""
    if elements is None:
        return []
    if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
        raise DoubtfulAnswer("The answer has something else than a list of objects")
    return elements


def texts_of(holder: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Take a list of texts under a key; none where there is no list."""
    words = holder.get(key)
    if words is None:
        return ()
    if not isinstance(words, list) or not all(isinstance(word, str | int) for word in words):
        raise DoubtfulAnswer(f"The answer has something else than texts in {key}")
    return tuple(str(word) for word in words)


def _count(holder: Mapping[str, Any], key: str) -> int | None:
    number = holder.get(key)
    return number if isinstance(number, int) and not isinstance(number, bool) and number >= 0 else None


def _message(value: object) -> str:
    words = value.get("message") if isinstance(value, dict) else value
    return without_tokens(words)[:_MAX_MESSAGE] if isinstance(words, str) else ""


def _subcode(error: object) -> int | None:
    digits = text(error.get("subcode"), 12) if isinstance(error, dict) else ""
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _messages(values: object) -> Iterator[str]:
    for value in values if isinstance(values, list) else ():
        item_id = identifier(value.get("id")) if isinstance(value, dict) else ""
        if message := _message(value):
            yield f"{item_id}: {message}" if item_id else message


def events_answer_of(payload: object) -> EventsAnswer:
    """Read the answer to a call with events."""
    answer = object_of(payload)
    received = _count(answer, "events_received")
    if received is None:
        raise DoubtfulAnswer("The answer does not say how many events were received")
    return EventsAnswer(received, tuple(_messages(answer.get("messages"))), text(answer.get("fbtrace_id"), 64))


def items_batch_of(payload: object) -> ItemsBatch:
    """Read the answer to a batch of items."""
    answer = object_of(payload)
    batch = ItemsBatch(texts_of(answer, "handles"), tuple(_refused(answer.get("validation_status"))))
    if not batch.handles and not batch.refused:
        raise DoubtfulAnswer("The answer holds no handle")
    return batch


def _refused(statuses: object) -> Iterator[ItemProblem]:
    for status in objects_of(statuses):
        for error in objects_of(status.get("errors")):
            yield ItemProblem(text(status.get("retailer_id")), None, _message(error))


def batch_status_of(payload: Mapping[str, Any]) -> BatchStatus:
    """Read one status of a batch."""
    status = text(payload.get("status"))
    if not status:
        raise DoubtfulAnswer("The answer has no status of the batch")
    errors = tuple(
        ItemProblem(text(error.get("id")), _count(error, "line"), _message(error))
        for error in objects_of(payload.get("errors"))
    )
    counted = _count(payload, "errors_total_count")
    return BatchStatus(
        status=status,
        is_finished=status.lower() == "finished",
        errors=errors,
        errors_total_count=len(errors) if counted is None else counted,
        warnings=tuple(_messages(payload.get("warnings"))),
        has_failed=status.lower() in _ENDED_BADLY,
        invalid_ids=texts_of(payload, "ids_of_invalid_requests"),
    )


def token_facts_of(data: object) -> TokenFacts:
    """Read what ``debug_token`` has under ``data``."""
    if not isinstance(data, dict) or not isinstance(data.get("is_valid"), bool):
        raise DoubtfulAnswer("The answer does not say whether the token is valid")
    granular = {
        text(entry.get("scope")): texts_of(entry, "target_ids") for entry in objects_of(data.get("granular_scopes"))
    }
    return TokenFacts(
        is_valid=data["is_valid"],
        type=text(data.get("type")),
        scopes=texts_of(data, "scopes"),
        expires_at=_count(data, "expires_at") or None,
        granular=granular,
        app_id=identifier(data.get("app_id")),
        error=_message(data.get("error")),
        subcode=_subcode(data.get("error")),
        data_access_expires_at=_count(data, "data_access_expires_at") or None,
    )

"""A pixel: Meta shows it, the site fires it, and the Conversions API takes events."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from features.activation.handlers.missing import asset_missing
from features.activation.handling import Actor, Look, Step, StepState
from features.activation.models import PixelCheck
from mbe.snippets import pixel_base_code
from partners.tenancy import tenant


def pixel(look: Look) -> Iterator[Step]:
    """A pixel of the browser, and the same pixel's Conversions API."""
    pixel_id = look.asset("pixel_id")
    if not pixel_id:
        yield asset_missing("pixel_id")
        return
    found = look.calls.asset("pixel_id", pixel_id)
    facts = {"id": pixel_id, "name": str(found.get("name", ""))}
    if found.get("is_unavailable"):
        yield Step("pixel_unavailable", StepState.TO_DO, facts, actor=Actor.MERCHANT)
    else:
        yield Step("pixel_readable", StepState.DONE, facts)
    yield _code(pixel_id, found.get("last_fired_time"))
    yield _conversions_api(look, pixel_id)


def _code(pixel_id: str, last_fired_time: Any) -> Step:
    facts = {"snippet": pixel_base_code(pixel_id)}
    if not last_fired_time:
        return Step("pixel_not_fired", StepState.TO_DO, facts, actor=Actor.STAFF, is_confirmable=True)
    return Step("pixel_fired", StepState.DONE, {**facts, "fired_at": _moment(last_fired_time)})


def _conversions_api(look: Look, pixel_id: str) -> Step:
    """What the last test event to this very pixel brought."""
    with tenant(look.feature.partner_id):
        check = PixelCheck.objects.filter(feature=look.feature, pixel_id=pixel_id).first()
    if check is None:
        return Step("conversions_api_untried", StepState.TO_DO, actor=Actor.STAFF)
    facts: dict[str, Any] = {"test_event_code": check.test_event_code, "asked_at": check.asked_at.isoformat()}
    if check.ended_at is None:
        return Step("conversions_api_waits", StepState.WAITING, facts)
    answer = {"received": check.received or 0, "messages": check.messages, "trace_id": check.trace_id}
    facts |= {"answered_at": check.ended_at.isoformat(), **answer}
    if check.received:
        return Step("conversions_api_works", StepState.DONE, facts)
    return Step("conversions_api_refused", StepState.TO_DO, facts, detail=check.error, actor=Actor.STAFF)


def _moment(value: Any) -> str:
    """Meta's time with its zone as written by us; as it came where no calendar holds it."""
    try:
        return datetime.fromisoformat(str(value)).isoformat()
    except ValueError:
        return str(value)

"""Batches of a catalog's items: what is sent, what Meta says of it, and what takes no memory on the way."""

import json
import tracemalloc
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.assets import ADVISED_REQUESTS, MAX_REQUESTS, SAFE_JSON_LENGTH, BatchStatus, ItemProblem, ItemsBatch
from mbe.errors import DoubtfulAnswer, RateLimited, Refused
from mbe.transport import MAX_BODY_BYTES, form_body
from tests.mbe.stand_ins import MountedMeta
from tests.mbe.test_assets import client

CATALOG = "700"


def status(**changed: Any) -> BatchStatus:
    entry = {"handle": "H", "status": "finished", **changed}
    return client(MountedMeta({"data": [entry]})).batch_status(CATALOG, "T", "H")


def test_a_batch_is_sent_as_a_form_and_gives_its_handles() -> None:
    meta = MountedMeta({"handles": ["H1", "H2"]})
    requests = [{"method": "UPDATE", "data": {"id": "sku 1", "title": '茶 & 100% "x" ~+'}}]
    assert client(meta).items_batch(CATALOG, "T", requests) == ItemsBatch(handles=("H1", "H2"), refused=())
    [call] = meta.calls
    assert (call.method, call.path) == ("POST", "/v25.0/700/items_batch")
    assert json.loads(call.form["requests"]) == requests
    assert (call.form["item_type"], call.form["allow_upsert"]) == ("PRODUCT_ITEM", "true")
    assert call.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_items_refused_at_once_are_named_also_without_a_handle() -> None:
    refusals = [
        {"retailer_id": "sku-1", "errors": [{"message": "no price"}, {"message": "no link"}]},
        {"retailer_id": "sku-2", "errors": [], "warnings": [{"message": "short title"}]},
    ]
    answer = client(MountedMeta({"handles": [], "validation_status": refusals})).items_batch(CATALOG, "T", [{}])
    assert answer.handles == ()
    assert answer.refused == (ItemProblem("sku-1", None, "no price"), ItemProblem("sku-1", None, "no link"))


@pytest.mark.parametrize(
    "answer", [{"handles": []}, {"handles": "H"}, {"handles": [None]}, {"success": True}, {"validation_status": ["x"]}]
)
def test_an_answer_without_a_handle_is_doubtful(answer: object) -> None:
    with pytest.raises(DoubtfulAnswer):
        client(MountedMeta(answer)).items_batch(CATALOG, "T", [{}])


@pytest.mark.parametrize("count", [0, MAX_REQUESTS + 1])
def test_a_batch_of_an_impossible_size_is_a_mistake_of_ours(count: int) -> None:
    with pytest.raises(ValueError, match="5000"):
        client(MountedMeta()).items_batch(CATALOG, "T", [{}] * count)


def test_a_batch_that_meta_would_not_take_is_refused_before_it_is_sent() -> None:
    meta = MountedMeta()
    with pytest.raises(Refused, match="larger"):
        client(meta).items_batch(CATALOG, "T", [{"data": {"description": "&" * (MAX_BODY_BYTES // 3)}}])
    assert not meta.calls


def test_a_batch_of_a_safe_length_is_sent_whatever_is_in_it() -> None:
    overhead = len('[{"data":{"description":""}}]')
    meta = MountedMeta({"handles": ["H"]})
    client(meta).items_batch(CATALOG, "T", [{"data": {"description": "&" * (SAFE_JSON_LENGTH - overhead)}}])
    assert len(meta.calls[0].form["requests"]) == SAFE_JSON_LENGTH


def test_a_limit_of_the_catalog_says_how_long_to_wait() -> None:
    usage = {"700": [{"type": "catalog_batch", "estimated_time_to_regain_access": 2}]}
    refusal = (400, {"X-Business-Use-Case-Usage": json.dumps(usage)}, {"error": {"code": 80014, "message": "slow"}})
    with pytest.raises(RateLimited) as caught:
        client(MountedMeta(refusal)).items_batch(CATALOG, "T", [{}])
    assert (caught.value.wait_seconds, caught.value.scope) == (120, "subject")


def test_a_status_is_asked_for_with_the_ids_of_the_invalid_items() -> None:
    meta = MountedMeta({"data": [{"handle": "H/+=", "status": "in_progress"}]})
    answer = client(meta).batch_status(CATALOG, "T", "H/+=")
    assert answer == BatchStatus("in_progress", False, (), 0, ())
    [call] = meta.calls
    assert (call.method, call.path) == ("GET", "/v25.0/700/check_batch_request_status")
    assert (call.query["handle"], call.query["load_ids_of_invalid_requests"]) == ("H/+=", "true")


def test_errors_warnings_and_invalid_ids_are_read() -> None:
    answer = status(
        errors=[{"line": 0, "id": "sku-1", "message": "no price"}, {"message": "?"}],
        errors_total_count=7,
        warnings=[{"id": "sku-2", "message": "short title"}, "odd", {}, 3],
        ids_of_invalid_requests=["sku-1", 8],
    )
    assert answer.is_finished and not answer.has_failed
    assert answer.errors == (ItemProblem("sku-1", 0, "no price"), ItemProblem("", None, "?"))
    assert answer.errors_total_count == 7
    assert answer.warnings == ("sku-2: short title", "odd")
    assert answer.invalid_ids == ("sku-1", "8")


def test_errors_that_meta_did_not_count_are_counted() -> None:
    assert status(errors=[{"id": "a", "message": "m"}]).errors_total_count == 1


@pytest.mark.parametrize(
    ("word", "is_finished", "has_failed"),
    [
        ("finished", True, False),
        ("FINISHED", True, False),
        ("scheduled", False, False),
        ("dispatched", False, False),
        ("started", False, False),
        ("in_progress", False, False),
        ("invented", False, False),
        ("canceled", False, True),
        ("error", False, True),
    ],
)
def test_a_batch_is_finished_failed_or_under_way(word: str, is_finished: bool, has_failed: bool) -> None:
    answer = status(status=word)
    assert (answer.status, answer.is_finished, answer.has_failed) == (word, is_finished, has_failed)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        ["H"],
        [{"handle": "other", "status": "finished"}],
        [{"handle": "H"}],
        [{"handle": "H", "status": 3.5}],
        [{"handle": "H", "status": "finished", "errors": "many"}],
    ],
)
def test_a_status_that_says_nothing_sure_is_doubtful(entries: object) -> None:
    with pytest.raises(DoubtfulAnswer):
        client(MountedMeta({"data": entries})).batch_status(CATALOG, "T", "H")


def test_tokens_stay_out_of_messages_about_items() -> None:
    [problem] = status(errors=[{"id": "a", "message": f"bad access_token=EAA{'x' * 40}"}]).errors
    assert "EAA" not in problem.message


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=40), max_size=4))
def test_a_form_is_read_back_as_it_was(form: dict[str, str]) -> None:
    read = parse_qsl(form_body(form).decode(), keep_blank_values=True, encoding="utf-8", errors="strict")
    assert dict(read) == form


def test_every_sign_is_quoted_as_the_library_does() -> None:
    signs = "".join(map(chr, range(32, 127)))
    assert form_body({"k": signs}).decode() == f"k={quote_plus(signs)}"


def test_a_form_takes_a_few_times_its_size_in_memory_until_it_is_sent() -> None:
    requests = [{"method": "UPDATE", "data": {"id": str(n), "title": "a & b, 預約"}} for n in range(ADVISED_REQUESTS)]
    form = {"requests": json.dumps(requests)}
    tracemalloc.start()
    try:
        form_body(form)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * len(form["requests"])

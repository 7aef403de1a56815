"""Whatever the bytes of a webhook are, they become notices or one kind of error."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mbe.errors import UnreadableBody
from mbe.events import MAX_NOTICES, Notice, mask_secrets, parse_body
from tests.mbe.test_wire import JSON

INSTALL: dict[str, Any] = {
    "business_id": "shop-1001",
    "access_token": "TOKEN",
    "token_type": "User",
    "fbe_event": "INSTALL",
    "flow": "FB_SERVICES",
    "business_manager_id": 100000000000000000001,
    "pages": ["5"],
    "installed_features": [{"feature_instance_id": 200000000000000000001, "feature_type": "page_cta"}],
}


def envelope(*values: object, field: str = "fbe_install", object_: str = "user", **entry: Any) -> dict[str, Any]:
    changes = [{"field": field, "value": value} for value in values]
    return {"object": object_, "entry": [{"id": "77", "time": 1764000000, "changes": changes, **entry}]}


def parse(body: object) -> list[Notice]:
    return parse_body(json.dumps(body).encode())


def only(value: object, **changes: Any) -> Notice:
    [notice] = parse(envelope(value, **changes))
    return notice


def test_an_install_names_the_business_and_brings_a_token() -> None:
    notice = only(INSTALL)
    assert (notice.kind, notice.object, notice.field) == ("fbe_install", "user", "fbe_install")
    assert (notice.entry_id, notice.sent_at) == ("77", 1764000000)
    assert notice.external_business_id == "shop-1001"
    assert notice.business_manager_id == "100000000000000000001"
    assert notice.feature_instance_ids == ("200000000000000000001",)
    assert (notice.access_token, notice.token_type, notice.fbe_event) == ("TOKEN", "User", "INSTALL")
    assert not notice.says_uninstall
    assert "TOKEN" not in repr(notice)


@pytest.mark.parametrize(("listed", "expected"), [(INSTALL["installed_features"], True), ([], True), (None, False)])
def test_a_notice_without_a_list_is_not_one_with_an_empty_list(listed: object, expected: bool) -> None:
    rest = {key: value for key, value in INSTALL.items() if key != "installed_features"}
    notice = only(rest if listed is None else {**rest, "installed_features": listed})
    assert notice.lists_features is expected
    assert bool(notice.feature_instance_ids) is bool(listed)


def test_all_entries_and_all_changes_are_walked() -> None:
    body = envelope({"business_id": "a"}, {"business_id": "b"})
    body["entry"] += envelope({"business_id": "c"})["entry"]
    assert [notice.external_business_id for notice in parse(body)] == ["a", "b", "c"]


def test_a_thousand_notices_in_one_body_are_read() -> None:
    values = [{"business_id": f"shop-{number}"} for number in range(1000)]
    assert len(parse(envelope(*values))) == 1000


@pytest.mark.parametrize(
    "body",
    [
        {"data": [{"n": number} for number in range(MAX_NOTICES + 1)]},
        envelope(*({"n": number} for number in range(MAX_NOTICES + 1))),
        {"entry": [{"changed_fields": ["fbe_install"] * (MAX_NOTICES + 1)}]},
    ],
)
def test_far_too_many_notices_are_not_from_meta(body: object) -> None:
    with pytest.raises(UnreadableBody, match="too many"):
        parse(body)


def test_a_notice_that_stands_twice_is_read_once() -> None:
    assert len(parse(envelope(INSTALL, INSTALL))) == 1


@pytest.mark.parametrize("field", ["install", "update", "uninstall"])
def test_business_integration_notices_name_a_business_manager(field: str) -> None:
    notice = only(
        {"business_manager_id": "8", "tp_config_id": "9"}, field=f"business_integration_{field}", object_="application"
    )
    assert (notice.kind, notice.object) == ("business_integration", "application")
    assert (notice.external_business_id, notice.business_manager_id) == ("", "8")
    assert notice.says_uninstall is (field == "uninstall")


def test_the_bare_model_is_one_notice_for_each_element() -> None:
    notices = parse({"data": [{"business_manager_id": "8", "pages": ["1"]}, {"business_id": "b"}]})
    assert [(notice.kind, notice.business_manager_id, notice.external_business_id) for notice in notices] == [
        ("fbe_install", "8", ""),
        ("fbe_install", "", "b"),
    ]


def test_the_model_inside_a_value_is_found() -> None:
    notice = only({"business_id": "shop-1001", "access_token": "T", "data": [{"business_manager_id": "8"}]})
    assert (notice.external_business_id, notice.access_token, notice.business_manager_id) == ("shop-1001", "T", "8")


def test_changed_fields_without_values_are_a_hint_about_nobody() -> None:
    [notice] = parse({"object": "user", "entry": [{"id": "77", "time": 1, "changed_fields": ["fbe_install"]}]})
    assert (notice.kind, notice.external_business_id, notice.says_uninstall) == ("fbe_install", "", False)


def test_an_uninstall_field_names_the_business_by_its_own_key() -> None:
    notice = only({"fbe_external_business_id": "shop-1001"}, field="fbe_uninstall")
    assert (notice.kind, notice.external_business_id, notice.says_uninstall) == ("fbe_install", "shop-1001", True)


def test_an_unknown_field_is_kept_as_other() -> None:
    notice = only({"leadgen_id": "1"}, field="leadgen", object_="page")
    assert (notice.kind, notice.says_uninstall) == ("other", False)


def test_an_empty_list_holds_no_notice() -> None:
    assert parse({"data": []}) == []
    assert parse({"object": "user", "entry": []}) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"business_id": "a"}, True),
        ({"business_id": "a", "pages": [], "profiles": [], "installed_features": []}, True),
        ({"business_id": "a", "fbe_event": "fbe_uninstall", "pages": ["1"]}, True),
        ({"business_id": "a", "fbe_event": "DELETED", "pages": ["1"]}, True),
        ({"business_id": "a", "fbe_event": "UPDATE"}, False),
        ({"business_id": "a", "pages": ["1"]}, False),
        ({"business_id": "a", "instagram_profiles": ["1"]}, False),
        ({"business_id": "a", "installed_features": [{}]}, False),
        ({"business_id": "a", "access_token": "T"}, False),
        ({"business_id": "a", "access_token": "T", "fbe_event": "UNINSTALL"}, False),
        ({"business_id": "a", "access_token": ["T"], "fbe_event": "UNINSTALL"}, False),
        ({}, False),
        (None, False),
    ],
)
def test_an_uninstall_is_said_in_metas_ways_and_never_beside_a_token(value: object, expected: bool) -> None:
    assert only(value).says_uninstall is expected


def test_the_digest_is_the_same_for_a_repetition_and_differs_otherwise() -> None:
    shuffled = dict(reversed(INSTALL.items()))
    digest = only(INSTALL).digest
    assert only(shuffled).digest == digest
    assert len(digest) == 64
    others = [
        only({**INSTALL, "flow": "ADS"}),
        only(INSTALL, time=1764000001),
        only(INSTALL, id="78"),
        only(INSTALL, field="other"),
    ]
    assert len({digest, *(notice.digest for notice in others)}) == 5


@pytest.mark.parametrize("time", [None, "x", -1, 1e300, 10**30, True, [], {}, "²"])
def test_a_time_that_is_none_is_left_out(time: object) -> None:
    assert only(INSTALL, time=time).sent_at is None


def test_ids_and_texts_beyond_any_length_are_left_out() -> None:
    notice = only({"business_id": "x" * 300, "fbe_event": "y" * 300, "access_token": "t" * 5000}, id="z" * 300)
    assert (notice.external_business_id, notice.fbe_event, notice.access_token, notice.entry_id) == ("", "", "", "")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"null",
        b"[]",
        b'"x"',
        b"{}",
        b'{"entry": {}}',
        b'{"entry": null}',
        b'{"entry": 5, "data": []}',
        b'{"data": {}}',
        b'{"data": [1]}',
        b'{"entry": [1, "x", null]}',
        b'{"entry": [{}]}',
        b'{"entry": [{"changes": [1]}]}',
        b'{"entry": [{"changed_fields": [{}]}]}',
        b'{"entry": NaN}',
        b'{"entry": [{"time": 1e999}]}',
        b"[" * 100_000,
        b'{"entry": [{"changes": [{"value": ' + b"[" * 500 + b"]" * 500 + b"}]}]}",
        b'{"entry": [{"time": ' + b"9" * 5000 + b"}]}",
        b"\xff\xfe",
        b"\x00" * 10,
    ],
)
def test_a_body_without_notices_is_unreadable_and_says_why(raw: bytes) -> None:
    with pytest.raises(UnreadableBody) as caught:
        parse_body(raw)
    assert 0 < len(caught.value.reason) < 60


def test_one_bad_entry_does_not_lose_the_others() -> None:
    body = envelope(INSTALL)
    body["entry"] = [None, {"changes": "x"}, *body["entry"], 5]
    assert [notice.external_business_id for notice in parse(body)] == ["shop-1001"]


def storable(notices: list[Notice]) -> bool:
    texts = [
        text
        for notice in notices
        for text in (notice.external_business_id, notice.access_token, notice.field, notice.fbe_event, notice.entry_id)
    ]
    return all("\x00" not in text and text.encode() is not None for text in texts)


def test_unstorable_characters_do_not_reach_a_notice() -> None:
    notice = only({"business_id": "a\x00b", "access_token": "T\ud800", "fbe_event": "\udfff"})
    assert (notice.external_business_id, notice.access_token, notice.fbe_event) == ("a\ufffdb", "T\ufffd", "\ufffd")


@settings(max_examples=300)
@given(st.binary())
def test_any_bytes_are_read_or_unreadable(raw: bytes) -> None:
    with suppress(UnreadableBody):
        assert storable(parse_body(raw))


ANY_TEXT = st.text()
ANY_JSON = JSON | ANY_TEXT | st.floats() | st.lists(ANY_TEXT, max_size=3)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        key: ANY_JSON
        for key in ("business_id", "access_token", "fbe_event", "pages", "installed_features", "data", "token_type")
    },
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "object": ANY_JSON,
        "data": ANY_JSON | st.lists(VALUES, max_size=3),
        "entry": ANY_JSON
        | st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "id": ANY_JSON,
                    "time": ANY_JSON,
                    "changed_fields": ANY_JSON,
                    "changes": ANY_JSON
                    | st.lists(st.fixed_dictionaries({"field": ANY_JSON, "value": ANY_JSON | VALUES}), max_size=3),
                },
            ),
            max_size=3,
        ),
    },
)


@settings(max_examples=300, deadline=None)
@given(BODIES)
def test_any_json_is_read_or_unreadable(body: Any) -> None:
    with suppress(UnreadableBody):
        assert storable(parse_body(json.dumps(body).encode()))


@given(BODIES)
def test_any_body_can_be_masked(body: Any) -> None:
    assert isinstance(mask_secrets(body), dict)

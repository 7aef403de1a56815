"""Secrets leave a body, and everything else of it stays as it came."""

import json
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.errors import UnreadableBody
from mbe.events import parse_body, parse_redacted
from mbe.redaction import fingerprint_of, mark_of, redact

KEYS = st.sampled_from(["access_token", "code", "id", "business_id", "x", "token_type", 'é"\\', "acc\u0065ss_token"])
WORDS = st.text(max_size=8) | st.sampled_from(
    ["EAABsbCS1iHgBAKZCabcdef", "a?access_token=abc&b=1", "client_secret: no"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def body_of(**value: Any) -> bytes:
    """An `fbe_install` notice."""
    change = {"field": "fbe_install", "value": {"business_id": "salon", **value}}
    return json.dumps({"object": "user", "entry": [{"id": "1", "time": 5, "changes": [change]}]}).encode()


def test_everything_but_the_secrets_stays_to_the_byte() -> None:
    raw = (
        '{ "entry":[\n {"access_token" :\t"EAAone", "n": 1.50, "big": 123456789012345678901, "e":"\\u00e9é",'
        ' "code": [1, {"a": "}\\""}], "next": "https://x/?access_token=EAAtwo&after=3", "n": 1e2}] , "z":null}'
    )
    expected = raw.replace('"EAAone"', f'"{mark_of("EAAone")}"')
    expected = expected.replace('[1, {"a": "}\\""}]', f'"{mark_of([1, {"a": "}" + chr(34)}])}"')
    expected = expected.replace("access_token=EAAtwo", "access_token=***")
    assert redact(raw.encode()).body.decode() == expected


def test_a_body_without_secrets_is_the_very_same() -> None:
    raw = body_of(fbe_event="INSTALL", token_type="User")
    assert redact(raw).body is raw


@pytest.mark.parametrize("nothing", ["", None, 0, False, [], {}])
def test_that_there_is_no_token_is_no_secret(nothing: Any) -> None:
    raw = body_of(access_token=nothing)
    assert redact(raw).body == raw
    assert parse_body(raw)[0].says_uninstall


def test_a_key_that_is_written_in_another_way_hides_nothing() -> None:
    assert b"EAAone" not in redact(rb'{"acc\u0065ss_token": "EAAone"}').body


def test_two_values_under_one_key_both_go() -> None:
    assert b"EAA" not in redact(b'{"access_token": "EAAone", "access_token": "EAAtwo"}').body


def test_an_id_that_looks_like_a_token_stays() -> None:
    raw = json.dumps({"business_id": "EAA4567890123456789012", "note": "EAA4567890123456789012"}).encode()
    assert json.loads(redact(raw).body) == {"business_id": "EAA4567890123456789012", "note": "***"}


def test_a_mark_tells_tokens_apart_and_reveals_none() -> None:
    assert fingerprint_of(mark_of("EAAone")) == sha256(b"EAAone").hexdigest()
    assert fingerprint_of("EAAone") == fingerprint_of("***") == ""
    one, other = (parse_body(body_of(access_token=each))[0] for each in ("EAAone", "EAAtwo"))
    assert one.digest != other.digest


def test_a_redacted_body_brings_the_same_notices_without_the_token() -> None:
    raw = body_of(access_token=" EAAone\n", token_type="User", installed_features=[{"feature_instance_id": "7"}])
    redacted = redact(raw)
    (whole,), (again,) = parse_redacted(redacted), parse_body(redacted.body)
    assert whole.access_token == "EAAone"
    assert again.token_fingerprint == sha256(b"EAAone").hexdigest()
    assert again == replace(whole, access_token="")


def test_the_token_beside_the_data_goes_with_each_of_it() -> None:
    raw = json.dumps({"data": [{"a": 1}, {"a": 2}], "access_token": "EAAone"}).encode()
    assert [each.access_token for each in parse_body(raw)] == ["EAAone", "EAAone"]
    assert parse_body(redact(raw).body) == [replace(each, access_token="") for each in parse_body(raw)]


@given(VALUES)
def test_redacting_is_done_once_and_keeps_the_rest_of_any_value(value: Any) -> None:
    for raw in (json.dumps(value).encode(), json.dumps(value, ensure_ascii=False, indent=1).encode(errors="replace")):
        once = redact(raw).body
        assert redact(once).body == once
        assert shape(json.loads(once)) == shape(json.loads(raw))


@given(VALUES)
def test_any_notice_survives_the_redaction(value: Any) -> None:
    raw = body_of(more=value, access_token="EAAone")
    assert parse_body(redact(raw).body) == [replace(each, access_token="") for each in parse_body(raw)]


@given(st.binary(max_size=60))
def test_any_bytes_are_redacted_or_unreadable(raw: bytes) -> None:
    with suppress(UnreadableBody):
        redact(raw)


def shape(value: Any) -> Any:
    """A value with every secret and every text that may hold one left out."""
    if isinstance(value, dict):
        return {key: None if key in ("access_token", "code") else shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return None if isinstance(value, str) and any(sign in value for sign in ("EAA", "=", ":", "***")) else value

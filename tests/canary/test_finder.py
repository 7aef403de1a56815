"""The search for secrets can fail: whatever is planted is found."""

import base64
import gzip
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from django.core import signing
from hypothesis import given
from hypothesis import strategies as st

from tests.canary.finder import Canaries, Place, unpacked

SECRET = 'Zq7+/&="canary"-4f1c-9be2-hush-hush'
PLACE = Place("log", "web.log")


def finds(content: bytes, secret: str = SECRET) -> list[str]:
    """The names of what is found."""
    canaries = Canaries()
    canaries.add("planted", secret)
    canaries.add("another", "0123456789-not-there")
    return [find.secret for find in canaries.search(PLACE, content)]


@pytest.mark.parametrize(
    "spelt",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        quote(quote(SECRET, safe="")),
        json.dumps({"token": SECRET}),
        json.dumps(json.dumps({"token": SECRET})),
        html.escape(SECRET),
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        SECRET[:20],
        SECRET[-20:],
        repr({"token": SECRET.encode()}),
    ],
)
def test_a_secret_is_found_however_it_is_spelt(spelt: str) -> None:
    assert finds(f"before {spelt} after".encode()) == ["planted"]


@given(before=st.binary(max_size=5), after=st.binary(max_size=5))
def test_a_secret_is_found_in_base64_wherever_it_begins(before: bytes, after: bytes) -> None:
    whole = before + SECRET.encode() + after
    assert finds(b"x" + base64.b64encode(whole)) == ["planted"]
    assert finds(b"x" + base64.urlsafe_b64encode(whole)) == ["planted"]


@pytest.mark.parametrize("length", [1, 10_000])
def test_a_secret_in_a_session_of_a_dump_is_found(length: int) -> None:
    row = signing.dumps({"filler": "x" * length, "token": SECRET}, compress=True, key="k", salt="s")
    content = f"key\t{row}\t2026-01-01\n".encode()
    assert finds(unpacked(content)) == ["planted"]


def test_a_secret_in_a_packed_file_of_a_dump_is_found() -> None:
    column = "\\\\x" + gzip.compress(f"a,{SECRET},b".encode()).hex()
    assert not finds(column.encode())
    assert finds(unpacked(f"1\t{column}\t2\n".encode())) == ["planted"]


def test_what_is_said_of_a_find_names_the_secret_and_shows_none_of_it() -> None:
    canaries = Canaries()
    canaries.add("planted", SECRET)
    (find,) = canaries.search(Place("page", f"/connect/{SECRET}/"), SECRET.encode())
    assert str(find) == "planted is in page /connect/<planted>/ (in the clear)"


@given(st.binary())
def test_nothing_is_found_where_nothing_is(content: bytes) -> None:
    assert not finds(content)
    unpacked(content)

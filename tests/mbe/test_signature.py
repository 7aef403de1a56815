"""Only what was signed with the app's secret passes."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mbe.signature import appsecret_proof, is_valid, sign

BODY = b'{"object": "user"}'


def test_a_body_is_signed_as_meta_signs_it() -> None:
    assert sign(BODY, "secret") == "sha256=" + hmac.new(b"secret", BODY, hashlib.sha256).hexdigest()


@given(st.binary(), st.text(min_size=1).filter(lambda secret: secret.isprintable()))
def test_a_right_signature_is_valid(body: bytes, secret: str) -> None:
    assert is_valid(body, sign(body, secret), secret)


def test_a_signature_of_other_bytes_or_another_secret_is_refused() -> None:
    header = sign(BODY, "secret")
    assert not is_valid(BODY + b" ", header, "secret")
    assert not is_valid(BODY, header, "other")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        sign(BODY, "secret").removeprefix("sha256="),
        sign(BODY, "secret").replace("sha256", "sha1"),
        sign(BODY, "secret") + "00",
        sign(BODY, "secret")[:-1],
        sign(BODY, "secret")[:-1] + "é",
        "sha256=\udcff",
        "=" * 100_000,
    ],
)
def test_a_malformed_header_is_refused(header: str | None) -> None:
    assert not is_valid(BODY, header, "secret")


def test_an_empty_secret_validates_nothing() -> None:
    assert not is_valid(BODY, sign(BODY, ""), "")


@given(st.binary(), st.one_of(st.none(), st.text()), st.text(st.characters(codec="utf-8")))
def test_no_header_whatever_is_valid_by_chance_or_raises(body: bytes, header: str | None, secret: str) -> None:
    assert is_valid(body, header, secret) is False


def test_the_proof_is_the_digest_of_the_token_under_the_secret() -> None:
    assert appsecret_proof("token", "secret") == hmac.new(b"secret", b"token", hashlib.sha256).hexdigest()

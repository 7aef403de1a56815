"""Nothing secret survives in what is shown, logged or stored."""

from typing import Any

import pytest

from mbe.masking import mask_secrets, scrub


@pytest.mark.parametrize(
    "text",
    [
        "Malformed access token EAABsbCS1iHgBAKZC",
        "access_token=abc",
        "bad client_secret=abc&x=1",
        'got {"access_token": "abc"}',
        "appsecret_proof%3Dabc",
        "see https://graph.facebook.com/v25.0/me?x=abc for more",
        "app token 123|abc is wrong",
        "令牌EAABabc失效",
        "digest 0123456789abcdef0123456789abcdef",
    ],
)
def test_whatever_looks_like_a_secret_is_taken_out(text: str) -> None:
    shown = scrub(text)
    assert "abc" not in shown
    assert "EAA" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "Error validating access token: Session has expired on Friday, 20-Nov-26 10:00:00 PST.",
        "(#200) Requires manage_business_extension permission to manage the object",
        "Object with ID '123456789012345678901234567890' does not exist",
        "請在2024年12月31日之前更新您的Facebook應用程式,否則連線將會中斷",
        "",
    ],
)
def test_ordinary_messages_stay_readable(text: str) -> None:
    assert scrub(text) == text


def test_the_secrets_named_are_taken_out_whatever_they_look_like() -> None:
    assert scrub("the token hunter2 is bad", ["hunter2", ""]) == "the token *** is bad"


@pytest.mark.parametrize(
    "key", ["access_token", "ACCESS_TOKEN", "client_secret", "code", "appsecret_proof", "merchantAccessToken"]
)
@pytest.mark.parametrize("value", ["x", 5, ["x"], {"a": "x"}, "", True])
def test_values_under_secret_keys_are_masked_at_any_depth(key: str, value: Any) -> None:
    assert mask_secrets([{"a": {key: value, "b": 1}}]) == [{"a": {key: "***", "b": 1}}]


def test_what_is_no_secret_stays() -> None:
    payload = {"token_type": "User", "error_code": 190, "pages": ["1"], "access_token": None, "n": 1.5, "ok": True}
    assert mask_secrets(payload) == payload


def test_a_token_inside_an_address_is_masked() -> None:
    masked = mask_secrets({"next": "https://graph.example/x?access_token=abc&after=9"})
    assert masked == {"next": "https://graph.example/x?access_token=***&after=9"}


def test_a_whole_token_of_metas_is_masked_wherever_it_stands() -> None:
    assert mask_secrets({"note": "EAABsbCS1iHgBAKZCabcdef", "business_id": "EAA-salon-7"}) == {
        "note": "***",
        "business_id": "EAA-salon-7",
    }


def test_the_input_is_left_as_it_was() -> None:
    payload = {"access_token": "x", "list": [{"secret": "y"}]}
    mask_secrets(payload)
    assert payload == {"access_token": "x", "list": [{"secret": "y"}]}


def test_the_depth_of_the_input_is_harmless() -> None:
    payload: list[Any] = ["secret"]
    for _ in range(50_000):
        payload = [payload]
    assert "secret" not in str(mask_secrets(payload))

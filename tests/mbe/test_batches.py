"""A batch reads many businesses in one request, and each fails for itself."""

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from mbe.errors import DoubtfulAnswer, GraphError, NotVisible, PermissionMissing, RateLimited, Refused, TransientError
from mbe.graph import Subject, SystemUserWish, Token
from mbe.installs import Installs
from mbe.signature import appsecret_proof
from tests.mbe.stand_ins import MountedMeta
from tests.mbe.test_graph import APP_SECRET, ELEMENT, client

SUBJECTS = [Subject(f"shop-{number}", f"token-{number}") for number in range(3)]


def operation(code: int, body: object, headers: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {"code": code, "headers": headers or [], "body": json.dumps(body)}


def test_a_batch_asks_for_all_subjects_with_their_own_tokens() -> None:
    meta = MountedMeta(
        [operation(200, {"data": [ELEMENT]}), operation(200, {"data": []}), operation(200, {"data": []})]
    )
    results = client(meta).installs_batch(SUBJECTS)
    assert [isinstance(result, Installs) and result.is_installed for result in results] == [True, False, False]
    [call] = meta.calls
    assert (call.method, call.path) == ("POST", "/v25.0/")
    assert call.headers["Authorization"] == f"Bearer 123|{APP_SECRET}"
    assert call.form["include_headers"] == "true"
    first = json.loads(call.form["batch"])[0]
    assert first == {
        "method": "GET",
        "relative_url": "fbe_business/fbe_installs?fbe_external_business_id=shop-0"
        f"&appsecret_proof={appsecret_proof('token-0', APP_SECRET)}",
        "access_token": "token-0",
    }


def test_each_operation_of_a_batch_fails_for_itself() -> None:
    usage = [{"name": "X-Business-Use-Case-Usage", "value": '{"1": [{"estimated_time_to_regain_access": 5}]}'}]
    meta = MountedMeta(
        [
            None,
            operation(400, {"error": {"code": 80008, "message": "token-1"}}, usage),
            operation(400, {"error": {"code": 100, "error_subcode": 33}}),
        ]
    )
    unfinished, limited, hidden = client(meta).installs_batch(SUBJECTS)
    assert type(unfinished) is TransientError
    assert isinstance(limited, RateLimited)
    assert (limited.wait_seconds, str(limited)) == (300, "***")
    assert isinstance(hidden, NotVisible)


def test_a_batch_asks_for_the_tokens_of_many_system_users_each_by_its_login() -> None:
    meta = MountedMeta([operation(200, {"access_token": "SYSTEM"}), operation(403, {"error": {"code": 200}})])
    wishes = [SystemUserWish(f"8{number}", SUBJECTS[number], ["a", "b"]) for number in range(2)]
    granted, refused = client(meta).system_user_token_batch(wishes)
    assert granted == Token("SYSTEM", "system_user", None)
    assert isinstance(refused, PermissionMissing)
    [call] = meta.calls
    first = json.loads(call.form["batch"])[0]
    assert (first["method"], first["relative_url"], first["access_token"]) == ("POST", "80/access_token", "token-0")
    assert dict(parse_qsl(first["body"])) == {
        "app_id": "123",
        "scope": "a,b",
        "fbe_external_business_id": "shop-0",
        "appsecret_proof": appsecret_proof("token-0", APP_SECRET),
    }


@pytest.mark.parametrize("element", [5, "x", {}, {"code": "200"}, {"code": 200}, {"code": 200, "body": "{"}, []])
def test_an_unreadable_operation_is_doubtful(element: object) -> None:
    [result] = client(MountedMeta([element])).installs_batch(SUBJECTS[:1])
    assert isinstance(result, DoubtfulAnswer)


@pytest.mark.parametrize("answer", [{}, [], [None] * 4, {"data": []}, b"", (500, {}, b"<html>")])
def test_a_batch_that_fails_as_a_whole_raises(answer: object) -> None:
    with pytest.raises(TransientError):
        client(MountedMeta(answer)).installs_batch(SUBJECTS)


def test_a_batch_that_meta_refuses_raises_its_error() -> None:
    with pytest.raises(Refused):
        client(MountedMeta((400, {}, {"error": {"code": 3, "message": "No batch"}}))).installs_batch(SUBJECTS)


def test_a_subject_with_more_pages_is_read_on() -> None:
    page = {"data": [ELEMENT], "paging": {"cursors": {"after": "A"}, "next": "https://graph.example/"}}
    second = {"data": [{"installed_features": [{"feature_instance_id": "2", "feature_type": "pixel"}]}]}
    meta = MountedMeta([operation(200, page)], second)
    [result] = client(meta).installs_batch(SUBJECTS[:1])
    assert isinstance(result, Installs) and result.features is not None
    assert len(result.features) == 2
    assert meta.calls[1].headers["Authorization"] == "Bearer token-0"


def test_the_configuration_comes_in_batches_too() -> None:
    meta = MountedMeta([operation(200, {"business": {"name": "A"}}), operation(200, {})])
    configuration, doubtful = client(meta).feature_configuration_batch(SUBJECTS[:2])
    assert not isinstance(configuration, GraphError)
    assert configuration.business == {"name": "A"}
    assert isinstance(doubtful, DoubtfulAnswer)
    assert json.loads(meta.calls[0].form["batch"])[0]["relative_url"].startswith("fbe_business?fbe_external_")


def test_a_batch_has_at_most_fifty_subjects_and_an_empty_one_costs_nothing() -> None:
    meta = MountedMeta([operation(200, {"data": []})] * 50)
    with pytest.raises(ValueError):
        client(meta).installs_batch([SUBJECTS[0]] * 51)
    assert client(meta).installs_batch([]) == []
    assert not meta.calls

"""The feature configuration API."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from tests.sandbox.driver import Meta, Receiver


def read(meta: Meta, token: str) -> Any:
    return meta.graph("GET", "fbe_business/", token, fbe_external_business_id="salon").json()


def write(meta: Meta, token: str, business_config: Any) -> requests.Response:
    config = json.dumps(business_config)
    return meta.graph("POST", "fbe_business", token, fbe_external_business_id="salon", business_config=config)


def test_installed_is_plural_and_the_rest_is_singular(meta: Meta) -> None:
    token = meta.connect("salon", "pixel", "page_cta")["access_token"]
    answer = read(meta, token)
    assert [set(row) for row in answer["pixels"]] == [{"feature_instance_id", "enabled"}]
    assert "pixel" not in answer
    assert answer["page_ctas"] == [answer["page_cta"]]
    assert answer["ig_cta"] == {"enabled": False}
    assert answer["catalog_feed_scheduled"] == {"enabled": False}
    assert answer["business"] == {"name": "salon"}


def test_instances_are_those_of_the_installs_api(meta: Meta) -> None:
    token = meta.connect("salon", "ads", "lead_ads")["access_token"]
    (model,) = meta.installs("salon", token).json()["data"]
    answer = read(meta, token)
    configured = {row["feature_instance_id"] for key in ("ads", "lead_ads") for row in answer[key]}
    assert configured == {one["feature_instance_id"] for one in model["installed_features"]}


def test_a_singular_key_changes_the_first_instance(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta")["access_token"]
    meta.control("PATCH", "connections/salon", {"add": ["page_cta"]})
    assert write(meta, token, {"page_cta": {"cta_button_text": "Reserve"}}).json() == {"success": True}
    first, second = read(meta, token)["page_ctas"]
    assert first["cta_button_text"] == "Reserve"
    assert "cta_button_text" not in second


def test_a_plural_key_changes_the_instance_that_it_names(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta")["access_token"]
    meta.control("PATCH", "connections/salon", {"add": ["page_cta"]})
    second = read(meta, token)["page_ctas"][1]["feature_instance_id"]
    write(meta, token, {"page_ctas": [{"feature_instance_id": second, "enabled": False, "cta_button_text": "Go"}]})
    rows = read(meta, token)["page_ctas"]
    assert [(row["enabled"], row.get("cta_button_text")) for row in rows] == [(True, None), (False, "Go")]


@pytest.mark.parametrize(
    "business_config",
    [
        {"pixel": {"enabled": False}},
        {"hologram": {"enabled": True}},
        {"ig_cta": {"enabled": True}},
        {"page_ctas": [{"enabled": True}]},
        {"page_ctas": [{"feature_instance_id": "1", "enabled": True}]},
        {"page_cta": {"enabled": "yes"}},
        {"page_cta": {"cta_button_url": 7}},
        {"page_cta": "on"},
        ["page_cta"],
        "page_cta",
    ],
)
def test_what_may_not_be_changed_is_refused_as_a_whole(meta: Meta, business_config: Any) -> None:
    token = meta.connect("salon", "pixel", "page_cta")["access_token"]
    before = read(meta, token)
    if isinstance(business_config, dict):
        business_config = {"page_cta": {"cta_button_text": "Not this"}} | business_config
    answer = write(meta, token, business_config)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert read(meta, token) == before


def user_message(answer: requests.Response) -> str:
    """What Meta would show the person; the error is 100."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, 100)
    return str(error.get("error_user_msg", ""))


@pytest.mark.parametrize(
    "wrong",
    [
        {"page_cta": {"cta_button_url": "http://salon.example"}},
        {"page_cta": {"cta_button_text": "x" * 1001}},
        {"messenger_chat": {"domains": "salon.example"}},
        {"messenger_chat": {"domains": [7]}},
    ],
)
def test_addresses_texts_and_domains_have_rules(meta: Meta, wrong: Any) -> None:
    token = meta.connect("salon", "page_cta", "messenger_chat")["access_token"]
    before = read(meta, token)
    answer = write(meta, token, wrong)
    assert bool(user_message(answer)) is ("page_cta" in wrong)
    assert read(meta, token) == before


def test_what_follows_the_rules_is_taken(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta", "messenger_chat")["access_token"]
    good: dict[str, Any] = {"page_cta": {"cta_button_url": "", "cta_button_text": "x" * 1000}}
    good |= {"messenger_chat": {"domains": ["https://salon.example"]}}
    assert write(meta, token, good).json() == {"success": True}
    (chat,) = read(meta, token)["messenger_chats"]
    assert (chat["domains"], chat["default_locale"]) == (["https://salon.example"], "en_US")


def test_meta_can_refuse_a_type_in_its_words(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta", "ig_cta")["access_token"]
    meta.knobs(configuration={"refuse": {"types": ["page_cta"], "message": "This Page may not have a button."}})
    assert user_message(write(meta, token, {"page_cta": {"enabled": True}})) == "This Page may not have a button."
    assert write(meta, token, {"ig_cta": {"enabled": True}}).ok
    meta.knobs(configuration={"refuse": {"message": "No."}})
    assert user_message(write(meta, token, {"ig_cta": {"enabled": True}})) == "No."
    meta.knobs(configuration={"refuse": {}})
    assert write(meta, token, {"page_cta": {"enabled": True}}).ok


def test_meta_can_keep_something_else(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta")["access_token"]
    meta.knobs(configuration={"keeps": {"page_cta": {"cta_button_text": "Book now", "below_button_text": "Never"}}})
    assert write(meta, token, {"page_cta": {"cta_button_text": "Reserve"}}).json() == {"success": True}
    kept = read(meta, token)["page_cta"]
    assert kept["cta_button_text"] == "Book now"
    assert "below_button_text" not in kept


@pytest.mark.parametrize("wrong", [{"keeps": {"page_cta": 1}}, {"refuse": {"types": "page_cta"}}, {"refuse": []}])
def test_knobs_of_a_wrong_shape_are_refused(meta: Meta, wrong: Any) -> None:
    body = {"configuration": wrong}
    assert meta.session.put(f"{meta.url}/sandbox/api/knobs", json=body, timeout=10).status_code == 400


def test_a_write_can_take_effect_and_its_answer_be_lost(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta")["access_token"]
    meta.knobs(graph={"fail_next": {"kind": "lost_answer", "path": "configuration_write"}})
    before = read(meta, token)
    assert write(meta, token, {"page_cta": {"cta_button_text": "Reserve"}}).status_code == 502
    assert "cta_button_text" not in before["page_cta"]
    assert read(meta, token)["page_cta"]["cta_button_text"] == "Reserve"


@pytest.mark.parametrize("path", ["batch", "configuration_write"])
def test_the_answer_of_a_batch_can_be_lost_too(meta: Meta, path: str) -> None:
    token = meta.connect("salon", "page_cta")["access_token"]
    meta.knobs(graph={"fail_next": {"kind": "lost_answer", "path": path}})
    config = {"fbe_external_business_id": "salon", "business_config": '{"page_cta": {"cta_button_text": "Reserve"}}'}
    operation = {"method": "POST", "relative_url": "fbe_business", "body": urlencode(config)}
    answer = meta.graph("POST", "", token, batch=json.dumps([operation]))
    statuses = [answer.status_code] if path == "batch" else [one["code"] for one in answer.json()]
    assert statuses == [502]
    assert read(meta, token)["page_cta"]["cta_button_text"] == "Reserve"


def test_without_the_base_permission_nothing_is_read_or_written(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta", withheld_scopes=["manage_business_extension"])["access_token"]
    params = {"fbe_external_business_id": "salon"}
    answers = [
        meta.graph("GET", "fbe_business", token, **params),
        write(meta, token, {}),
        meta.installs("salon", token),
    ]
    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [(403, 10)] * 3


def test_a_fault_of_the_configuration_is_for_reads_and_writes(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta")["access_token"]
    meta.knobs(graph={"fail_next": {"kind": "server_error", "path": "configuration"}})
    assert write(meta, token, {"page_cta": {"enabled": True}}).status_code == 503


def test_a_write_is_told_only_when_asked_for(meta: Meta, heard: Receiver) -> None:
    token = meta.connect("salon", "page_cta")["access_token"]
    write(meta, token, {"page_cta": {"cta_button_text": "Reserve"}})
    assert meta.state()["webhooks"] == []
    meta.knobs(webhooks={"announce_configuration": True})
    write(meta, token, {"page_cta": {"cta_button_text": "Go"}})
    assert [value["fbe_event"] for value in heard.values(1)] == ["UPDATE"]


def test_nested_json_is_taken_like_a_form(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta")["access_token"]
    body = {"fbe_external_business_id": "salon", "business_config": {"page_cta": {"enabled": False}}}
    headers = {"Authorization": f"Bearer {token}"}
    assert meta.session.post(f"{meta.url}/v25.0/fbe_business", json=body, headers=headers, timeout=10).ok
    assert read(meta, token)["page_cta"]["enabled"] is False

"""The feature configuration API."""

import json
from typing import Any

import pytest
import requests

from tests.sandbox.driver import Meta


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


def test_nested_json_is_taken_like_a_form(meta: Meta) -> None:
    token = meta.connect("salon", "page_cta")["access_token"]
    body = {"fbe_external_business_id": "salon", "business_config": {"page_cta": {"enabled": False}}}
    headers = {"Authorization": f"Bearer {token}"}
    assert meta.session.post(f"{meta.url}/v25.0/fbe_business", json=body, headers=headers, timeout=10).ok
    assert read(meta, token)["page_cta"]["enabled"] is False

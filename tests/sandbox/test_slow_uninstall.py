"""An uninstall that Meta has taken and that shows only after some reads, or some seconds."""

import json
import time

import requests

from tests.sandbox.driver import Json, Meta, Receiver


def uninstall(meta: Meta, token: str, name: str = "salon") -> requests.Response:
    """Have the whole connection removed."""
    return meta.graph("DELETE", "fbe_business/fbe_installs", token, fbe_external_business_id=name)


def switch(meta: Meta, token: str, *, on: bool) -> None:
    """Have the Page's button switched on or off."""
    config = json.dumps({"page_cta": {"enabled": on}})
    answer = meta.graph("POST", "fbe_business", token, fbe_external_business_id="salon", business_config=config)
    assert answer.json() == {"success": True}


def button(meta: Meta, token: str) -> Json:
    """What the configuration says of the Page's button."""
    return dict(meta.graph("GET", "fbe_business", token, fbe_external_business_id="salon").json()["page_cta"])


def test_all_is_there_for_so_many_reads_and_the_notice_comes_when_it_is_gone(meta: Meta, heard: Receiver) -> None:
    meta.knobs(graph={"uninstall_reads": 2})
    token = meta.connect("salon", "page_cta", "pixel")["access_token"]
    assert uninstall(meta, token).json() == {"success": True}
    assert meta.features("salon", token) == ["page_cta", "pixel"]
    assert meta.state()["webhooks"] == []
    assert uninstall(meta, token).json() == {"success": True}, "to ask again starts nothing anew"
    assert meta.features("salon", token) == ["page_cta", "pixel"]
    (value,) = heard.values(1)
    assert (value["fbe_event"], value["installed_features"]) == ("UNINSTALL", [])
    error = meta.installs("salon", token).json()["error"]
    assert (error["code"], error["error_subcode"]) == (190, 458)


def test_all_is_gone_after_so_many_seconds_without_anybody_looking(meta: Meta, heard: Receiver) -> None:
    meta.knobs(graph={"uninstall_seconds": 2})
    token = meta.connect("salon", "pixel")["access_token"]
    began = time.monotonic()
    uninstall(meta, token)
    assert meta.features("salon", token) == ["pixel"]
    assert heard.values(1)[0]["fbe_event"] == "UNINSTALL"
    assert time.monotonic() - began >= 2
    assert "error" in meta.installs("salon", token).json()


def test_without_the_knobs_it_is_gone_at_once(meta: Meta) -> None:
    token = meta.connect("salon", "pixel")["access_token"]
    uninstall(meta, token)
    assert meta.installs("salon", token).json()["error"]["code"] == 190


def test_whoever_connects_anew_meanwhile_stays_connected(meta: Meta) -> None:
    meta.knobs(graph={"uninstall_reads": 1})
    uninstall(meta, meta.connect("salon", "pixel")["access_token"])
    token = meta.connect("salon", "pixel")["access_token"]
    assert [meta.features("salon", token) for _ in range(3)] == [["pixel"]] * 3
    uninstall(meta, token)
    token = meta.login(meta.dialog_url(intent="FB_SERVICES"), "FB_SERVICES")
    assert ["page_cta" in meta.features("salon", token) for _ in range(2)] == [True, True]


def test_a_feature_that_is_switched_off_is_on_for_so_many_reads(meta: Meta) -> None:
    meta.knobs(graph={"uninstall_reads": 1})
    token = meta.connect("salon", "page_cta")["access_token"]
    switch(meta, token, on=False)
    assert button(meta, token)["enabled"] is True
    meta.installs("salon", token)
    off = button(meta, token)
    assert off["enabled"] is False and off["feature_instance_id"], "it stays listed"
    assert meta.features("salon", token) == ["page_cta"]


def test_a_feature_that_is_switched_on_again_meanwhile_stays_on(meta: Meta) -> None:
    meta.knobs(graph={"uninstall_reads": 1})
    token = meta.connect("salon", "page_cta")["access_token"]
    switch(meta, token, on=False)
    switch(meta, token, on=True)
    for _ in range(2):
        meta.installs("salon", token)
    assert button(meta, token)["enabled"] is True


def test_a_connection_without_features_ends_after_so_many_reads_too(meta: Meta, heard: Receiver) -> None:
    meta.knobs(graph={"uninstall_reads": 1})
    token = meta.connect("salon")["access_token"]
    uninstall(meta, token)
    assert meta.installs("salon", token).json() == {"data": []}
    assert meta.installs("salon", token).json()["error"]["error_subcode"] == 458
    assert heard.values(1)[0]["fbe_event"] == "UNINSTALL"


def test_a_connection_made_after_a_reset_is_not_ended_by_an_uninstall_of_before(meta: Meta, heard: Receiver) -> None:
    meta.knobs(graph={"uninstall_seconds": 0.3})
    uninstall(meta, meta.connect("salon", "pixel")["access_token"])
    meta.control("POST", "reset", {"only": ["connections"]})
    token = meta.connect("salon", "pixel")["access_token"]
    time.sleep(0.6)
    assert meta.features("salon", token) == ["pixel"]
    assert heard.bodies == []


def test_a_feature_that_is_switched_off_can_be_gone(meta: Meta, heard: Receiver) -> None:
    meta.knobs(configuration={"removes_switched_off": True})
    token = meta.connect("salon", "page_cta", "pixel")["access_token"]
    switch(meta, token, on=False)
    assert button(meta, token) == {"enabled": False}
    assert meta.features("salon", token) == ["pixel"]
    (value,) = heard.values(1)
    assert [each["feature_type"] for each in value["installed_features"]] == ["pixel"]


def test_a_fault_can_be_for_the_uninstall_alone(meta: Meta) -> None:
    token = meta.connect("salon", "pixel")["access_token"]
    meta.knobs(graph={"fail_next": {"kind": "lost_answer", "path": "uninstall"}})
    assert meta.features("salon", token) == ["pixel"]
    assert uninstall(meta, token).status_code == 502
    assert meta.installs("salon", token).json()["error"]["code"] == 190


def test_the_knobs_are_on_the_page(meta: Meta) -> None:
    page = meta.session.get(f"{meta.url}/sandbox/", timeout=10).text
    for name in ("graph-uninstall_reads", "graph-uninstall_seconds", "configuration-removes_switched_off"):
        assert f'data-testid="knob-{name}"' in page
    form = {"action": "turn", "graph-uninstall_reads": "3", "configuration-removes_switched_off": "on"}
    meta.session.post(f"{meta.url}/sandbox/", data=form, timeout=10)
    knobs = meta.control("GET", "knobs")
    assert knobs["graph"]["uninstall_reads"] == 3 and knobs["configuration"]["removes_switched_off"] is True


def test_what_leaves_is_shown_in_the_state(meta: Meta) -> None:
    meta.knobs(graph={"uninstall_reads": 5})
    uninstall(meta, meta.connect("salon", "pixel")["access_token"])
    assert meta.state()["connections"][0]["leaving"][""]["reads"] == 5

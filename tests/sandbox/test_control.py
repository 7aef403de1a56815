"""The control API, the front page, and state over a restart."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sandbox.server import start
from tests.sandbox.driver import APP_ID, Meta, Receiver, eventually


def test_an_app_is_made_once_and_updated(meta: Meta) -> None:
    meta.add_app(features=["pixel"])
    meta.control("POST", "apps", {"app_id": APP_ID, "name": "New name"})
    (app,) = meta.state()["apps"]
    assert (app["name"], app["features"]) == ("New name", ["pixel"])


def test_the_handshake_is_tried_and_reported(meta: Meta, receiver: Receiver) -> None:
    assert meta.add_app(callback_url=receiver.url)["verification"]["ok"] is True
    wrong = meta.add_app(callback_url=receiver.url, verify_token="wrong")["verification"]
    assert (wrong["ok"], wrong["status"]) == (False, 403)
    assert meta.add_app(callback_url="http://127.0.0.1:1/")["verification"]["ok"] is False


def test_a_button_of_the_front_page_tries_the_handshake(meta: Meta, receiver: Receiver) -> None:
    def press(app_id: str = APP_ID) -> requests.Response:
        return requests.post(f"{meta.url}/sandbox/verify", data={"app_id": app_id}, timeout=10)

    assert "Verify the callback" not in requests.get(meta.url, timeout=10).text
    meta.add_app(callback_url=receiver.url)
    assert "Verify the callback" in requests.get(meta.url, timeout=10).text
    assert "gave the challenge back" in press().text
    meta.add_app(callback_url=receiver.url, verify_token="wrong")
    assert "did not give the challenge back: wrong answer (HTTP 403)" in press().text
    assert press("no-such-app").status_code == 400


def test_many_businesses_are_connected_at_once(meta: Meta) -> None:
    body = {"app_id": APP_ID, "count": 3, "prefix": "biz-", "features": ["pixel"]}
    made = meta.control("POST", "connections", body)
    assert [one["external_business_id"] for one in made] == ["biz-1", "biz-2", "biz-3"]
    assert meta.features("biz-3", made[2]["access_token"]) == ["pixel"]
    assert len(meta.state(external_business_id="biz-2")["connections"]) == 1


def test_a_connection_is_changed(meta: Meta) -> None:
    token = meta.connect("shop", "pixel", "ads")["access_token"]
    changed = meta.control("PATCH", "connections/shop", {"add": ["catalog"], "remove": ["ads"]})
    assert [one["feature_type"] for one in changed["features"]] == ["pixel", "catalog"]
    instance = changed["features"][0]["feature_instance_id"]
    meta.control("PATCH", "connections/shop", {"remove": [instance], "assets": {"pixel_id": "77"}})
    (model,) = meta.installs("shop", token).json()["data"]
    assert model["pixel_id"] == "77"
    assert meta.features("shop", token) == ["catalog"]


def test_uninstalling_can_leave_the_tokens(meta: Meta) -> None:
    token = meta.connect("shop", "pixel")["access_token"]
    meta.control("PATCH", "connections/shop", {"uninstall": True, "keep_tokens": True})
    assert meta.installs("shop", token).json() == {"data": []}


def test_a_name_that_two_apps_know_needs_the_app(meta: Meta) -> None:
    meta.add_app(app_id="222", app_secret="other")
    meta.connect("shop", "pixel")
    meta.connect("shop", "pixel", app_id="222")
    url = f"{meta.url}/sandbox/api/connections/shop"
    assert meta.session.patch(url, json={"add": ["ads"]}, timeout=10).status_code == 400
    assert meta.session.patch(url, json={"add": ["ads"], "app_id": "222"}, timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("apps", {}),
        ("apps", []),
        ("connections", {"app_id": "999", "external_business_id": "a"}),
        ("connections", {"app_id": APP_ID}),
        ("reset", {"only": ["everything"]}),
        ("webhooks", {"body": {}}),
    ],
)
def test_a_body_that_cannot_be_used_is_refused(meta: Meta, path: str, body: object) -> None:
    assert meta.session.post(f"{meta.url}/sandbox/api/{path}", json=body, timeout=10).status_code == 400


def test_a_reset_forgets_all_or_some(meta: Meta) -> None:
    meta.connect("shop", "pixel")
    meta.knobs(webhooks={"drop": True})
    meta.control("POST", "reset", {"only": ["connections"]})
    assert (len(meta.state()["apps"]), meta.state()["connections"]) == (1, [])
    assert meta.control("GET", "knobs")["webhooks"]["drop"] is True
    meta.control("POST", "reset")
    assert meta.state()["apps"] == []
    assert meta.control("GET", "knobs")["webhooks"]["drop"] is False


def test_the_front_page_says_what_this_is_and_links(meta: Meta) -> None:
    connected = meta.connect("shop", "pixel", name="<b>Shop</b>")
    text = meta.session.get(meta.url, timeout=10).text
    assert "not Meta" in text
    assert f"business_id={connected['business_manager_id']}" in text
    assert "<b>Shop</b>" not in text


def test_state_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    with start(state_path=path) as running:
        meta = Meta(running.url)
        meta.add_app()
        token = meta.connect("shop", "pixel")["access_token"]
        before = meta.installs("shop", token).json()
    with start(state_path=path) as running:
        meta = Meta(running.url)
        assert meta.installs("shop", token).json() == before
        again = meta.control("PATCH", "connections/shop", {"add": ["ads"]})
        ids = [one["feature_instance_id"] for one in again["features"]]
        assert len(set(ids)) == 2


def test_changes_are_written_without_a_stop_and_reads_are_not(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with start(state_path=path) as running:
        meta = Meta(running.url)
        meta.add_app()
        token = meta.connect("shop", "pixel")["access_token"]
        assert eventually(lambda: path.exists() and "shop" in path.read_text())
        path.unlink()
        meta.installs("shop", token)
        assert not eventually(path.exists, 0.6)


def test_a_stopped_sandbox_answers_nobody() -> None:
    running = start()
    session = requests.Session()
    assert session.get(f"{running.url}/healthz", timeout=10).text == "ok"
    running.stop()
    with pytest.raises(requests.ConnectionError):
        session.get(f"{running.url}/healthz", timeout=10)


def test_the_command_serves_stops_on_a_signal_and_names_a_busy_port(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    with start() as taken:
        command = [sys.executable, "-m", "sandbox", "--port", str(taken.port)]
        busy = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=30)
    assert (busy.returncode, str(taken.port) in busy.stderr) == (2, True)
    assert len(busy.stderr.splitlines()) == 1
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--state", str(tmp_path / "state.json")]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    url = process.stdout.readline().split()[-1]
    assert requests.get(f"{url}/healthz", timeout=10).text == "ok"
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=15) == 0
    process.stdout.close()

"""A thousand v2 installations on a running stack: uploaded, imported, brought to v3; the worker is killed twice."""

import csv
import io
import os
import re
import signal

import pytest
import requests

from config.management.commands.seed_demo import APP_ID
from tests.stack import DemoStack
from tests.v2_mixes import MIXES, Mix, mixed_up
from tests.waiting import eventually

pytestmark = pytest.mark.long

BUSINESSES = 1_000
WITHIN = 240
# Full batches, and what a killed worker had begun in up to four lanes.
MOST_REQUESTS = BUSINESSES // 50 + BUSINESSES // 100

INSTALLATIONS = "FROM features_installation i WHERE i.requested_cause <> '' AND i.channel <> '' AND "


def test_a_thousand_installations_come_to_v3_though_the_worker_is_killed_twice(demo: DemoStack) -> None:
    demo.sandbox("post", "apps", app_id=APP_ID, mbe_version="v2")
    made = _connections(demo)
    demo.sandbox("post", "reset", only=["counters"])
    _upload(demo, _file(made))

    eventually(lambda: demo.sql("SELECT imported FROM migration_import")[0][0] >= BUSINESSES // 4)
    os.kill(demo.pids("worker")[0], signal.SIGKILL)
    eventually(lambda: demo.sql("SELECT state FROM migration_import")[0][0] == "done", within=WITHIN)
    assert demo.sql("SELECT imported, to_reconnect, rejected FROM migration_import") == [(BUSINESSES, 0, 0)]
    assert demo.count("migration_importpart") == 0

    eventually(lambda: _number(demo, "i.mbe_version = 'v2'") >= BUSINESSES // 10)
    os.kill(demo.pids("worker")[0], signal.SIGKILL)
    eventually(lambda: _number(demo, "i.mbe_version = 'v2'") >= BUSINESSES // 2, within=WITHIN)
    demo.sandbox("post", "apps", app_id=APP_ID, mbe_version="v3")
    eventually(lambda: _number(demo, "i.mbe_version <> ''") == BUSINESSES, within=WITHIN)
    were_v2 = {mix: _were_v2(demo, mix) for mix in MIXES}
    assert sum(were_v2.values()) >= BUSINESSES // 2 and all(were_v2.values())
    _check_requests(demo)

    demo.reconcile_everything()
    eventually(lambda: _number(demo, "i.mbe_version = 'v3' AND i.state = 'connected'") == BUSINESSES, within=WITHIN)
    _check_records(demo, were_v2)


def _connections(demo: DemoStack) -> list[dict[str, str]]:
    made = []
    for mix in MIXES:
        wish = {"prefix": mix.prefix, "features": mix.features, "token_kind": mix.token_kind}
        count = BUSINESSES * mix.quarters // 4
        rows = demo.sandbox("post", "connections", app_id=APP_ID, count=count, brief=True, **wish)
        made += [{**each, "channel": mix.channel} for each in rows]
    return mixed_up(made)


def _file(made: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, ("external_business_id", "access_token", "channel"))
    writer.writeheader()
    writer.writerows(made)
    return out.getvalue().encode()


def _upload(demo: DemoStack, content: bytes) -> None:
    """Hand the file over on the page of imports, as a person of the staff does."""
    staff = requests.Session()
    login = demo.demo["admin_url"].rstrip("/") + "/login/?next=/admin/"
    form = {"username": demo.demo["admin_username"], "password": demo.demo["admin_password"]}
    _post(staff, login, form)
    app_key = demo.sql("SELECT id FROM partners_metaapp WHERE app_id = %s", APP_ID)[0][0]
    page = _post(staff, f"{demo.url}/admin/golive/imports/{app_key}/", {}, files={"file": ("v2.csv", content)})
    assert "/golive/import/" in page.url, page.text[:2000]


def _post(session: requests.Session, address: str, form: dict[str, str], **more: object) -> requests.Response:
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', session.get(address, timeout=30).text)
    assert token is not None
    given = {**form, "csrfmiddlewaretoken": token[1]}
    answer = session.post(address, given, headers={"Referer": address}, timeout=60, **more)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text[:2000]
    return answer


def _number(demo: DemoStack, condition: str) -> int:
    return int(demo.sql(f"SELECT count(*) {INSTALLATIONS} {condition}")[0][0])


def _were_v2(demo: DemoStack, mix: Mix) -> int:
    of_mix = "i.business_id IN (SELECT id FROM partners_business WHERE starts_with(external_business_id, %s))"
    return int(demo.sql(f"SELECT count(*) {INSTALLATIONS} i.mbe_version = 'v2' AND {of_mix}", mix.prefix)[0][0])


def _check_requests(demo: DemoStack) -> None:
    counted = demo.sandbox("get", "state?external_business_id=none")
    for kind in ("debug_token", "installs", "configuration"):
        sent = counted["batches"].get(kind, 0) + counted["requests"].get(kind, 0)
        assert 0 < sent <= MOST_REQUESTS, (kind, sent)
    assert {step for arm in counted["dialogs"].values() for step in arm.values()} == {0}


def _check_records(demo: DemoStack, were_v2: dict[Mix, int]) -> None:
    of_these = f"SELECT i.id {INSTALLATIONS} true"
    features = f"FROM features_feature f WHERE f.installation_id IN ({of_these})"
    listed = sum(BUSINESSES * mix.quarters // 4 * len(mix.features) for mix in MIXES)
    confirmed = sum(number * len(mix.features) for mix, number in were_v2.items())
    same = sum(number * mix.implied for mix, number in were_v2.items())
    assert demo.sql(f"SELECT count(*) {features} AND NOT is_implied AND removed_at IS NULL")[0][0] == listed
    assert demo.sql(f"SELECT count(*) {features} AND is_implied AND removed_at IS NULL")[0][0] == 0
    # A catalog that is the same in its shop has ended as a feature.
    assert demo.sql(f"SELECT count(*) {features}")[0][0] == listed + same - confirmed
    for kind, features_expected in (("installed", listed + same - confirmed), ("confirmed", confirmed)):
        history = f"SELECT count(DISTINCT feature_id) FROM features_change WHERE installation_id IN ({of_these})"
        assert demo.sql(f"{history} AND kind = %s", kind)[0][0] == features_expected
    counts = "SELECT count(*), sum(same_count), sum(gained_count), sum(lost_count) FROM implied_parity"
    assert demo.sql(counts)[0] == (sum(were_v2.values()), same, 0, 0)

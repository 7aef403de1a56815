"""Minutes of life with everything going wrong at once; in the end every record is what Meta has."""

import random
import time

import pytest

from tests.stack import DemoStack
from tests.waiting import eventually

pytestmark = pytest.mark.long

SECONDS = 90
TYPES = ("page_cta", "ig_cta", "pixel", "catalog", "ads", "fb_shop", "messenger_chat", "lead_ads")
FAULTS = ("server_error", "html_error", "empty_body", "truncated", "error_with_200", "success_false")

ROW = (
    "SELECT to_jsonb(i) FROM features_installation i JOIN partners_business b ON b.id = i.business_id"
    " WHERE b.external_business_id = %s"
)


def test_after_a_storm_every_record_is_what_meta_has(demo: DemoStack) -> None:
    chance = random.Random(20260101)
    names = [f"storm-{number}" for number in range(12)]
    for name in names:
        demo.connect(name, "pixel")
        demo.deliver(name)
    demo.knobs(webhooks={"duplicate": True, "reorder": True, "batch": 3, "batch_wait_seconds": 1.0})
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        name = chance.choice(names)
        installed = list(demo.at_meta(name))
        if installed and chance.random() < 0.5:
            demo.change(name, remove=[chance.choice(installed)])
        else:
            demo.change(name, add=[chance.choice(TYPES)])
        demo.knobs(webhooks={"drop": chance.random() < 0.2})
        if chance.random() < 0.3:
            demo.knobs(graph={"fail_next": [{"kind": chance.choice(FAULTS), "count": chance.randint(1, 3)}]})
        time.sleep(chance.random() / 5)
    demo.knobs(webhooks={"drop": False, "reorder": False, "batch": 1}, graph={"fail_next": []})
    demo.reconcile_everything()
    try:
        eventually(lambda: not different(demo, names), within=150)
    finally:
        for name in different(demo, names):
            print(demo.at_meta(name), demo.sql(ROW, name))
    assert max(demo.most_concurrent_fetches().get(name, 0) for name in names) == 1


def different(demo: DemoStack, names: list[str]) -> list[str]:
    """The businesses whose record is not what Meta has."""
    return [name for name in names if demo.installed(name) != demo.at_meta(name)]

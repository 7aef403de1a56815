"""What a running stack survives: parts that freeze or die at the worst moment. Nothing acknowledged is lost."""

import os
import signal
import threading
import time
from collections import Counter

import pytest

from tests.stack import DemoStack
from tests.waiting import eventually

pytestmark = pytest.mark.long


def test_a_webhook_is_taken_while_the_broker_is_away_and_worked_on_within_a_minute_of_its_return(
    demo: DemoStack,
) -> None:
    demo.connect("broker-away", "pixel")
    broker = demo.pids("broker")[0]
    os.kill(broker, signal.SIGSTOP)
    try:
        started = time.monotonic()
        assert demo.deliver("broker-away") == 200
        assert time.monotonic() - started < 2
        time.sleep(5)
    finally:
        os.kill(broker, signal.SIGCONT)
    eventually(lambda: demo.installed("broker-away") == Counter(["pixel"]), within=60)


def test_what_a_killed_worker_had_claimed_is_synced_within_its_lease_and_a_sweep(demo: DemoStack) -> None:
    demo.connect("worker-killed", "pixel")
    demo.knobs(graph={"slow_seconds": 8.0})
    assert demo.deliver("worker-killed") == 200
    eventually(lambda: demo.is_claimed("worker-killed"))
    os.kill(demo.pids("worker")[0], signal.SIGKILL)
    demo.knobs(graph={"slow_seconds": 0.0})
    eventually(lambda: demo.installed("worker-killed") == Counter(["pixel"]), within=100)


def test_a_worker_killed_before_it_woke_anybody_leaves_the_work_to_the_sweep(demo: DemoStack) -> None:
    demo.connect("nobody-woken", "pixel")
    demo.store_silently("nobody-woken")
    eventually(lambda: demo.installed("nobody-woken") == Counter(["pixel"]), within=45)


def test_no_acknowledged_webhook_is_lost_when_the_database_dies(demo: DemoStack) -> None:
    before = demo.count("webhooks_delivery")
    answers: Counter[int] = Counter()
    stop = threading.Event()

    def knock() -> None:
        while not stop.is_set():
            answers[demo.deliver("nobody-known", attempts=1)] += 1

    senders = [threading.Thread(target=knock) for _ in range(3)]
    for sender in senders:
        sender.start()
    time.sleep(1)
    os.kill(demo.pids("database")[0], signal.SIGKILL)
    time.sleep(1)
    eventually(demo.is_ready)
    time.sleep(2)
    stop.set()
    for sender in senders:
        sender.join()
    assert answers[200] > 0
    assert set(answers) <= {200, 503}
    # One more may be stored than was acknowledged: the answer of the last moment can be lost, the row cannot.
    assert answers[200] <= demo.count("webhooks_delivery") - before <= answers[200] + len(senders)
    assert demo.deliver("nobody-known") == 200


def test_connections_stay_flat_over_bursts(demo: DemoStack) -> None:
    peaks = []
    for _ in range(3):
        senders = [threading.Thread(target=lambda: [demo.deliver("burst") for _ in range(60)]) for _ in range(8)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        peaks.append(demo.connections())
    assert max(peaks) <= 60
    assert peaks[-1] <= peaks[0] + 5

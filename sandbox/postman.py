"""Delivery of webhooks: signed, in the background, repeated until the app answers 200."""

import heapq
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import count
from threading import Condition, Thread

import requests

from mbe.signature import sign
from sandbox.knobs import Knobs
from sandbox.model import Json
from sandbox.notices import Notice, body_of
from sandbox.state import State

TIMEOUT_SECONDS = 10.0
MOST_ATTEMPTS = 12
LONGEST_PAUSE_SECONDS = 60.0
LOG_LENGTH = 1_000
Group = tuple[str, str, bool]


@dataclass
class Attempt:
    """One try. `status_code` is None when nothing answered; `error` then says why."""

    at: float
    status_code: int | None
    error: str = ""


@dataclass
class Delivery:
    """One body on its way. `status` is pending, delivered, failed or dropped."""

    delivery_id: int
    app_id: str
    body: bytes
    is_signed: bool = True
    status: str = "pending"
    attempts: list[Attempt] = field(default_factory=list)

    def as_json(self) -> Json:
        """For the log, the body as text."""
        return asdict(self) | {"body": self.body.decode("utf-8", "replace")}


class Postman:
    """A thread that takes what is due. Nothing of it is kept over a restart: Meta loses notices too."""

    def __init__(self, state: State, knobs: Knobs) -> None:
        self._state = state
        self._knobs = knobs
        self._session = requests.Session()
        self._session.trust_env = False
        self._wake = Condition()
        self._numbers = count(1)
        self._due: list[tuple[float, int, Delivery]] = []
        self._held: dict[Group, list[Notice]] = {}
        self._held_until: dict[Group, float] = {}
        self._log: deque[Delivery] = deque(maxlen=LOG_LENGTH)
        self._is_stopped = False
        self._thread = Thread(target=self._run, name="sandbox-webhooks", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is not delivered is lost."""
        with self._wake:
            self._is_stopped = True
            self._wake.notify()
        self._thread.join(TIMEOUT_SECONDS)

    def reset(self) -> None:
        """Forget everything that waits, and the log."""
        with self._wake:
            self._due, self._held, self._held_until = [], {}, {}
            self._log.clear()

    def post(self, notice: Notice) -> None:
        """Send a notice the way the knobs say: at once, later, twice, with others, in another order, or not at all."""
        knobs = self._knobs.webhooks
        if knobs.drop:
            self._new_delivery(notice.app_id, body_of([notice])).status = "dropped"
            return
        group = (notice.app_id, notice.object, notice.is_bare)
        with self._wake:
            self._held.setdefault(group, []).append(notice)
            self._held_until.setdefault(group, time.monotonic() + knobs.batch_wait_seconds)
            if len(self._held[group]) >= self._threshold():
                self._release(group)
            self._wake.notify()

    def post_body(self, app_id: str, body: bytes, *, is_signed: bool = True) -> int:
        """Send that body as it is, at once; gives the delivery's number."""
        delivery = self._new_delivery(app_id, body, is_signed=is_signed)
        self._schedule(delivery, 0.0)
        return delivery.delivery_id

    def flush(self) -> None:
        """Release what is held back for a batch or another order."""
        with self._wake:
            for group in list(self._held):
                self._release(group)

    def log(self) -> list[Json]:
        """The last deliveries, newest first."""
        with self._wake:
            return [delivery.as_json() for delivery in reversed(self._log)]

    def waiting(self) -> int:
        """How many notices and bodies are not delivered yet and will still be tried."""
        with self._wake:
            return sum(map(len, self._held.values())) + sum(one.status == "pending" for one in self._log)

    def _threshold(self) -> int:
        knobs = self._knobs.webhooks
        return max(knobs.batch, 2 if knobs.reorder else 1)

    def _release(self, group: Group) -> None:
        knobs = self._knobs.webhooks
        notices = self._held.pop(group)
        self._held_until.pop(group)
        if knobs.reorder:
            notices.reverse()
        for bundle in [notices] if knobs.batch > 1 else [[notice] for notice in notices]:
            body = body_of(bundle)
            for _ in range(2 if knobs.duplicate else 1):
                self._schedule(self._new_delivery(group[0], body), knobs.delay_seconds)

    def _new_delivery(self, app_id: str, body: bytes, *, is_signed: bool = True) -> Delivery:
        with self._wake:
            delivery = Delivery(next(self._numbers), app_id, body, is_signed)
            self._log.append(delivery)
            return delivery

    def _schedule(self, delivery: Delivery, seconds: float) -> None:
        with self._wake:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), delivery))
            self._wake.notify()

    def _run(self) -> None:
        while not self._is_stopped:
            for delivery in self._take():
                self._send(delivery)

    def _take(self) -> Iterable[Delivery]:
        """The delivery that is due, after a sleep until there may be one."""
        with self._wake:
            now = time.monotonic()
            for group in [group for group, until in self._held_until.items() if until <= now]:
                self._release(group)
            if self._due and self._due[0][0] <= now:
                return [heapq.heappop(self._due)[2]]
            times = [self._due[0][0]] if self._due else []
            times += self._held_until.values()
            if not self._is_stopped:
                self._wake.wait(max(0.0, min(times) - now) if times else None)
            return []

    def _send(self, delivery: Delivery) -> None:
        attempt = self._attempt(delivery)
        delivery.attempts.append(attempt)
        if attempt.status_code == 200:
            delivery.status = "delivered"
        elif len(delivery.attempts) >= MOST_ATTEMPTS:
            delivery.status = "failed"
        else:
            self._schedule(delivery, self._pause(len(delivery.attempts)))

    def _pause(self, attempts: int) -> float:
        if attempts == 1:
            return 0.0
        return float(min(LONGEST_PAUSE_SECONDS, self._knobs.webhooks.retry_seconds * 2 ** (attempts - 2)))

    def _attempt(self, delivery: Delivery) -> Attempt:
        app = self._state.apps.get(delivery.app_id)
        if app is None or not app.callback_url:
            return Attempt(time.time(), None, "the app has no callback URL")
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        if delivery.is_signed:
            headers["X-Hub-Signature-256"] = sign(delivery.body, app.app_secret)
        try:
            answer = self._session.post(
                app.callback_url, data=delivery.body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            return Attempt(time.time(), None, type(error).__name__)
        return Attempt(time.time(), answer.status_code)

"""A sandbox with one app, and the app's webhook endpoint."""

from collections.abc import Iterator

import pytest

from sandbox.server import start
from tests.sandbox.driver import Meta, Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """The app's webhook endpoint."""
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def meta() -> Iterator[Meta]:
    """A sandbox with the standing app, whose webhooks go nowhere."""
    with start() as running:
        meta = Meta(running.url)
        meta.add_app()
        yield meta


@pytest.fixture
def heard(meta: Meta, receiver: Receiver) -> Receiver:
    """The same, with the webhooks received."""
    meta.add_app(callback_url=receiver.url)
    meta.knobs(webhooks={"business_integration": False, "retry_seconds": 0.05, "batch_wait_seconds": 60.0})
    return receiver

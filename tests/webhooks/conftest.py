"""A sandbox Meta that knows one partner's app, and the endpoint with nothing remembered of other tests' apps."""

import pytest

from sandbox.server import RunningSandbox
from tests.factories import MetaAppFactory
from tests.meta import Meta
from webhooks import endpoint


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Forget the apps that the endpoint knows."""
    endpoint._known.clear()


@pytest.fixture
def meta(db: None, sandbox: RunningSandbox) -> Meta:
    """Meta, for tests in one transaction."""
    return Meta(sandbox, MetaAppFactory.create())

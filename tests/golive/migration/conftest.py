"""What the tests of imports stand on."""

import pytest

from sandbox.server import RunningSandbox
from tests.factories import MetaAppFactory
from tests.meta import Meta


@pytest.fixture
def meta(sandbox: RunningSandbox) -> Meta:
    """A sandbox that knows an app."""
    return Meta(sandbox, MetaAppFactory.create())

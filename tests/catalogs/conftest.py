"""A sandbox Meta that knows one partner's app."""

import pytest

from sandbox.server import RunningSandbox
from tests.factories import MetaAppFactory
from tests.meta import Meta


@pytest.fixture
def meta(db: None, sandbox: RunningSandbox) -> Meta:
    """Meta, for tests in one transaction."""
    return Meta(sandbox, MetaAppFactory.create())


@pytest.fixture
def shared_meta(transactional_db: None, sandbox: RunningSandbox) -> Meta:
    """Meta, for tests in which several threads use the database."""
    return Meta(sandbox, MetaAppFactory.create())

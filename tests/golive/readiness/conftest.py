"""A stage over real HTTP for what needs one."""

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from partners.models import Business
from sandbox.server import RunningSandbox
from tests.golive.readiness.stage import Stage


@pytest.fixture
def stage(transactional_db: None, sandbox: RunningSandbox, live_server: LiveServer, settings: Settings) -> Stage:
    """An app that nobody has used yet."""
    settings.PUBLIC_URL = live_server.url
    return Stage.set_up(sandbox, live_server.url)


@pytest.fixture
def real_meta(settings: Settings) -> None:
    """The portal stands before Meta itself, which nothing here asks."""
    settings.PUBLIC_URL, settings.META_GRAPH_URL = "https://portal.example", "https://graph.facebook.com"


@pytest.fixture
def connected(stage: Stage) -> Business:
    """The business that stays connected on a stage that has been through everything, with every check green."""
    business = stage.go_through_everything()
    found = stage.check()
    assert {state for state, _step in found.values()} == {"green"}, found
    return business

"""An app, and somebody of its partner's staff."""

import pytest
from django.test import Client

from partners.models import MetaApp, Role
from tests.admin_rows import signed_in
from tests.factories import MembershipFactory, MetaAppFactory


@pytest.fixture
def app() -> MetaApp:
    """An app that nobody has used yet."""
    row: MetaApp = MetaAppFactory.create()
    return row


@pytest.fixture
def member(app: MetaApp) -> Client:
    """The browser of a manager of its partner."""
    return signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user)

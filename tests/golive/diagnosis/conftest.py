"""A scene: a partner with an app that the sandbox knows, a business with a domain, and a manager."""

import pytest
from pytest_django import Settings

from partners.models import Role
from sandbox.server import RunningSandbox
from tests.admin_rows import signed_in
from tests.factories import BusinessFactory, MembershipFactory, MetaAppFactory
from tests.golive.diagnosis.scene import Scene
from tests.meta import Meta
from webhooks import endpoint


@pytest.fixture
def scene(db: None, sandbox: RunningSandbox, settings: Settings) -> Scene:
    """Nothing has happened yet."""
    endpoint._known.clear()
    app = MetaAppFactory.create(partner__name="Bookly")
    business = BusinessFactory.create(partner=app.partner, name="Lotus Salon", domain="https://lotus.example")
    staff = signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user)
    return Scene(app, business, Meta(sandbox, app), staff, settings)

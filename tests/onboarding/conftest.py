"""A partner with a Meta app and a business, and its merchant."""

import pytest
from pytest_django import Settings

from partners.models import Business, MetaApp, Role
from sandbox.server import RunningSandbox
from tests.admin_rows import signed_in
from tests.factories import BusinessFactory, MembershipFactory, MetaAppFactory
from tests.golive.diagnosis.scene import Scene
from tests.meta import Meta
from tests.onboarding.merchant import Merchant
from webhooks import endpoint


@pytest.fixture
def app(db: None) -> MetaApp:
    """An app that offers everything."""
    return MetaAppFactory.create(partner__name="Bookly")


@pytest.fixture
def business(app: MetaApp) -> Business:
    """A business of that partner, with a domain."""
    return BusinessFactory.create(partner=app.partner, name="Lotus Salon", domain="https://lotus.example")


@pytest.fixture
def merchant(business: Business) -> Merchant:
    """Its merchant, with a link to everything."""
    return Merchant(business)


@pytest.fixture
def meta(app: MetaApp, sandbox: RunningSandbox) -> Meta:
    """A Meta that knows the app."""
    return Meta(sandbox, app)


@pytest.fixture
def scene(app: MetaApp, business: Business, meta: Meta, settings: Settings) -> Scene:
    """Nothing has happened yet."""
    endpoint._known.clear()
    staff = signed_in(MembershipFactory.create(partner=app.partner, role=Role.MANAGER).user)
    return Scene(app, business, meta, staff, settings)

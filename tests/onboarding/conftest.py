"""A partner with a Meta app and a business, and its merchant."""

import pytest

from partners.models import Business, MetaApp
from sandbox.server import RunningSandbox
from tests.factories import BusinessFactory, MetaAppFactory
from tests.meta import Meta
from tests.onboarding.merchant import Merchant


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

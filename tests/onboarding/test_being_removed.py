"""A merchant whose connection is being removed: told so, told what connecting means, and heard when connecting."""

import pytest
from django.utils import timezone

from features.models import Feature, Installation
from features.uninstalling.asking import ask
from features.uninstalling.models import Uninstall
from features.uninstalling.running import run_one
from partners.models import Business, MetaApp
from partners.tenancy import tenant
from tests.factories import AccessTokenFactory, EntryPointFactory, FeatureFactory, InstallationFactory
from tests.features.test_sync import installed, sync
from tests.meta import Meta
from tests.onboarding.merchant import Merchant

State, Reason = Uninstall.State, Uninstall.Reason


@pytest.fixture
def installation(app: MetaApp, business: Business) -> Installation:
    """A connected business with one feature, and a button."""
    EntryPointFactory.create(meta_app=app, slug="book")
    made: Installation = InstallationFactory.create(
        meta_app=app, business=business, state=Installation.State.CONNECTED, reason=""
    )
    AccessTokenFactory.create(installation=made)
    FeatureFactory.create(installation=made, is_enabled=True)
    return made


def asked(installation: Installation, feature: Feature | None = None) -> Uninstall:
    """Staff have it uninstalled."""
    with tenant(installation.partner_id):
        return ask(installation, feature, by="ann")


def text_of(merchant: Merchant) -> str:
    """The launch page."""
    return str(merchant.open().content.decode())


def test_the_page_says_that_it_is_being_removed_and_what_connecting_does(
    installation: Installation, merchant: Merchant
) -> None:
    assert "data-removal" not in text_of(merchant)
    asked(installation)
    content = text_of(merchant)
    assert (
        "is removing this connection at Meta" in content and "you start anew, and the removal is called off" in content
    )
    assert "being removed)</span>" in content and "Connected" in content
    assert 'value="book"' in content and "disabled" not in content


def test_one_feature_that_is_being_removed_is_marked(installation: Installation, merchant: Merchant) -> None:
    FeatureFactory.create(installation=installation, feature_type="catalog")
    asked(installation, Feature.objects.get(feature_type="page_cta"))
    content = text_of(merchant)
    assert "is removing a feature at Meta" in content
    assert content.count("being removed)</span>") == 1


def test_after_it_the_page_says_who_removed_it(installation: Installation, merchant: Merchant) -> None:
    Installation.objects.update(state=Installation.State.DISCONNECTED, reason="uninstalled_by_staff")
    content = text_of(merchant)
    assert "Your service provider has removed the connection at Meta" in content and "data-removal" not in content


def test_whoever_has_connected_anew_is_told_that_it_is_called_off(
    installation: Installation, merchant: Merchant
) -> None:
    asked(installation)
    Uninstall.objects.update(state=State.ACKNOWLEDGED, sent_at=timezone.now(), connected_anew_at=timezone.now())
    assert "That is called off" in text_of(merchant)


@pytest.mark.parametrize("is_sent", [False, True])
def test_a_return_from_meta_calls_it_off(meta: Meta, app: MetaApp, merchant: Merchant, is_sent: bool) -> None:
    EntryPointFactory.create(meta_app=app, slug="book")
    meta.turn(refuse_system_user_token=True, uninstall_reads=100)
    merchant.go_through("book", "FB_SERVICES")
    installation = sync(Installation.objects.get())
    row = asked(installation)
    if is_sent:
        assert run_one(row.partner_id, row.pk)
    merchant.go_through("book", "FB_SERVICES")
    sync(installation)
    run_one(row.partner_id, row.pk)
    row.refresh_from_db()
    assert (row.state, row.reason) == (State.CALLED_OFF, Reason.CONNECTED_ANEW)
    assert meta.calls("uninstall") == int(is_sent)
    assert installation.state == Installation.State.CONNECTED and installed(installation)
    assert "data-removal" not in text_of(merchant)

"""A business in two verticals comes through a second button, which asks for more than the first."""

import pytest

from features.graph import assets_for
from features.models import AccessToken, Installation
from features.sync import drain
from features.tokens import alive_tokens_of
from mbe.errors import PermissionMissing
from onboarding.models import EntryPoint
from sandbox.server import RunningSandbox
from tests.factories import BusinessFactory, EntryPointFactory, MetaAppFactory
from tests.meta import Meta
from tests.onboarding.merchant import Merchant

pytestmark = pytest.mark.django_db(transaction=True)

DOMAIN = "https://lotus.example"


@pytest.fixture
def buttons(sandbox: RunningSandbox) -> tuple[EntryPoint, EntryPoint]:
    """One to book by, one to sell by, of one app."""
    app = MetaAppFactory.create()
    Meta(sandbox, app)
    return (
        EntryPointFactory.create(meta_app=app, slug="book", vertical="APPOINTMENTS", intent="FB_SERVICES"),
        EntryPointFactory.create(meta_app=app, slug="sell", vertical="ECOMMERCE", intent=""),
    )


def goes_through(buttons: tuple[EntryPoint, EntryPoint]) -> tuple[Installation, list[AccessToken]]:
    """The business comes by both; what of system users' tokens there is then, as calls try them."""
    app = buttons[0].meta_app
    business = BusinessFactory.create(partner=app.partner, domain=DOMAIN, verticals=[each.vertical for each in buttons])
    merchant = Merchant(business)
    for button, intents in zip(buttons, (["FB_SERVICES"], ["FB_SERVICES", "ADS"]), strict=True):
        merchant.go_through(button.slug, *intents)
        drain()
    row = Installation.objects.get(business=business)
    return row, [each for each in alive_tokens_of(row.pk) if each.kind == AccessToken.Kind.SYSTEM_USER]


def test_calls_prefer_a_token_that_may_do_what_both_buttons_asked_for(buttons: tuple[EntryPoint, EntryPoint]) -> None:
    row, tokens = goes_through(buttons)
    facts = assets_for(row.meta_app).token_facts(tokens[0].secret)
    assert facts.type == "SYSTEM_USER"
    assert set(facts.scopes) == {*buttons[0].scopes, *buttons[1].scopes}
    assert "ads_read" in facts.scopes and len(tokens) == 2


def test_the_sandbox_refuses_the_first_token_what_only_the_second_login_granted(
    buttons: tuple[EntryPoint, EntryPoint],
) -> None:
    row, (newer, older) = goes_through(buttons)
    assert "ads_read" not in buttons[0].scopes
    account = f"act_{row.features.get(feature_type='ads').connected_assets['ad_account_id']}"
    client = assets_for(row.meta_app)
    with pytest.raises(PermissionMissing):
        client.read(account, ["name"], older.secret)
    assert client.read(account, ["name"], newer.secret)["id"] == account

"""Every row of the specification, all the way: the button, the link, Meta's dialog, the return, the record."""

import pytest

from features.models import Feature, Installation
from features.sync import drain
from mbe.catalog import INTENTS
from partners.models import MetaApp
from tests.factories import EntryPointFactory
from tests.meta import Meta
from tests.onboarding.merchant import Merchant


@pytest.mark.parametrize(("vertical", "intent"), INTENTS)
def test_each_row_ends_with_its_features_on_record(
    meta: Meta, app: MetaApp, merchant: Merchant, vertical: str, intent: str
) -> None:
    EntryPointFactory.create(meta_app=app, slug="go", vertical=vertical, intent=intent)
    merchant.go_through("go", intent)
    drain()
    assert Installation.objects.get().state == Installation.State.CONNECTED
    types = set(Feature.objects.filter(removed_at=None).values_list("feature_type", flat=True))
    assert types == set(INTENTS[vertical, intent].required)


def test_two_verticals_share_one_business_manager_and_both_keep_their_features(
    meta: Meta, app: MetaApp, merchant: Merchant
) -> None:
    EntryPointFactory.create(meta_app=app, slug="book", vertical="APPOINTMENTS", intent="FB_SERVICES")
    EntryPointFactory.create(meta_app=app, slug="chat", vertical="ECOMMERCE", intent="MESSENGER_CHAT")
    merchant.go_through("book", "FB_SERVICES")
    drain()
    manager = Installation.objects.get().business_manager_id
    merchant.go_through("chat", "MESSENGER_CHAT")
    drain()
    assert manager and Installation.objects.get().business_manager_id == manager
    types = set(Feature.objects.filter(removed_at=None).values_list("feature_type", flat=True))
    assert types == {*INTENTS["APPOINTMENTS", "FB_SERVICES"].required, "messenger_chat"}

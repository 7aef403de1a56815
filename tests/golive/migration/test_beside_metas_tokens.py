"""A file's token for a business that has come through the portal already: it stands behind what Meta itself sent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from features.models import AccessToken, Installation
from features.sync import drain
from features.tokens import KEPT_OF_A_KIND, alive_tokens_of
from golive.diagnosis.findings import Status
from golive.diagnosis.loading import load
from golive.diagnosis.walking import walk
from golive.readiness.holders import best_token
from mbe.catalog import BASE_SCOPE
from partners.tenancy import tenant
from tests.factories import BusinessFactory, EntryPointFactory
from tests.golive.migration.files import HEAD, arrived, line, taken
from tests.meta import Meta
from tests.onboarding.merchant import Merchant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(meta: Meta) -> Installation:
    """A business that has signed in by the portal, with a login's token only."""
    meta.turn(refuse_system_user_token=True)
    EntryPointFactory.create(meta_app=meta.app, slug="go")
    Merchant(BusinessFactory.create(partner=meta.app.partner, name="Lotus Salon")).go_through("go", "FB_SERVICES")
    drain()
    return Installation.objects.get()


def bring(meta: Meta, shop: Installation, token: str) -> None:
    """A file brings this token for the business."""
    assert taken(arrived(meta, HEAD + line(shop.business.external_business_id, token))).imported == 1


def older(meta: Meta, shop: Installation) -> str:
    """A living token that may do little, such as one of years ago."""
    return meta.connect(shop.business.external_business_id, "catalog", scopes=[BASE_SCOPE])


def test_an_older_token_of_a_file_takes_no_place_of_the_newer_one(meta: Meta, shop: Installation) -> None:
    sent = {each.secret for each in alive_tokens_of(shop.pk)}
    for _ in range(KEPT_OF_A_KIND + 1):
        bring(meta, shop, older(meta, shop))
    after = [each.secret for each in alive_tokens_of(shop.pk)]
    assert set(after[: len(sent)]) == sent and len(after) == len(sent) + KEPT_OF_A_KIND
    with tenant(shop.partner_id):
        best = best_token(shop)
    assert best is not None and best.secret in sent


def test_a_files_token_that_ends_soon_warns_of_nothing_where_a_longer_one_is_used(
    meta: Meta, shop: Installation
) -> None:
    bring(meta, shop, older(meta, shop))
    soon = timezone.now() + timedelta(days=7)
    AccessToken.objects.filter(is_imported=True).update(expires_at=soon)
    with tenant(shop.partner_id):
        assert walk(load(meta.app, shop.business)).findings["token"].status == Status.OK
        AccessToken.objects.filter(is_imported=False).update(expires_at=soon)
        assert walk(load(meta.app, shop.business)).findings["token"].status == Status.WEAK


def test_the_file_sent_once_more_finds_its_token_again(meta: Meta, shop: Installation) -> None:
    token = older(meta, shop)
    bring(meta, shop, token)
    assert taken(arrived(meta, HEAD + line(shop.business.external_business_id, token))).unchanged == 1


def test_of_a_business_that_only_files_know_the_newest_files_token_is_used(meta: Meta) -> None:
    tokens = [meta.connect("shop-1", "catalog") for _ in range(KEPT_OF_A_KIND + 1)]
    for token in tokens:
        assert taken(arrived(meta, HEAD + line("shop-1", token))).imported == 1
    row = Installation.objects.get()
    assert [each.secret for each in alive_tokens_of(row.pk)] == tokens[:0:-1]


def test_the_login_that_meta_sent_is_exchanged_before_a_files(meta: Meta, shop: Installation) -> None:
    AccessToken.objects.update(exchange_tried_at=None, scopes=[])
    bring(meta, shop, older(meta, shop))
    meta.turn(refuse_system_user_token=False)
    drain()
    tried = AccessToken.objects.exclude(exchange_tried_at=None)
    assert [each.is_imported for each in tried] == [False]

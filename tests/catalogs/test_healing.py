"""A stopped push to a catalog goes on by itself when the token or the secret comes that it lacked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone

from catalogs.claims import claim_due
from catalogs.failing import settle_failure
from catalogs.models import Catalog
from catalogs.standing import remedy
from features.models import AccessToken, Cause
from features.remedies import SECRET_REMEDY
from features.tokens import ReceivedToken, keep
from mbe.errors import PermissionMissing
from tests.catalogs.shops import Shop, at_meta, shop, work
from tests.features.test_healing import keep as type_in
from tests.meta import Meta, hint

pytestmark = pytest.mark.django_db(transaction=True)

State, Reason = Catalog.State, Catalog.Reason


def selling(meta: Meta) -> Shop:
    """A shop with two products, and nothing of them pushed."""
    made = shop(meta)
    made.sells("lamp", "chair")
    return made


def sent(meta: Meta) -> int:
    """How often something was sent to a catalog, taken or refused."""
    return meta.calls("items_batch")


def is_in_step(made: Shop) -> bool:
    """Whether Meta has both, and we know it."""
    return made.catalog().state == State.IN_STEP and at_meta(made)["count"] == 2


def with_a_wrong_secret(meta: Meta) -> Shop:
    """A shop whose push stopped because the secret that is kept is not Meta's."""
    made = selling(meta)
    type_in(meta.app, "wrong")
    made.push()
    assert (made.catalog().state, made.catalog().reason) == (State.STOPPED, Reason.REFUSED)
    return made


def without_permission(meta: Meta) -> Shop:
    """A shop whose push stopped because neither token may write the catalog."""
    made = selling(meta)
    meta.change("shop", withheld_scopes=["catalog_management"])
    made.push()
    assert made.catalog().reason == Reason.PERMISSION
    return made


@contextmanager
def no_sync_in_between(made: Shop) -> Iterator[None]:
    """No sync is applied meanwhile: what heals a catalog here is not what heals one that was synced."""
    made.installation.refresh_from_db()
    before = made.installation.applied_generation
    yield
    made.installation.refresh_from_db()
    assert made.installation.applied_generation == before


def test_the_right_secret_has_the_push_go_on(meta: Meta) -> None:
    right = meta.app.secret
    made = with_a_wrong_secret(meta)
    with no_sync_in_between(made):
        work()
        assert made.catalog().state == State.STOPPED
        type_in(meta.app, right)
        work()
    assert is_in_step(made) and made.catalog().reason == ""


def test_another_wrong_secret_costs_one_try(meta: Meta) -> None:
    made = with_a_wrong_secret(meta)
    type_in(meta.app, "wrong too")
    before = sent(meta)
    tries = made.catalog().attempt
    for _ in range(3):
        work()
    assert made.catalog().attempt == tries + 1 and sent(meta) - before <= 2
    assert made.catalog().state == State.STOPPED


def test_a_new_secret_wakes_nothing_that_was_refused_for_something_else(meta: Meta) -> None:
    made = with_a_wrong_secret(meta)
    assert remedy(made.catalog()) == str(SECRET_REMEDY)
    Catalog.objects.update(detail="(#100) Something else")
    assert remedy(made.catalog()) != str(SECRET_REMEDY)
    type_in(meta.app, "another")
    work()
    assert made.catalog().state == State.STOPPED


def test_a_new_token_has_the_push_go_on_that_a_permission_stopped(meta: Meta) -> None:
    made = without_permission(meta)
    with no_sync_in_between(made):
        work()
        assert made.catalog().state == State.STOPPED
        meta.change("shop", withheld_scopes=[])
        keep([ReceivedToken(made.installation, meta.connect("shop"))])
        work()
    assert is_in_step(made)


def test_a_new_token_without_the_permission_costs_one_try(meta: Meta) -> None:
    made = without_permission(meta)
    keep([ReceivedToken(made.installation, meta.connect("shop"))])
    tries = made.catalog().attempt
    for _ in range(3):
        work()
    assert (made.catalog().attempt, made.catalog().reason) == (tries + 1, Reason.PERMISSION)


def test_a_token_that_came_during_the_look_is_not_missed(meta: Meta) -> None:
    made = selling(meta)
    made.ask()
    claim = claim_due()
    assert claim is not None
    keep([ReceivedToken(made.installation, meta.connect("shop"))])
    hint(made.installation, Cause.RETURN)
    settle_failure(claim, PermissionMissing("(#200) Missing"))
    assert made.catalog().state == State.STOPPED
    # The sync of that hint was asked for before the stop, and says nothing of it.
    made.sync()
    work()
    assert is_in_step(made)


def test_a_token_that_was_there_or_is_dead_heals_nothing(meta: Meta) -> None:
    made = without_permission(meta)
    keep([ReceivedToken(made.installation, "older", received_at=timezone.now() - timedelta(hours=1))])
    keep([ReceivedToken(made.installation, "dead", dead_because="It was revoked.")])
    assert AccessToken.objects.filter(installation=made.installation).count() > 2
    tries = made.catalog().attempt
    work()
    assert made.catalog().attempt == tries

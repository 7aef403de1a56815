"""What Meta's errors mean for a push: wait, try again, or stop with a word; and what ends a stop."""

from datetime import timedelta

from django.utils import timezone

from catalogs.claims import due
from catalogs.models import Catalog, CatalogItem, ItemBatch
from features.models import AccessToken, Cause, Installation
from features.tokens import ReceivedToken, keep
from partners.models import MetaApp
from tests.catalogs.shops import Shop, at_meta, retry_now, shop, work
from tests.meta import Meta, hint

State, Reason = Catalog.State, Catalog.Reason


def selling(meta: Meta) -> Shop:
    """A shop with two products, and nothing of them pushed."""
    made = shop(meta)
    made.sells("lamp", "chair")
    return made


def is_in_step(made: Shop) -> bool:
    """Whether Meta has both, and we know it."""
    catalog = made.catalog()
    return (catalog.state, catalog.items_confirmed) == (State.IN_STEP, 2) and at_meta(made)["count"] == 2


def test_while_meta_is_down_the_push_waits_and_then_goes_on(meta: Meta) -> None:
    made = selling(meta)
    meta.fail("html_error", path="items_batch", count=2)
    made.push()
    catalog = made.catalog()
    assert (catalog.failures, catalog.items_confirmed) == (1, 0) and catalog.detail
    assert catalog.due_at is not None and timezone.now() < catalog.due_at < timezone.now() + timedelta(seconds=10)
    assert not ItemBatch.objects.exists()
    work()
    assert made.catalog().failures == 1, "not before its time"
    retry_now()
    work()
    assert made.catalog().failures == 2
    retry_now()
    work()
    assert is_in_step(made)
    assert (made.catalog().failures, made.catalog().detail) == (0, "")


def test_asking_ends_a_back_off(meta: Meta) -> None:
    made = selling(meta)
    meta.fail("server_error", path="items_batch")
    made.push()
    made.push()
    assert is_in_step(made)


def test_an_answer_that_is_lost_has_the_items_sent_once_more(meta: Meta) -> None:
    made = selling(meta)
    meta.fail("lost_answer", path="items_batch")
    made.push()
    assert at_meta(made)["batches_received"] == 1
    assert set(CatalogItem.objects.values_list("confirmed", flat=True)) == {CatalogItem.UNSURE}
    assert made.catalog().items_confirmed == 0
    retry_now()
    work()
    assert is_in_step(made) and at_meta(made)["batches_received"] == 2


def test_what_a_lost_answer_may_have_brought_is_deleted_with_its_product(meta: Meta) -> None:
    made = selling(meta)
    meta.fail("lost_answer", path="items_batch")
    made.push()
    made.drops("lamp", "chair")
    meta.turn_catalog(refuse_ids=["chair"])
    made.push()
    catalog = made.catalog()
    assert (catalog.state, catalog.items_refused) == (State.IN_STEP, 0), "nobody knows whether there was a chair"
    assert not CatalogItem.objects.exists()


def test_a_limit_of_the_catalog_is_waited_out_whoever_asks(meta: Meta) -> None:
    made = selling(meta)
    meta.fail("rate_limit_buc", path="items_batch", minutes=7)
    made.push()
    catalog = made.catalog()
    assert catalog.not_before is not None
    assert timedelta(minutes=6) < catalog.not_before - timezone.now() <= timedelta(minutes=7)
    assert MetaApp.objects.get().paused_until is None, "the app's other calls go on"
    made.push()
    assert at_meta(made)["batches_received"] == 0
    retry_now()
    work()
    assert is_in_step(made)


def test_a_limit_while_a_batch_is_on_its_way_leaves_it_there(meta: Meta) -> None:
    made = selling(meta)
    meta.fail("rate_limit_buc", path="batch_status")
    made.push()
    assert ItemBatch.objects.exclude(handles=[]).count() == 1
    assert not due().exists()
    retry_now()
    work()
    assert is_in_step(made) and at_meta(made)["batches_received"] == 1


def test_a_limit_of_the_app_pauses_the_app(meta: Meta) -> None:
    made = selling(meta)
    meta.fail("rate_limit_app", path="items_batch", minutes=7)
    made.push()
    assert MetaApp.objects.get().paused_until is not None
    made.ask()
    assert not due().exists()
    MetaApp.objects.update(paused_until=None)
    retry_now()
    work()
    assert is_in_step(made)


def test_a_missing_permission_stops_and_a_sync_with_it_granted_goes_on(meta: Meta) -> None:
    made = selling(meta)
    meta.change("shop", withheld_scopes=["catalog_management"])
    made.push()
    catalog = made.catalog()
    assert (catalog.state, catalog.reason, catalog.due_at) == (State.STOPPED, Reason.PERMISSION, None)
    assert "catalog_management" in catalog.detail
    work()
    assert made.catalog().state == State.STOPPED
    meta.change("shop", withheld_scopes=[])
    hint(made.installation)
    made.sync()
    work()
    assert is_in_step(made) and made.catalog().reason == ""


def test_a_sync_that_was_asked_for_before_the_stop_does_not_end_it(meta: Meta) -> None:
    made = selling(meta)
    meta.change("shop", withheld_scopes=["catalog_management"])
    hint(made.installation)
    made.push()
    made.sync()
    work()
    assert made.catalog().state == State.STOPPED


def test_what_meta_refuses_as_such_stops_until_somebody_asks(meta: Meta) -> None:
    made = selling(meta)
    Catalog.objects.update(catalog_id="not-an-id")
    made.push()
    assert (made.catalog().state, made.catalog().reason) == (State.STOPPED, Reason.REFUSED)
    made.push()
    assert made.catalog().failures == 1, "it was tried once more, from the beginning"


def test_a_catalog_that_meta_shows_to_no_token_stops_with_its_words(meta: Meta) -> None:
    made = selling(meta)
    meta.fail("not_visible", path="items_batch", count=2)
    made.push()
    assert (made.catalog().state, made.catalog().reason) == (State.STOPPED, Reason.NOT_VISIBLE)
    assert made.catalog().detail


def test_a_dead_token_is_buried_and_the_next_one_used(meta: Meta) -> None:
    made = selling(meta)
    dead = AccessToken.objects.get(installation=made.installation, kind=AccessToken.Kind.SYSTEM_USER)
    meta.change("shop", kill_tokens=463, token_kind="SYSTEM_USER")
    made.push()
    assert is_in_step(made)
    dead.refresh_from_db()
    assert dead.dead_at is not None


def test_without_a_living_token_it_stops_and_the_connection_is_looked_at(meta: Meta) -> None:
    made = selling(meta)
    meta.change("shop", kill_tokens=463)
    made.push()
    assert (made.catalog().state, made.catalog().reason) == (State.STOPPED, Reason.NO_TOKEN)
    made.installation.refresh_from_db()
    assert made.installation.is_syncing and made.installation.requested_cause == Cause.PUSH
    made.sync()
    made.installation.refresh_from_db()
    assert made.installation.state == Installation.State.RECONNECT
    # The merchant comes back through the dialog.
    keep([ReceivedToken(made.installation, meta.connect("shop"))])
    hint(made.installation, Cause.RETURN)
    made.sync()
    work()
    assert is_in_step(made)


def test_without_a_connection_nothing_is_sent_until_it_is_back(meta: Meta) -> None:
    made = selling(meta)
    Installation.objects.update(state=Installation.State.RECONNECT)
    made.push()
    assert at_meta(made)["batches_received"] == 0 and made.catalog().state == State.WAITING
    Installation.objects.update(state=Installation.State.CONNECTED)
    work()
    assert is_in_step(made)


def test_a_batch_that_meta_has_forgotten_is_sent_again(meta: Meta) -> None:
    made = selling(meta)
    meta.fail("server_error", path="batch_status")
    made.push()
    ItemBatch.objects.update(handles=["forgotten"], sent_at=timezone.now() - timedelta(hours=2))
    retry_now()
    work()
    assert made.catalog().state == State.PUSHING and not ItemBatch.objects.exists()
    retry_now()
    work()
    assert is_in_step(made)


def test_a_batch_that_meta_refuses_to_know_at_once_stops_the_push(meta: Meta) -> None:
    made = selling(meta)
    meta.fail("server_error", path="batch_status")
    made.push()
    ItemBatch.objects.update(handles=["never-known"])
    retry_now()
    work()
    assert (made.catalog().state, made.catalog().reason) == (State.STOPPED, Reason.REFUSED)
    made.push()
    assert is_in_step(made)

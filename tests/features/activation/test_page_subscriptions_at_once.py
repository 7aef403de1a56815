"""Several workers see to one Page's subscription at once."""

import threading
from collections.abc import Callable, Sequence
from functools import partial

from django.db import connection
from django.utils import timezone

from features.activation.models import PageSubscription
from features.activation.page_subscriptions import FIELDS, bring_in_line
from features.graph import assets_for
from features.models import AccessToken, Feature, Installation
from partners.tenancy import tenant
from tests.features.activation.looking import changed, connected, look
from tests.features.activation.test_page_subscriptions import LEADS, MESSAGES, move, page_of, subscribed
from tests.meta import Meta


class Overtaken:
    """A worker's calls, whose first write comes late: another worker has done all of its work before."""

    def __init__(self, installation: Installation, other: Callable[[], None]) -> None:
        with tenant(installation.partner_id):
            self._token = AccessToken.objects.filter(installation=installation).latest("pk").secret
        self._client = assets_for(installation.meta_app)
        self._others = [other]

    def _own(self, page_id: str) -> str:
        return self._client.page_token(page_id, self._token)

    def subscribed_fields(self, page_id: str) -> tuple[str, ...]:
        return self._client.subscribed_fields(page_id, self._own(page_id))

    def subscribe(self, page_id: str, fields: Sequence[str]) -> None:
        while self._others:
            self._others.pop()()
        self._client.subscribe(page_id, self._own(page_id), fields)

    def unsubscribe(self, page_id: str) -> None:
        while self._others:
            self._others.pop()()
        self._client.unsubscribe(page_id, self._own(page_id))


def test_a_write_that_comes_too_late_drops_nobodys_fields(meta: Meta) -> None:
    salon, spa = connected(meta, "salon", "lead_ads"), connected(meta, "spa", "messaging")
    page_id = page_of("lead_ads")

    def spa_comes() -> None:
        move(meta, spa, "messaging", page_id)
        look(spa)
        assert subscribed(meta) == {page_id: LEADS | MESSAGES}

    bring_in_line(salon, page_id, Overtaken(salon, spa_comes), FIELDS["lead_ads"])
    assert subscribed(meta) == {page_id: LEADS | MESSAGES}


def test_an_ending_that_comes_too_late_drops_nobodys_fields(meta: Meta) -> None:
    salon, spa = connected(meta, "salon", "lead_ads"), connected(meta, "spa", "messaging")
    page_id = page_of("lead_ads")
    look(salon)
    Feature.objects.filter(feature_type="lead_ads").update(removed_at=timezone.now())

    def spa_comes() -> None:
        move(meta, spa, "messaging", page_id)
        look(spa)

    bring_in_line(salon, page_id, Overtaken(salon, spa_comes))
    assert subscribed(meta) == {page_id: MESSAGES}
    assert PageSubscription.objects.get().installation == spa


def test_businesses_that_come_and_go_at_once_lose_no_field(shared_meta: Meta) -> None:
    meta = shared_meta
    page_id, types = "700700700", ("lead_ads", "messaging")
    shops = [connected(meta, f"shop-{n}", types[n % 2]) for n in range(4)]
    meta.turn(slow_seconds=0.02)

    def come(n: int) -> None:
        work(lambda: move(meta, shops[n], types[n % 2], page_id), shops[n])

    def go(n: int) -> None:
        work(lambda: changed(meta, shops[n], remove=[types[n % 2]]), shops[n])

    at_once([partial(come, n) for n in range(4)])
    assert subscribed(meta)[page_id] == LEADS | MESSAGES
    at_once([partial(go, n) for n in (1, 3)])
    settle(shops)
    assert subscribed(meta)[page_id] == LEADS


def work(change: Callable[[], None], installation: Installation) -> None:
    """Change what is installed and look at it, in a thread of its own."""
    try:
        change()
        look(installation)
    finally:
        connection.close()


def settle(installations: Sequence[Installation]) -> None:
    """Look at what was handed over."""
    for installation in installations:
        look(installation)


def at_once(works: Sequence[Callable[[], None]]) -> None:
    """Do it all in as many threads."""
    threads = [threading.Thread(target=each) for each in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

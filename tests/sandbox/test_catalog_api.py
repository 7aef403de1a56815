"""Catalogs: batches of items, their status, and what is kept."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.server import start
from tests.sandbox.driver import Json, Meta, eventually


def item(number: int, **more: Any) -> Json:
    data = {
        "id": f"sku-{number}",
        "title": f"Shirt {number}",
        "description": "Cotton",
        "availability": "in stock",
        "condition": "new",
        "price": "9.99 USD",
        "link": f"https://shop.example/{number}",
        "image_link": f"https://shop.example/{number}.jpg",
        "brand": "Own",
    }
    return {name: value for name, value in (data | more).items() if value is not None}


def create(*items: Json) -> list[Json]:
    return [{"method": "CREATE", "data": one} for one in items]


class Shop:
    """One business with a catalog."""

    def __init__(self, meta: Meta, name: str = "shop") -> None:
        self.meta = meta
        connected = meta.connect(name, "catalog")
        self.token = connected["access_token"]
        self.catalog_id = connected["assets"]["catalog_id"]

    def send(self, requests_: Any, **more: Any) -> requests.Response:
        params = {"item_type": "PRODUCT_ITEM", "requests": json.dumps(requests_)} | more
        return self.meta.graph("POST", f"{self.catalog_id}/items_batch", self.token, **params)

    def look(self, handle: str) -> requests.Response:
        edge = f"{self.catalog_id}/check_batch_request_status"
        return self.meta.graph("GET", edge, self.token, handle=handle)

    def finish(self, requests_: Any, **more: Any) -> Json:
        (handle,) = self.send(requests_, **more).json()["handles"]
        while (status := self.look(handle).json()["data"][0])["status"] != "finished":
            pass
        return dict(status)

    def ids(self) -> list[str]:
        return list(self.meta.control("GET", f"catalogs/{self.catalog_id}")["ids"])

    def count(self) -> int:
        answer = self.meta.graph("GET", self.catalog_id, self.token, fields="name,product_count,vertical").json()
        return int(answer["product_count"])


@pytest.fixture
def shop(meta: Meta) -> Shop:
    return Shop(meta)


def test_items_take_effect_when_the_batch_is_finished(shop: Shop) -> None:
    (handle,) = shop.send(create(item(1), item(2))).json()["handles"]
    assert shop.look(handle).json()["data"][0]["status"] == "in_progress"
    assert (shop.count(), shop.ids()) == (0, [])
    (status,) = shop.look(handle).json()["data"]
    assert (status["handle"], status["status"], status["errors_total_count"]) == (handle, "finished", 0)
    assert (shop.count(), shop.ids()) == (2, ["sku-1", "sku-2"])


def test_items_are_changed_and_removed(shop: Shop) -> None:
    shop.finish(create(item(1), item(2)))
    before = shop.meta.control("GET", f"catalogs/{shop.catalog_id}")
    changed = {"method": "UPDATE", "data": {"id": "sku-1", "price": "12.50 USD"}}
    gone = {"method": "DELETE", "data": {"id": "sku-2"}}
    assert shop.finish([changed, gone, {"method": "DELETE", "data": {"id": "sku-3"}}])["errors"] == []
    after = shop.meta.control("GET", f"catalogs/{shop.catalog_id}")
    assert (after["ids"], after["prices"]) == (["sku-1"], {"sku-1": "12.50 USD"})
    assert (after["batches_received"], after["requests_received"]) == (2, 5)
    assert after["digest"] != before["digest"]


def test_the_same_items_sent_again_change_nothing(shop: Shop) -> None:
    shop.finish(create(item(1), item(2)))
    before = shop.meta.control("GET", f"catalogs/{shop.catalog_id}")["digest"]
    shop.finish([{"method": "UPDATE", "data": item(2)}, {"method": "UPDATE", "data": item(1)}])
    assert shop.meta.control("GET", f"catalogs/{shop.catalog_id}")["digest"] == before
    shop.finish([{"method": "UPDATE", "data": item(1, title="Coat")}])
    assert shop.meta.control("GET", f"catalogs/{shop.catalog_id}")["digest"] != before


def test_bad_items_are_named_and_the_good_ones_taken(shop: Shop) -> None:
    shop.meta.knobs(catalog={"refuse_ids": ["sku-4"]})
    status = shop.finish(create(item(1, title=None), item(2), item(3, price="cheap"), item(4)))
    assert shop.ids() == ["sku-2"]
    assert status["errors_total_count"] == 3
    assert status["ids_of_invalid_requests"] == ["sku-1", "sku-3", "sku-4"]
    assert [(one["line"], one["id"]) for one in status["errors"]] == [(0, "sku-1"), (2, "sku-3"), (3, "sku-4")]
    assert "title" in status["errors"][0]["message"] and "cheap" in status["errors"][1]["message"]


def test_an_update_makes_an_item_only_where_that_is_allowed(shop: Shop) -> None:
    update = [{"method": "UPDATE", "data": item(1)}]
    assert shop.finish(update, allow_upsert="false")["errors_total_count"] == 1
    assert shop.finish([{"method": "UPDATE", "data": {"id": "sku-1", "price": "1 USD"}}])["errors_total_count"] == 1
    assert shop.finish(update)["errors_total_count"] == 0
    assert shop.ids() == ["sku-1"]


def test_batches_end_in_their_order(shop: Shop) -> None:
    (first,) = shop.send(create(item(1), item(2))).json()["handles"]
    shop.finish([{"method": "DELETE", "data": {"id": "sku-1"}}])
    assert shop.ids() == ["sku-2"]
    assert shop.look(first).json()["data"][0]["status"] == "finished"


def test_how_often_a_batch_is_looked_at_is_a_knob(shop: Shop) -> None:
    shop.meta.knobs(catalog={"polls_until_finished": 0})
    (handle,) = shop.send(create(item(1))).json()["handles"]
    assert shop.count() == 1
    shop.meta.knobs(catalog={"polls_until_finished": 3})
    (handle,) = shop.send(create(item(2))).json()["handles"]
    looks = [shop.look(handle).json()["data"][0]["status"] for _ in range(4)]
    assert looks == ["in_progress"] * 3 + ["finished"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"requests": "[]"},
        {"requests": "{}"},
        {"requests": "no json"},
        {"requests": "[7]"},
        {"requests": json.dumps([{"method": "DANCE", "data": {"id": "1"}}])},
        {"requests": json.dumps([{"method": "CREATE", "data": {}}])},
        {"requests": json.dumps([{"method": "DELETE", "data": {"id": "1"}}] * 5001)},
        {"item_type": ""},
        {"item_type": "HOTEL"},
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_as_a_whole(shop: Shop, wrong: dict[str, str]) -> None:
    answer = shop.send(create(item(1)), **wrong)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert shop.meta.control("GET", f"catalogs/{shop.catalog_id}")["batches_received"] == 0


def test_a_body_that_is_too_large_is_refused(shop: Shop) -> None:
    answer = shop.send(create(item(1, description="x" * 28 * 1024 * 1024)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, 1)


def test_an_unknown_handle_and_a_foreign_catalog_are_refused(shop: Shop) -> None:
    other = Shop(shop.meta, "other")
    (handle,) = other.send(create(item(1))).json()["handles"]
    assert shop.look(handle).json()["error"]["code"] == 100
    other.catalog_id = shop.catalog_id
    assert other.send(create(item(1))).json()["error"]["error_subcode"] == 33
    pixel = shop.meta.connect("shop", "pixel")["assets"]["pixel_id"]
    shop.catalog_id = pixel
    assert shop.send(create(item(1))).json()["error"]["code"] == 100


def test_a_withheld_permission_and_a_limit_of_its_own(shop: Shop) -> None:
    shop.meta.knobs(graph={"fail_next": {"kind": "rate_limit_buc", "path": "items_batch", "minutes": 2}})
    assert shop.count() == 0
    limited = shop.send(create(item(1)))
    assert limited.json()["error"]["code"] == 80014
    (rows,) = json.loads(limited.headers["X-Business-Use-Case-Usage"]).values()
    assert (rows[0]["type"], rows[0]["estimated_time_to_regain_access"]) == ("catalog_batch", 2)
    shop.meta.control("PATCH", "connections/shop", {"withheld_scopes": ["catalog_management"]})
    refused = shop.send(create(item(1)))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, 10)


def test_a_lost_answer_leaves_the_batch_taken(shop: Shop) -> None:
    shop.meta.knobs(graph={"fail_next": {"kind": "lost_answer", "path": "items_batch"}})
    answer = shop.send(create(item(1)))
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert shop.meta.control("GET", f"catalogs/{shop.catalog_id}")["batches_received"] == 1


def test_products_are_read_page_by_page(shop: Shop) -> None:
    shop.finish(create(*map(item, range(5))))
    edge = f"{shop.catalog_id}/products"
    seen, after = [], ""
    for _ in range(3):
        params = {"fields": "retailer_id,price", "limit": "2"} | ({"after": after} if after else {})
        page = shop.meta.graph("GET", edge, shop.token, **params).json()
        seen += [row["retailer_id"] for row in page["data"]]
        after = page["paging"]["cursors"]["after"]
    assert seen == [f"sku-{number}" for number in range(5)]
    assert "next" not in page["paging"]
    assert shop.meta.graph("GET", edge, shop.token, after="gone").json()["error"]["code"] == 100


def test_many_items_are_taken_fast(shop: Shop) -> None:
    began = time.monotonic()
    for first in range(0, 20_000, 5_000):
        status = shop.finish(create(*map(item, range(first, first + 5_000))))
        assert status["errors_total_count"] == 0
    assert shop.count() == 20_000
    assert time.monotonic() - began < 20


def test_items_survive_a_restart_in_a_file_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with start(state_path=path) as running:
        meta = Meta(running.url)
        meta.add_app()
        shop = Shop(meta)
        shop.finish(create(item(1)))
        assert eventually(lambda: path.exists() and shop.catalog_id in path.read_text())
        before = meta.control("GET", f"catalogs/{shop.catalog_id}")
    assert "sku-1" not in path.read_text()
    with start(state_path=path) as running:
        again = Meta(running.url).control("GET", f"catalogs/{shop.catalog_id}")
        assert (again["digest"], again["prices"]) == (before["digest"], before["prices"])
        Meta(running.url).control("POST", "reset", {"only": ["connections"]})
        assert Meta(running.url).control("GET", f"catalogs/{shop.catalog_id}")["count"] == 0

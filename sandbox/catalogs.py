"""The catalogs' items, small enough for a hundred thousand of each: a digest and the price are all that is kept."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from threading import RLock

from sandbox.catalog_items import ItemRequest, refusal_of
from sandbox.model import Json

DIGEST_BYTES = 8
KEPT_HANDLES = 10_000
SHOWN_IDS = 1_000


@dataclass
class Batch:
    """One `items_batch`. Its `effects` (item id -> what is kept, None for removed) wait until it is finished."""

    handle: str
    looks_left: int
    effects: dict[str, bytes | None] = field(default_factory=dict, repr=False)
    errors: list[Json] = field(default_factory=list)
    is_finished: bool = False


@dataclass
class Catalog:
    """One catalog: item id -> digest and price, in the order of their first coming."""

    items: dict[str, bytes] = field(default_factory=dict, repr=False)
    batches: dict[str, Batch] = field(default_factory=dict, repr=False)
    batches_received: int = 0
    requests_received: int = 0

    def take(
        self, handle: str, requests: list[ItemRequest], looks: int, refused_ids: Collection[str], *, allow_upsert: bool
    ) -> Batch:
        """Check every item and keep what is good for the end of the batch, which comes after so many looks."""
        batch = Batch(handle, looks)
        self.batches_received += 1
        self.requests_received += len(requests)
        for line, request in enumerate(requests):
            before = batch.effects[request.item_id] if request.item_id in batch.effects else self._now(request.item_id)
            reason = refusal_of(request, refused_ids, is_there=before is not None, allow_upsert=allow_upsert)
            if reason:
                batch.errors.append({"line": line, "id": request.item_id, "message": reason})
            else:
                batch.effects[request.item_id] = _kept(request, before)
        self.batches[handle] = batch
        for old in list(islice(self.batches, max(0, len(self.batches) - KEPT_HANDLES))):
            self._finish(self.batches.pop(old))
        if not looks:
            self.look(handle)
        return batch

    def look(self, handle: str) -> Batch | None:
        """One look at a batch, None for an unknown one. With the last look it and all before it take effect."""
        batch = self.batches.get(handle)
        if batch is None or batch.is_finished:
            return batch
        if batch.looks_left:
            batch.looks_left -= 1
            return batch
        for one in list(self.batches.values()):
            self._finish(one)
            if one is batch:
                break
        return batch

    def as_json(self) -> Json:
        """Counters, the first ids with their prices, and a digest of everything, whatever the order."""
        first = dict(islice(self.items.items(), SHOWN_IDS))
        digest = 0
        for item_id, kept in self.items.items():
            digest ^= int.from_bytes(blake2b(item_id.encode() + kept, digest_size=DIGEST_BYTES).digest())
        return {
            "count": len(self.items),
            "batches_received": self.batches_received,
            "requests_received": self.requests_received,
            "ids": list(first),
            "prices": {item_id: price_of(kept) for item_id, kept in first.items()},
            "digest": f"{digest:016x}",
        }

    def after(self, item_id: str) -> Iterator[tuple[str, bytes]]:
        """The items that follow that one, or all."""
        rows = iter(list(self.items.items()))
        if item_id in self.items:
            next(key for key, _ in rows if key == item_id)
        return rows

    def _now(self, item_id: str) -> bytes | None:
        """What will be kept of an item once the batches before have ended."""
        for batch in reversed(self.batches.values()):
            if batch.is_finished:
                break
            if item_id in batch.effects:
                return batch.effects[item_id]
        return self.items.get(item_id)

    def _finish(self, batch: Batch) -> None:
        batch.is_finished = True
        for item_id, kept in batch.effects.items():
            if kept is None:
                self.items.pop(item_id, None)
            else:
                self.items[item_id] = kept
        batch.effects = {}


class Catalogs:
    """Every catalog that was ever written to. What is in a snapshot are the items; unfinished batches are not."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._catalogs: dict[str, Catalog] = {}

    def of(self, catalog_id: str) -> Catalog:
        """The catalog with that id, empty at first. Hold `lock` while working with it."""
        with self.lock:
            return self._catalogs.setdefault(catalog_id, Catalog())

    def reset(self) -> None:
        """Every catalog is empty."""
        with self.lock:
            self._catalogs = {}

    def as_json(self) -> Json:
        """What a snapshot holds."""
        rows = self._catalogs.items()
        return {key: {name: kept.hex() for name, kept in one.items.items()} for key, one in rows}

    def load(self, snapshot: Json) -> None:
        """Take over what `as_json` gave."""
        with self.lock:
            self._catalogs = {
                key: Catalog({name: bytes.fromhex(kept) for name, kept in items.items()})
                for key, items in snapshot.items()
            }


def _kept(request: ItemRequest, before: bytes | None) -> bytes | None:
    if request.method == "DELETE":
        return None
    words = json.dumps(request.data, sort_keys=True).encode()
    price = request.price or price_of(before or b"")
    return blake2b(words, digest_size=DIGEST_BYTES).digest() + price.encode()


def price_of(kept: bytes) -> str:
    """The price in what is kept of an item."""
    return kept[DIGEST_BYTES:].decode()

"""A stored body as people may see it: readable, and without secrets."""

import json

from mbe.masking import mask_secrets, scrub
from partners.encryption import UnknownKey
from webhooks.models import Delivery

MOST_CHARACTERS = 20_000


def masked_body(delivery: Delivery) -> str | None:
    """The body with every secret masked, cut at 20,000 characters; None when no key opens it any more."""
    try:
        raw = delivery.raw_body
    except UnknownKey:
        return None
    try:
        text = json.dumps(mask_secrets(json.loads(raw)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = scrub(raw[:MOST_CHARACTERS].decode(errors="replace"))
    # A lone surrogate is fine in JSON, but not in a page.
    return text[:MOST_CHARACTERS].encode(errors="replace").decode()

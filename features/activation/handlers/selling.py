"""Catalogs and shops: items are in the catalog, and the shop stands."""

from collections.abc import Iterator

from features.activation.handlers.missing import asset_missing, not_readable
from features.activation.handling import Actor, Look, Step, StepState
from mbe.errors import NotVisible, PermissionMissing

SHOP = "commerce_merchant_settings_id"
SHOP_STANDS = "ENABLED"
INSTAGRAM_SCOPE = "instagram_basic"
_CHANNELS = ("facebook_channel", "instagram_channel")


def catalog(look: Look) -> Iterator[Step]:
    """A catalog: it has items."""
    yield catalog_step(look)


def shop(look: Look) -> Iterator[Step]:
    """A shop on Facebook or Instagram: its catalog has items, and the merchant has set it up at Meta."""
    yield from catalog_steps(look)
    yield _shop_step(look)
    if look.asset("ig_profile_id") and not look.calls.lacking([INSTAGRAM_SCOPE]):
        yield from _instagram(look)


def catalog_steps(look: Look) -> Iterator[Step]:
    """The step of the catalog where Meta names one, and a note where not: no asset is assumed."""
    if look.asset("catalog_id"):
        yield catalog_step(look)
    else:
        yield Step("asset_not_named", StepState.NOTE, {"asset": "catalog_id"})


def catalog_step(look: Look) -> Step:
    """Count the items of the feature's catalog; the feature needs one."""
    catalog_id = look.asset("catalog_id")
    if not catalog_id:
        return asset_missing("catalog_id")
    found = look.calls.asset("catalog_id", catalog_id)
    facts = {"id": catalog_id, "name": str(found.get("name", ""))}
    count = found.get("product_count")
    if isinstance(count, int) and count > 0:
        return Step("catalog_has_items", StepState.DONE, {**facts, "count": count})
    return Step("catalog_is_empty", StepState.TO_DO, facts, actor=Actor.STAFF)


def _shop_step(look: Look) -> Step:
    shop_id = look.asset(SHOP)
    if not shop_id:
        return Step("asset_not_named", StepState.NOTE, {"asset": SHOP})
    try:
        found = look.calls.asset(SHOP, shop_id)
    except (PermissionMissing, NotVisible) as error:
        # No permission that the features ask for promises it.
        return not_readable(SHOP, error)
    facts = {"id": shop_id, "name": str(found.get("display_name", "")), "status": str(found.get("merchant_status", ""))}
    facts |= {name: _status_of(found[name]) for name in _CHANNELS if found.get(name)}
    if facts["status"] in ("", SHOP_STANDS):
        return Step("shop_stands", StepState.DONE if facts["status"] else StepState.NOTE, facts)
    return Step("shop_not_enabled", StepState.TO_DO, facts, actor=Actor.MERCHANT)


def _status_of(channel: object) -> str:
    return str(channel.get("status") or channel.get("id") or "") if isinstance(channel, dict) else str(channel)


def _instagram(look: Look) -> Iterator[Step]:
    try:
        found = look.calls.asset("ig_profile_id", look.asset("ig_profile_id"))
    except (PermissionMissing, NotVisible) as error:
        yield not_readable("ig_profile_id", error)
    else:
        name = str(found.get("username") or found.get("name") or "")
        yield Step("instagram_readable", StepState.DONE, {"id": look.asset("ig_profile_id"), "name": name})

"""Ads, custom audiences, creative and collaborative ads: the asset can be read, and the permissions are there."""

from collections.abc import Iterator

from features.activation.handlers.missing import asset_missing, not_readable, permissions
from features.activation.handlers.selling import catalog_steps
from features.activation.handling import Actor, Look, Step, StepState
from mbe.errors import PermissionMissing

# Meta's numbers of an ad account's status (meta-api §9: 1 is active); the other numbers have a step in common.
ACTIVE = 1
_STEPS = {
    2: "ad_account_disabled",
    3: "ad_account_unsettled",
    7: "ad_account_in_review",
    8: "ad_account_unsettled",
    9: "ad_account_unsettled",
    100: "ad_account_closed",
    101: "ad_account_closed",
}


def ads(look: Look) -> Iterator[Step]:
    """Ads and custom audiences: an ad account that is active."""
    yield from permissions(look)
    yield ad_account_step(look) if look.asset("ad_account_id") else asset_missing("ad_account_id")


def creative(look: Look) -> Iterator[Step]:
    """Creative: the business portfolio, which Meta shows only with a permission that the feature does not need."""
    yield from permissions(look)
    yield from _business(look)
    if look.asset("ad_account_id"):
        yield _unless_hidden(look, "ad_account_id")


def collaborate_ads(look: Look) -> Iterator[Step]:
    """Collaborative ads: the business portfolio, the ad account where Meta names one, and a catalog with items."""
    yield from permissions(look)
    yield from _business(look)
    if look.asset("ad_account_id"):
        yield ad_account_step(look)
    yield from catalog_steps(look)


def ad_account_step(look: Look) -> Step:
    """Read the feature's ad account; only an active one will do."""
    account_id = look.asset("ad_account_id")
    found = look.calls.asset("ad_account_id", account_id)
    facts = {"id": account_id} | {
        name: found[name] for name in ("name", "currency", "timezone_name") if isinstance(found.get(name), str)
    }
    status = found.get("account_status")
    if status == ACTIVE:
        return Step("ad_account_active", StepState.DONE, facts)
    step = _STEPS.get(status, "ad_account_not_active") if isinstance(status, int) else "ad_account_not_active"
    return Step(step, StepState.TO_DO, {**facts, "status": str(status)}, actor=Actor.MERCHANT)


def _business(look: Look) -> Iterator[Step]:
    business_id = look.asset("business_manager_id") or look.installation.business_manager_id
    if not business_id:
        yield Step("asset_not_named", StepState.NOTE, {"asset": "business_manager_id"})
        return
    try:
        found = look.calls.asset("business_manager_id", business_id)
    except PermissionMissing as error:
        yield not_readable("business_manager_id", error)
    else:
        yield Step("business_readable", StepState.DONE, {"id": business_id, "name": str(found.get("name", ""))})


def _unless_hidden(look: Look, kind: str) -> Step:
    try:
        return ad_account_step(look)
    except PermissionMissing as error:
        return not_readable(kind, error)

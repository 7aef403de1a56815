"""Steps that several handlers share: an asset that Meta does not name, permissions that were not granted."""

from collections.abc import Iterator

from features.activation.handling import Actor, Look, Step, StepState
from mbe.catalog import FEATURE_TYPES
from mbe.errors import NotVisible, PermissionMissing


def asset_missing(kind: str) -> Step:
    """The feature cannot work without an asset (Meta's name for it) that the merchant has not chosen."""
    return Step("asset_missing", StepState.TO_DO, {"asset": kind}, actor=Actor.MERCHANT)


def not_readable(kind: str, error: NotVisible | PermissionMissing) -> Step:
    """Meta does not show something that would only have been good to know."""
    return Step("asset_not_readable", StepState.NOTE, {"asset": kind}, detail=str(error))


def permissions(look: Look) -> Iterator[Step]:
    """Say whether the merchant has granted what the feature's type needs; nothing for a type that needs nothing."""
    needed = FEATURE_TYPES[look.feature.feature_type].scopes
    if not needed:
        return
    missing = look.calls.lacking(needed)
    if missing:
        yield Step("permissions_missing", StepState.TO_DO, {"permissions": missing}, actor=Actor.MERCHANT)
    else:
        yield Step("permissions_granted", StepState.DONE, {"permissions": sorted(needed)})

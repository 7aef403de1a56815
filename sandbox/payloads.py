"""The model that the installs API and the webhook share, in the shapes that Meta really sends."""

from typing import Any

from sandbox.assets import TOP_LEVEL_KEYS
from sandbox.model import Connection, Feature, Json

INVENTED_FEATURE = {
    "feature_type": "hologram_booth",
    "connected_assets": {"hologram_id": "900000000000001"},
    "additional_info": [],
    "hologram_mode": "walk_in",
}


def installs_model(
    connection: Connection, token_type: str, scopes: list[str], *, v2: bool = False, unknown: bool = False
) -> Json:
    """One element of the installs API's `data`: what is installed now.

    `v2` leaves `installed_features` out; `unknown` adds a type that nobody has heard of. `instagram_profiles` is there
    only when the token has `instagram_basic`; a missing ad account is "0", other missing ids are absent.
    """
    model: Json = {"business_manager_id": connection.business_manager_id, "onsite_eligible": False}
    model |= _top_level_ids(connection) | _profiles(connection, scopes)
    model["token_type"] = token_type
    model |= connection.top_level
    if not v2:
        features = [installed_feature(feature) for feature in connection.features]
        model["installed_features"] = features + ([_invented(connection)] if unknown else [])
    return model


def installed_feature(feature: Feature) -> Json:
    """One element of `installed_features`; empty additional info is a list, as Meta has it, and there is no name."""
    info: Any = dict(feature.additional_info) or []
    return {
        "feature_instance_id": feature.feature_instance_id,
        "feature_type": feature.feature_type,
        "connected_assets": dict(feature.connected_assets),
        "additional_info": info,
    }


def _top_level_ids(connection: Connection) -> Json:
    ids: Json = {"ad_account_id": "0"}
    for feature in reversed(connection.features):
        ids |= {key: value for key, value in feature.connected_assets.items() if key in TOP_LEVEL_KEYS}
    return ids


def _profiles(connection: Connection, scopes: list[str]) -> Json:
    used = [feature.connected_assets.get("ig_profile_id") for feature in connection.features]
    instagram = list(dict.fromkeys(profile for profile in used if profile)) if "instagram_basic" in scopes else []
    lists = {"profiles": connection.chosen_pages + instagram, "pages": list(connection.chosen_pages)}
    lists["instagram_profiles"] = instagram
    return {key: value for key, value in lists.items() if value}


def _invented(connection: Connection) -> Json:
    return {"feature_instance_id": f"9{connection.business_manager_id}", **INVENTED_FEATURE}

"""What changes a connection: features added and removed, the choice of a dialog, the end of the whole connection."""

from collections.abc import Iterable, Mapping

from sandbox.assets import additional_info, connected_assets, needs_of
from sandbox.model import Connection, Feature, Json, Page
from sandbox.state import State

ADDED = "added"
APP_REMOVED = 458


def add_feature(
    state: State, connection: Connection, feature_type: str, source: str, page: Page | None, config: Json | None = None
) -> Feature:
    """A new instance of that type; `config` is its part of `business_config`."""
    settings = dict(config or {})
    enabled = settings.pop("enabled", True) is True
    settings.pop("feature_instance_id", None)
    assets = connected_assets(state, connection, feature_type, page)
    info = additional_info(feature_type)
    feature = Feature(state.new_id(), feature_type, assets, info, enabled, settings, [source])
    connection.features.append(feature)
    connection.is_connected = True
    if page and page.page_id not in connection.chosen_pages:
        connection.chosen_pages.append(page.page_id)
    return feature


def first_page(connection: Connection) -> Page | None:
    """The Page that a feature without a choice goes to."""
    return connection.page(connection.chosen_pages[0]) if connection.chosen_pages else None


def apply_choice(
    state: State,
    connection: Connection,
    vertical: str,
    wanted: Mapping[str, Iterable[str]],
    declined: Iterable[str],
    pages: list[Page],
    business_config: Json,
) -> None:
    """Make the connection what the merchant chose for one vertical; choices for other verticals stay.

    `wanted` maps each intent to its feature types; `declined` are the types of intents that were on and are not wanted
    any more; `pages` are the Pages given to the app, maybe none.
    """
    for feature in connection.features:
        gone = {ADDED} if feature.feature_type in set(declined) else set()
        feature.sources = [s for s in feature.sources if s not in gone and not s.startswith(f"{vertical}/")]
    kept_pages = {feature.connected_assets.get("page_id") for feature in connection.features if feature.sources}
    connection.chosen_pages = [page.page_id for page in pages]
    for intent, feature_types in wanted.items():
        for feature_type in feature_types:
            config = business_config.get(feature_type)
            _want(state, connection, feature_type, f"{vertical}/{intent}", pages, config)
    connection.features = [feature for feature in connection.features if feature.sources]
    others = (page.page_id for page in connection.pages if page.page_id in kept_pages)
    connection.chosen_pages += [page_id for page_id in others if page_id not in connection.chosen_pages]
    connection.is_connected = True
    # Whoever connects anew stays connected.
    connection.leaving.clear()


def _want(
    state: State, connection: Connection, feature_type: str, source: str, pages: list[Page], config: Json | None
) -> None:
    for page in _places(feature_type, pages):
        found = _instance(connection, feature_type, page)
        if found is None:
            add_feature(state, connection, feature_type, source, page, config)
        elif source not in found.sources:
            found.sources.append(source)


def _places(feature_type: str, pages: list[Page]) -> list[Page | None]:
    needs = needs_of(feature_type)
    if needs.page and not pages:
        return []
    if not pages or not (needs.page or needs.instagram):
        return [None]
    return list(pages) if needs.is_per_page else [pages[0]]


def _instance(connection: Connection, feature_type: str, page: Page | None) -> Feature | None:
    for feature in connection.features:
        place = feature.connected_assets.get("page_id") or feature.connected_assets.get("ig_profile_id")
        is_here = page is None or place in (None, page.page_id, page.ig_profile_id)
        if feature.feature_type == feature_type and is_here:
            return feature
    return None


def remove_feature(connection: Connection, feature: Feature) -> None:
    """That instance is gone; the connection and its tokens stay, even when it was the last."""
    connection.features.remove(feature)


def uninstall(state: State, connection: Connection, *, keep_tokens: bool = False) -> None:
    """The whole connection ends and its tokens die; Business Manager and assets are kept for the next time."""
    pages = pages_of(connection)
    connection.features = []
    connection.chosen_pages = []
    connection.is_connected = False
    connection.leaving.clear()
    if not keep_tokens:
        _unsubscribe(state, connection.app_id, pages)
        state.kill_tokens(connection, APP_REMOVED)


def pages_of(connection: Connection) -> set[str]:
    """Every Page that the app may speak for by way of this connection."""
    named = (feature.connected_assets.get("page_id", "") for feature in connection.features)
    return {*connection.chosen_pages, *named} - {""}


def _unsubscribe(state: State, app_id: str, pages: set[str]) -> None:
    """End the app's subscription to Pages that no other business has connected to it."""
    others = [one for key, one in state.connections.items() if key[0] == app_id and one.is_connected]
    for page_id in pages.difference(*map(pages_of, others)):
        state.apps[app_id].page_fields.pop(page_id, None)

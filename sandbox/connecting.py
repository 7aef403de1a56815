"""Connections made and changed without the dialog, for seeding, tests and measurements."""

from mbe.catalog import BASE_SCOPE, FEATURE_TYPES
from sandbox.assets import needs_of
from sandbox.behind import change_what_is_behind
from sandbox.installing import ADDED, add_feature, first_page, remove_feature
from sandbox.model import Connection, Feature, Json
from sandbox.notices import INSTALL, UNINSTALL, UPDATE
from sandbox.world import World

EVERY_SCOPE = [BASE_SCOPE, *sorted({scope for each in FEATURE_TYPES.values() for scope in each.scopes})]


def connection_json(connection: Connection) -> Json:
    """A connection as the control API shows it."""
    pages = [vars(page) for page in connection.pages]
    return vars(connection) | {"pages": pages, "features": [vars(feature) for feature in connection.features]}


def connect(world: World, app_id: str, external_business_id: str, wish: Json) -> Json:
    """Connect one business with `features` (types) and the first `pages` Pages (default 1); adds to what is there.

    `scopes` are what the token is given for, everything unless named; `withheld_scopes` are permissions that the
    merchant does not grant. The answer is the connection with a living user token, or with one of `token_kind`
    ("USER", "SYSTEM_USER"). No webhook unless `send_webhook`.
    """
    with world.state.lock:
        connection = world.state.connection_or_new(app_id, external_business_id, str(wish.get("name", "")))
        is_first = not connection.is_connected
        wanted = int(wish.get("pages", 1))
        while len(connection.pages) < wanted:
            connection.pages.append(world.state.new_page(f"{connection.name}, Page {len(connection.pages) + 1}"))
        if is_first:
            connection.chosen_pages = [page.page_id for page in connection.pages[:wanted]]
        installed = {feature.feature_type for feature in connection.features}
        for feature_type in wish.get("features", []):
            if feature_type not in installed:
                _add(world, connection, feature_type, "")
        connection.is_connected = True
        connection.leaving.clear()
        connection.withheld_scopes = [str(scope) for scope in wish.get("withheld_scopes", connection.withheld_scopes)]
        token = world.state.issue_token(
            connection, str(wish.get("token_kind", "USER")), wish.get("scopes", EVERY_SCOPE)
        )
        if wish.get("send_webhook", False):
            world.announce(connection, INSTALL, is_first=is_first)
        world.snapshot.changed()
        return connection_json(connection) | {"access_token": token.token}


def change(world: World, connection: Connection, wish: Json) -> Json:
    """Change a connection, then send one notice unless `send_webhook` is false.

    `remove` (instance ids or types), `add` (types, on `page_id` if given), `configure` {instance id: settings},
    `assets` (what the top level of the installs API says instead), `connected_assets` {instance id or type: {name: id,
    "new" for a new one, null for none}}, `kill_tokens` (a subcode; `token_kind` narrows), `end_data_access`
    (the tokens stay valid), `uninstall` (with `keep_tokens`: nothing is installed, but the token still says so).

    Without a notice: `withheld_scopes`, `fire_pixel` (a real event came to each pixel), `ad_account_status`, and
    `objects` {id: what is remembered about that asset}.
    """
    tells = wish.get("send_webhook", True) is True
    if "kill_tokens" in wish:
        world.state.kill_tokens(connection, int(wish["kill_tokens"]), str(wish.get("token_kind", "")))
    if wish.get("end_data_access"):
        world.state.end_data_access(connection)
    if wish.get("uninstall"):
        world.uninstall(connection, keep_tokens=bool(wish.get("keep_tokens")), send_webhook=tells)
        return connection_json(connection)
    change_what_is_behind(connection, wish)
    event = _edit(world, connection, wish)
    if event and tells:
        world.announce(connection, event)
    world.snapshot.changed()
    return connection_json(connection)


def _edit(world: World, connection: Connection, wish: Json) -> str:
    """Make the changes and give the event that they amount to, "" for none."""
    event = ""
    for instance_id, settings in wish.get("configure", {}).items():
        event = UPDATE
        _configure(connection, instance_id, dict(settings))
    if "assets" in wish:
        event = UPDATE
        connection.top_level = dict(wish["assets"])
    for name, assets in wish.get("connected_assets", {}).items():
        event = UPDATE
        for feature in _named(connection, name):
            _reconnect(world, feature, dict(assets))
    for name in wish.get("remove", []):
        event = UNINSTALL
        for feature in _named(connection, name):
            remove_feature(connection, feature)
    for feature_type in wish.get("add", []):
        event = INSTALL
        _add(world, connection, feature_type, str(wish.get("page_id", "")))
    return event


def _named(connection: Connection, name: str) -> list[Feature]:
    return [one for one in connection.features if name in (one.feature_instance_id, one.feature_type)]


def _reconnect(world: World, feature: Feature, assets: Json) -> None:
    for name, value in assets.items():
        if value is None:
            feature.connected_assets.pop(name, None)
        else:
            feature.connected_assets[name] = world.state.new_id() if value == "new" else str(value)


def _configure(connection: Connection, instance_id: str, settings: Json) -> None:
    feature = connection.feature(instance_id)
    if feature:
        feature.enabled = bool(settings.pop("enabled", feature.enabled))
        feature.settings |= settings


def _add(world: World, connection: Connection, feature_type: str, page_id: str) -> Feature:
    needs = needs_of(feature_type)
    page = (connection.page(page_id) or first_page(connection)) if needs.page or needs.instagram else None
    return add_feature(world.state, connection, feature_type, ADDED, page)

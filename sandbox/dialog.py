"""The login dialog: the merchant sees what is offered, chooses, and goes back with a code."""

from collections.abc import Collection
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.dialog_menu import Row, rows_of
from sandbox.dialog_request import DialogRefused, DialogRequest, read_dialog_request
from sandbox.installing import apply_choice
from sandbox.model import Connection, Page
from sandbox.notices import INSTALL, UNINSTALL, UPDATE
from sandbox.world import World, current_world

dialog = Blueprint("dialog", __name__)
_CANCELLED = {
    "error": "access_denied",
    "error_code": "200",
    "error_description": "Permissions error",
    "error_reason": "user_denied",
}


@dialog.errorhandler(DialogRefused)
def refused(refusal: DialogRefused) -> Response:
    """Meta's own error page; it never leads back."""
    return make_response(render_template("dialog_error.html", reason=str(refusal), never_returns=True), 400)


@dialog.get("/v<version>/dialog/oauth")
@dialog.get("/dialog/oauth")
def show(version: str = "") -> str:
    """The dialog's page."""
    world = current_world()
    world.meter.request("dialog")
    with world.state.lock:
        asked = read_dialog_request(world.state.apps, request.args)
        return _page(world, asked)


@dialog.post("/v<version>/dialog/oauth")
@dialog.post("/dialog/oauth")
def choose(version: str = "") -> str | AnyResponse:
    """Continue or cancel. Form fields: `action`, `intent` and `optional` (`INTENT:feature_type`) repeated, `pages`."""
    world = current_world()
    with world.state.lock:
        asked = read_dialog_request(world.state.apps, request.args)
        if request.form.get("action") == "cancel":
            return _back(asked, _CANCELLED)
        connection = world.state.connection_or_new(asked.app.app_id, asked.external_business_id, asked.business_name)
        pages = _pages(connection, request.form.get("pages", ""))
        rows = rows_of(asked, connection)
        chosen = _chosen(asked, rows)
        if problem := _problem(connection, chosen, pages):
            return _page(world, asked, problem)
        _install(world, asked, connection, rows, chosen, pages)
        code = world.state.issue_code(connection, asked.redirect_uri, list(asked.scopes))
        return _back(asked, {"code": code.code})


def _page(world: World, asked: DialogRequest, problem: str = "") -> str:
    connection = world.state.connections.get((asked.app.app_id, asked.external_business_id))
    return render_template(
        "dialog.html",
        asked=asked,
        rows=rows_of(asked, connection),
        connection=connection,
        pages=_pages_word(connection),
        problem=problem,
    )


def _pages_word(connection: Connection | None) -> str:
    """Which of the four choices of Pages the connection has now; a new one begins with the first Page."""
    if connection is None or not connection.is_connected:
        return "first"
    chosen = [page.page_id for page in connection.pages if page.page_id in connection.chosen_pages]
    if len(chosen) == 1:
        return "first" if chosen[0] == connection.pages[0].page_id else "second"
    return "both" if chosen else "none"


def _pages(connection: Connection, word: str) -> list[Page]:
    word = word or _pages_word(connection)
    choices = {"first": connection.pages[:1], "second": connection.pages[1:2], "none": []}
    return choices.get(word, connection.pages)


def _chosen(asked: DialogRequest, rows: list[Row]) -> list[Row]:
    if not asked.use_minimal_onboarding:
        return rows
    wanted = request.form.getlist("intent")
    return [row for row in rows if row.key in wanted and not row.lacks_domain]


def _wanted(asked: DialogRequest, row: Row, optional: Collection[str]) -> list[str]:
    if not asked.use_minimal_onboarding:
        return [line.feature_type for line in row.lines]
    return row.wanted(optional)


def _problem(connection: Connection, chosen: list[Row], pages: list[Page]) -> str:
    if not chosen and not connection.features:
        return "Choose at least one thing to turn on, or cancel."
    lines = [line for row in chosen for line in row.lines]
    if lines and not pages and all(line.needs_page for line in lines if not line.is_optional):
        return "What you chose needs a Page."
    return ""


def _install(
    world: World, asked: DialogRequest, connection: Connection, rows: list[Row], chosen: list[Row], pages: list[Page]
) -> None:
    is_first = not connection.is_connected
    before = {feature.feature_instance_id for feature in connection.features}
    connection.name = asked.business_name
    connection.assets = asked.preselected_assets | connection.assets
    connection.flow = chosen[0].key if chosen else asked.intent
    optional = request.form.getlist("optional")
    wanted = {row.key: _wanted(asked, row, optional) for row in chosen}
    kept = {feature_type for types in wanted.values() for feature_type in types}
    unchosen = [row for row in rows if row.is_on and row not in chosen]
    declined = {line.feature_type for row in unchosen for line in row.lines} - kept
    apply_choice(world.state, connection, asked.vertical, wanted, declined, pages, asked.business_config)
    world.state.issue_token(connection, "USER", list(asked.scopes))
    world.announce(connection, _event(before, connection), is_first=is_first)
    world.snapshot.changed()


def _event(before: set[str], connection: Connection) -> str:
    after = {feature.feature_instance_id for feature in connection.features}
    if after - before:
        return INSTALL
    return UNINSTALL if before - after else UPDATE


def _back(asked: DialogRequest, params: dict[str, str]) -> AnyResponse:
    query = urlencode(params | ({"state": asked.state} if asked.state else {}))
    mark = "&" if urlsplit(asked.redirect_uri).query else "?"
    return redirect(f"{asked.redirect_uri}{mark}{query}#_=_")

"""The login dialog: the merchant sees what is offered, chooses, and goes back with a code."""

from collections.abc import Collection
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from sandbox.dialog_menu import Row, rows_of
from sandbox.dialog_request import (
    DialogRefused,
    DialogRequest,
    read_business_app_request,
    read_dialog_request,
)
from sandbox.installing import apply_choice
from sandbox.model import Connection, MetaApp, Page
from sandbox.notices import INSTALL, UNINSTALL, UPDATE
from sandbox.world import World, current_world

dialog = Blueprint("dialog", __name__)
_CANCELLED = {
    "error": "access_denied",
    "error_code": "200",
    "error_description": "Permissions error",
    "error_reason": "user_denied",
}
# Meta's own trouble, as it comes back (meta-api, 1.7).
_FAILED = {"error_code": "1349", "error_message": "Something went wrong at Meta. Please try again later."}


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
        world.meter.dialog(asked.use_minimal_onboarding, "shown")
        return _page(world, asked)


@dialog.post("/v<version>/dialog/oauth")
@dialog.post("/dialog/oauth")
def choose(version: str = "") -> str | AnyResponse:
    """Continue, cancel or fail.

    Form fields: `action` (`continue`, `cancel`, `fail`), `pages`; repeated `intent`, `optional` (as `INTENT:type`).
    """
    world = current_world()
    with world.state.lock:
        return _choose(world, read_dialog_request(world.state.apps, request.args))


@dialog.get("/business-app/<app_id>")
def business_app(app_id: str) -> str:
    """Where a merchant starts at Meta: a page that leads to the partner's auth URL."""
    world = current_world()
    with world.state.lock:
        app = world.state.apps.get(app_id)
        if app is None:
            raise DialogRefused("Invalid App ID: it is not the id of an app here.")
        auth_url = app.auth_url or default_auth_url(app)
        here = world.public_url or request.url_root.rstrip("/")
        query = urlencode({"app_id": app_id, "app_name": app.name, "page_id": world.state.new_id()})
        back = f"{here}{url_for('dialog.business_app_show', app_id=app_id)}?{query}"
        return render_template("business_app.html", app=app, auth_url=auth_url, back=back)


@dialog.get("/business-app/<app_id>/dialog")
def business_app_show(app_id: str) -> str:
    """The dialog of a merchant who started at Meta and comes back from the partner with `extras`."""
    world = current_world()
    world.meter.request("business_app")
    with world.state.lock:
        asked = read_business_app_request(world.state.apps, app_id, request.args.getlist("extras"))
        world.meter.dialog(asked.use_minimal_onboarding, "shown")
        return _page(world, asked)


@dialog.post("/business-app/<app_id>/dialog")
def business_app_choose(app_id: str) -> str | AnyResponse:
    """Continue or cancel; nobody is sent anywhere with a code: the token goes by webhook only."""
    world = current_world()
    with world.state.lock:
        return _choose(world, read_business_app_request(world.state.apps, app_id, request.args.getlist("extras")))


def default_auth_url(app: MetaApp) -> str:
    """The portal's auth URL of an app, at the origin of its callback; empty without one."""
    parts = urlsplit(app.callback_url)
    return f"{parts.scheme}://{parts.netloc}/connect/business-app/{app.app_id}/" if parts.netloc else ""


def _choose(world: World, asked: DialogRequest) -> str | AnyResponse:
    if request.form.get("action") in ("cancel", "fail"):
        is_cancelled = request.form["action"] == "cancel"
        world.meter.dialog(asked.use_minimal_onboarding, "cancelled" if is_cancelled else "failed")
        return _back(asked, _CANCELLED if is_cancelled else _FAILED)
    asked.check_against(_connection(world, asked))
    connection = world.state.connection_or_new(asked.app.app_id, asked.external_business_id, asked.business_name)
    pages = _pages(connection, request.form.get("pages", "") or _pages_word(connection, asked))
    rows = rows_of(asked, connection)
    chosen = _chosen(asked, rows)
    if problem := _problem(connection, chosen, pages):
        return _page(world, asked, problem)
    _install(world, asked, connection, rows, chosen, pages)
    world.meter.dialog(asked.use_minimal_onboarding, "finished")
    if not asked.redirect_uri:
        return render_template("business_app_done.html", asked=asked, is_cancelled=False)
    code = world.state.issue_code(connection, asked.redirect_uri, world.state.scopes_of_logins(connection))
    return _back(asked, {"code": code.code})


def _page(world: World, asked: DialogRequest, problem: str = "") -> str:
    connection = _connection(world, asked)
    asked.check_against(connection)
    return render_template(
        "dialog.html",
        asked=asked,
        rows=rows_of(asked, connection),
        connection=connection,
        assets=asked.preselected_assets | (connection.assets if connection else {}),
        pages=_pages_word(connection, asked),
        problem=problem,
    )


def _connection(world: World, asked: DialogRequest) -> Connection | None:
    return world.state.connections.get((asked.app.app_id, asked.external_business_id))


def _pages_word(connection: Connection | None, asked: DialogRequest) -> str:
    """Which of the four choices of Pages the link names, or the connection has; a new one begins with the first."""
    if connection is None or not (connection.is_connected or asked.page_id):
        return "first"
    wanted = [asked.page_id] if asked.page_id else connection.chosen_pages
    chosen = [page.page_id for page in connection.pages if page.page_id in wanted]
    if len(chosen) == 1:
        return "first" if chosen[0] == connection.pages[0].page_id else "second"
    return "both" if chosen else "none"


def _pages(connection: Connection, word: str) -> list[Page]:
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
    scopes = [*world.state.scopes_of_logins(connection), *asked.scopes]
    world.state.issue_token(connection, "USER", list(dict.fromkeys(scopes)))
    world.announce(connection, _event(before, connection), is_first=is_first)
    world.snapshot.changed()


def _event(before: set[str], connection: Connection) -> str:
    after = {feature.feature_instance_id for feature in connection.features}
    if after - before:
        return INSTALL
    return UNINSTALL if before - after else UPDATE


def _back(asked: DialogRequest, params: dict[str, str]) -> str | AnyResponse:
    if not asked.redirect_uri:
        return render_template("business_app_done.html", asked=asked, is_cancelled=True)
    query = urlencode(params | ({"state": asked.state} if asked.state else {}))
    mark = "&" if urlsplit(asked.redirect_uri).query else "?"
    return redirect(f"{asked.redirect_uri}{mark}{query}#_=_")

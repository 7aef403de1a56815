"""The management view: every installed instance, and what the merchant may change about it."""

from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from mbe.catalog import FEATURE_TYPES, canonical_feature_type
from mbe.links import V2_MANAGEMENT_PATH
from sandbox.assets import needs_of
from sandbox.configuration import is_customizable, lists_of, settings_of
from sandbox.installing import ADDED, add_feature, first_page, remove_feature
from sandbox.model import Connection, Feature, MetaApp, Page
from sandbox.notices import INSTALL, UNINSTALL, UPDATE
from sandbox.world import World, current_world

management = Blueprint("management", __name__)
PATH = "/latest/business_app_store/manage_external_business_connection"
# What the page says after each action.
SAID = {"remove": "Removed.", "save": "Saved.", "add": "Added.", "uninstall": "Uninstalled."}


class ViewRefused(Exception):
    """The address is wrong, or what was asked for is not there."""


@management.errorhandler(ViewRefused)
def refused(refusal: ViewRefused) -> Response:
    """An error page."""
    return make_response(render_template("dialog_error.html", reason=str(refusal)), 404)


@management.get(PATH)
@management.get(V2_MANAGEMENT_PATH)
def view() -> str:
    """The page; v2's address (meta-api, 6) leads to the same."""
    world = current_world()
    with world.state.lock:
        app, connection = _found(world)
        offered = list(FEATURE_TYPES) if app.features is None else app.features
        said = SAID.get(request.args.get("done", ""))
        return render_template("management.html", app=app, connection=connection, offered=offered, said=said)


@management.post(PATH)
@management.post(V2_MANAGEMENT_PATH)
def change() -> AnyResponse:
    """One change. Form field `action`: remove, save, add or uninstall."""
    world = current_world()
    with world.state.lock:
        app, connection = _found(world)
        action = request.form.get("action")
        match action:
            case "remove":
                remove_feature(connection, _instance(connection))
                world.announce(connection, UNINSTALL)
            case "save":
                _save(_instance(connection))
                world.announce(connection, UPDATE)
            case "add":
                _add(world, app, connection)
                world.announce(connection, INSTALL)
            case "uninstall":
                world.uninstall(connection)
            case _:
                raise ViewRefused("No such action.")
        world.snapshot.changed()
    return redirect(f"{request.path}?{urlencode(request.args.to_dict() | {'done': action})}", 303)


def _found(world: World) -> tuple[MetaApp, Connection]:
    app = world.state.apps.get(request.args.get("app_id", ""))
    if app is None:
        raise ViewRefused("There is no app with that app_id.")
    connection = world.state.connections.get((app.app_id, request.args.get("external_business_id", "")))
    is_theirs = request.path == V2_MANAGEMENT_PATH or (
        connection is not None and connection.business_manager_id == request.args.get("business_id")
    )
    if connection is None or not is_theirs:
        raise ViewRefused("There is no such connection in that business (business_id is the Business Manager's).")
    asset_id = request.args.get("asset_id")
    if asset_id and connection.page(asset_id) is None:
        raise ViewRefused("asset_id is not a Page of this business.")
    return app, connection


def _instance(connection: Connection) -> Feature:
    feature = connection.feature(request.form.get("feature_instance_id", ""))
    if feature is None:
        raise ViewRefused("That feature is not installed any more.")
    return feature


def _save(feature: Feature) -> None:
    if not is_customizable(feature.feature_type):
        raise ViewRefused("That feature has no settings.")
    feature.enabled = "enabled" in request.form
    texts = {name: request.form[name] for name in settings_of(feature.feature_type) if name in request.form}
    # A field that was empty and stays empty was not touched.
    feature.settings |= {name: text for name, text in texts.items() if text or name in feature.settings}
    for name in lists_of(feature.feature_type):
        if request.form.get(name) or name in feature.settings:
            feature.settings[name] = request.form.get(name, "").replace(",", " ").split()


def _add(world: World, app: MetaApp, connection: Connection) -> None:
    feature_type = request.form.get("feature_type", "")
    offered = FEATURE_TYPES if app.features is None else app.features
    if feature_type not in offered:
        raise ViewRefused("The app does not offer that feature.")
    if not connection.is_connected:
        raise ViewRefused("The app is not connected any more.")
    needs = needs_of(feature_type)
    page = _page(world, connection) if needs.page or needs.instagram else None
    add_feature(world.state, connection, feature_type, ADDED, page)


def _page(world: World, connection: Connection) -> Page:
    wanted = request.form.get("page_id", "")
    if wanted == "new":
        page = world.state.new_page(f"{connection.name}, Page {len(connection.pages) + 1}")
        connection.pages.append(page)
        return page
    found = connection.page(wanted) if wanted else first_page(connection)
    return found or connection.pages[0]


def label(feature_type: str) -> str:
    """A type as people read it; an invented one as it is."""
    known = FEATURE_TYPES.get(canonical_feature_type(feature_type))
    return known.label.en if known else feature_type

"""Tokens: the code exchange, longer lives, system users, and what a token is."""

import time

from sandbox.graph_answers import GraphRefusal, bad_parameter, dead_token, error, not_visible
from sandbox.graph_call import Call, app_of_call, app_of_token, living_token, required, why_dead
from sandbox.model import AccessToken, Connection, Json, LoginCode, MetaApp
from sandbox.permissions import granted_scopes
from sandbox.state import PAGE, USER_TOKEN_LIFETIME, State
from sandbox.world import World


def access_token(world: World, call: Call) -> Json:
    """`/oauth/access_token`: a code for a token, or a token for one that lives longer."""
    app = app_of_call(world.state, call)
    grant_type = call.params.get("grant_type", "authorization_code")
    if grant_type == "fb_exchange_token":
        return _longer(world, call, app)
    if grant_type != "authorization_code":
        raise GraphRefusal(bad_parameter(f"Unsupported grant_type: {grant_type}"))
    code = _spend(world.state, app, required(call, "code"), required(call, "redirect_uri"))
    connection = world.state.connections[app.app_id, code.external_business_id]
    token = world.state.issue_token(connection, "USER", code.scopes)
    world.snapshot.changed()
    return {"access_token": token.token, "token_type": "bearer", "expires_in": USER_TOKEN_LIFETIME}


def _spend(state: State, app: MetaApp, value: str, redirect_uri: str) -> LoginCode:
    code = state.codes.get(value)
    if code is None or code.app_id != app.app_id:
        raise GraphRefusal(error(400, 100, "Invalid verification code format or code already used.", subcode=36009))
    if code.redirect_uri != redirect_uri:
        message = "Error validating verification code. Your redirect_uri must be identical to that of the dialog"
        raise GraphRefusal(error(400, 100, message, subcode=36008))
    del state.codes[value]
    if code.expires_at < time.time():
        raise GraphRefusal(error(400, 100, "This authorization code has expired.", subcode=36007))
    return code


def _longer(world: World, call: Call, app: MetaApp) -> Json:
    old = world.state.tokens.get(required(call, "fb_exchange_token"))
    if old is None or old.app_id != app.app_id:
        raise GraphRefusal(dead_token(None))
    if subcode := why_dead(old):
        raise GraphRefusal(dead_token(subcode))
    if old.kind == PAGE:
        raise GraphRefusal(bad_parameter("The access token of a Page cannot be exchanged"))
    connection = world.state.connections[old.app_id, old.external_business_id]
    token = world.state.issue_token(connection, old.kind, old.scopes)
    token.expires_at = int(time.time()) + USER_TOKEN_LIFETIME
    world.snapshot.changed()
    return {"access_token": token.token, "token_type": "bearer", "expires_in": USER_TOKEN_LIFETIME}


def system_user_token(world: World, call: Call) -> Json:
    """`POST /{business manager}/access_token`: needs the login's token, `app_id`, `scope` and a right proof.

    Of what is asked for it grants what the login was granted.
    """
    user_token = living_token(world.state, call)
    if user_token.kind == PAGE:
        raise GraphRefusal(error(400, 102, "A user access token is required to request this resource."))
    if "appsecret_proof" not in call.params:
        message = "API calls from the server require an appsecret_proof argument"
        raise GraphRefusal(error(400, 100, message, kind="GraphMethodException"))
    if required(call, "app_id") != user_token.app_id:
        raise GraphRefusal(bad_parameter("The access token does not belong to that app_id"))
    scopes = [scope for scope in required(call, "scope").split(",") if scope]
    connection = _connection(world.state, call, user_token)
    if world.knobs.graph.refuse_system_user_token:
        raise GraphRefusal(error(403, 200, "The app may not create system users in this business"))
    granted = granted_scopes(connection, user_token)
    token = world.state.issue_token(connection, "SYSTEM_USER", [scope for scope in scopes if scope in granted])
    world.snapshot.changed()
    return {"access_token": token.token}


def _connection(state: State, call: Call, token: AccessToken) -> Connection:
    connection = state.connections[token.app_id, token.external_business_id]
    if call.path != f"{connection.business_manager_id}/access_token":
        raise GraphRefusal(not_visible(call.path.partition("/")[0]))
    if call.external_business_id not in ("", connection.external_business_id):
        raise GraphRefusal(not_visible(call.external_business_id))
    return connection


def debug_token(world: World, call: Call) -> Json:
    """`/debug_token`: what a token of the asking app is."""
    app = app_of_token(world.state, call.token)
    if app is None:
        app = world.state.apps[living_token(world.state, call).app_id]
    token = world.state.tokens.get(required(call, "input_token"))
    if token is None:
        return _invalid(190, "Invalid OAuth access token.")
    if token.app_id != app.app_id:
        return _invalid(100, "(#100) The App_id in the input_token did not match the Viewing App")
    connection = world.state.connections[token.app_id, token.external_business_id]
    data: Json = {
        "app_id": app.app_id,
        "type": token.kind,
        "application": app.name,
        "is_valid": True,
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "data_access_expires_at": int(time.time()) - 1 if token.has_lost_data_access else token.expires_at,
        "scopes": granted_scopes(connection, token),
        "user_id": connection.user_id,
    }
    if token.page_id:
        data["profile_id"] = token.page_id
    if subcode := why_dead(token):
        dead = {"code": 190, "subcode": subcode, "message": "Error validating access token."}
        data |= {"is_valid": False, "error": dead}
    return {"data": data}


def _invalid(code: int, message: str) -> Json:
    return {"data": {"is_valid": False, "scopes": [], "error": {"code": code, "message": message}}}

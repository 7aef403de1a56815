"""One Graph call, however it came, and who may make it."""

import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from mbe.catalog import BASE_SCOPE
from mbe.signature import appsecret_proof
from sandbox.graph_answers import Answer, GraphRefusal, bad_parameter, dead_token, error, not_visible
from sandbox.model import AccessToken, Connection, Json, MetaApp
from sandbox.permissions import require_scope
from sandbox.state import PAGE, State

EXPIRED = 463
NO_SUCH_TOKEN = error(400, 104, "An access token is required to request this resource.")


@dataclass(frozen=True)
class Call:
    """Method, path without version, parameters of query and body together, and the token."""

    method: str
    path: str
    params: Mapping[str, str]
    token: str = field(repr=False, default="")

    @property
    def external_business_id(self) -> str:
        """The business that the call is about."""
        return self.params.get("fbe_external_business_id", "")


def required(call: Call, name: str) -> str:
    """That parameter, or error 100."""
    if not call.params.get(name):
        raise GraphRefusal(bad_parameter(f"The parameter {name} is required"))
    return call.params[name]


def living_token(state: State, call: Call) -> AccessToken:
    """The call's token, alive and with a right `appsecret_proof` if one is given."""
    if not call.token:
        raise GraphRefusal(NO_SUCH_TOKEN)
    token = state.tokens.get(call.token)
    if token is None and app_of_token(state, call.token):
        raise GraphRefusal(error(400, 102, "A user access token is required to request this resource."))
    if token is None or token.app_id not in state.apps:
        raise GraphRefusal(dead_token(None))
    _check_proof(state.apps[token.app_id], call)
    if subcode := why_dead(token):
        raise GraphRefusal(dead_token(subcode))
    return token


def why_dead(token: AccessToken) -> int | None:
    """The subcode of error 190, or None for a living token."""
    if token.dead_subcode is not None:
        return token.dead_subcode
    return EXPIRED if token.expires_at and token.expires_at < time.time() else None


def subject(state: State, call: Call) -> tuple[Connection, AccessToken]:
    """The connection that the call is about: the token must be of that very business on that very app."""
    token = living_token(state, call)
    external_business_id = required(call, "fbe_external_business_id")
    connection = state.connections.get((token.app_id, token.external_business_id))
    is_its_own = token.external_business_id == external_business_id and token.kind != PAGE
    if connection is None or not is_its_own:
        raise GraphRefusal(not_visible(external_business_id))
    require_scope(connection, token, BASE_SCOPE)
    return connection, token


def app_of_token(state: State, token: str) -> MetaApp | None:
    """The app whose app access token (`id|secret`) this is."""
    app_id, _, secret = token.partition("|")
    app = state.apps.get(app_id)
    return app if app and _same(app.app_secret, secret) else None


def app_of_call(state: State, call: Call) -> MetaApp:
    """The app that proves itself with `client_id` and `client_secret`."""
    app = state.apps.get(required(call, "client_id"))
    if app is None:
        raise GraphRefusal(error(400, 101, "Error validating application. Cannot get application info"))
    if not _same(app.app_secret, required(call, "client_secret")):
        raise GraphRefusal(error(400, 1, "Error validating client secret."))
    return app


def _check_proof(app: MetaApp, call: Call) -> None:
    given = call.params.get("appsecret_proof")
    if given is not None and not _same(appsecret_proof(call.token, app.app_secret), given):
        message = "Invalid appsecret_proof provided in the API argument"
        raise GraphRefusal(error(400, 100, message, kind="GraphMethodException"))


def json_object(call: Call, name: str) -> Json:
    """A parameter that holds a JSON object, or error 100."""
    try:
        value = json.loads(required(call, name))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise GraphRefusal(bad_parameter(f"Param {name} must be a JSON object"))
    return value


def json_list(call: Call, name: str, most: int) -> list[Json]:
    """A parameter that holds a JSON list of at most `most` objects, or error 100."""
    try:
        value = json.loads(required(call, name))
    except ValueError:
        value = None
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise GraphRefusal(bad_parameter(f"Param {name} must be a JSON array of objects"))
    if len(value) > most:
        raise GraphRefusal(bad_parameter(f"Param {name} holds {len(value)} entries, at most {most} are allowed"))
    return value


def check_outer_token(state: State, call: Call) -> Answer | None:
    """What a batch says to a bad outer token; an app access token is enough."""
    if app_of_token(state, call.token):
        return None
    try:
        living_token(state, call)
    except GraphRefusal as refusal:
        return refusal.answer
    return None


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())

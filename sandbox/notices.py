"""Webhook notices: what happened to a connection, in Meta's envelope."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as of_dataclass

from sandbox.knob_groups import WebhookKnobs
from sandbox.model import Connection, Json
from sandbox.payloads import installs_model
from sandbox.state import State

INSTALL, UPDATE, UNINSTALL = "INSTALL", "UPDATE", "UNINSTALL"


@dataclass(frozen=True)
class Notice:
    """One change, ready for an envelope. `is_bare` puts the value into `{"data": [...]}` instead."""

    app_id: str
    object: str
    field: str
    entry_id: str
    value: Json = of_dataclass(repr=False)
    is_bare: bool = False


def fbe_install(state: State, connection: Connection, fbe_event: str, knobs: WebhookKnobs) -> Notice:
    """What is installed now. The token comes with installs and updates, unless a knob keeps it back."""
    alive = [token for token in state.tokens_of(connection) if token.kind == "USER" and token.dead_subcode is None]
    scopes = alive[-1].scopes if alive else []
    model = installs_model(connection, "User", scopes, v2=knobs.v2_payloads or state.apps[connection.app_id].is_v2)
    if knobs.bare_payloads:
        value = {"business_id": connection.external_business_id, **model}
        return Notice(connection.app_id, "user", "fbe_install", connection.user_id, value, is_bare=True)
    head = {"business_id": connection.external_business_id, "fbe_event": fbe_event}
    if connection.flow:
        head["flow"] = connection.flow
    if alive and fbe_event != UNINSTALL and not knobs.omit_token:
        head["access_token"] = alive[-1].token
    return Notice(connection.app_id, "user", "fbe_install", connection.user_id, head | model)


def business_integration(connection: Connection, event: str) -> Notice:
    """The second channel: the integration's system user came or went, told by Business Manager only."""
    value = {"business_manager_id": connection.business_manager_id}
    if event == "install":
        value["tp_config_id"] = connection.app_id
    return Notice(connection.app_id, "application", f"business_integration_{event}", connection.app_id, value)


def body_of(notices: Sequence[Notice]) -> bytes:
    """One body for notices of one app, object and form; non-ASCII as escapes, as Meta signs it."""
    first = notices[0]
    if first.is_bare:
        return json.dumps({"data": [notice.value for notice in notices]}).encode()
    return json.dumps({"object": first.object, "entry": [_entry(notice) for notice in notices]}).encode()


def _entry(notice: Notice) -> Json:
    entry: Json = {"id": notice.entry_id, "time": int(time.time())}
    if notice.object == "user":
        entry["uid"] = notice.entry_id
    entry["changes"] = [{"field": notice.field, "value": notice.value}]
    return entry

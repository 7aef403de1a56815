"""The edges under /fbe_business: installs and feature configuration."""

from sandbox.configuration import ConfigurationRefused, configuration_of, configure
from sandbox.graph_answers import GraphRefusal, bad_parameter
from sandbox.graph_call import Call, json_object, subject
from sandbox.leaving import let_go, note_read, stay
from sandbox.model import Json
from sandbox.notices import UPDATE
from sandbox.payloads import installs_model
from sandbox.world import World

_TOKEN_TYPES = {"USER": "User", "SYSTEM_USER": "System User"}


def read_installs(world: World, call: Call) -> Json:
    """GET fbe_installs: one element, or none when nothing is installed."""
    connection, token = subject(world.state, call)
    knobs = world.knobs.graph
    token_type = _TOKEN_TYPES[token.kind]
    is_v2 = knobs.v2_payloads or world.state.apps[connection.app_id].is_v2
    model = installs_model(connection, token_type, token.scopes, v2=is_v2, unknown=knobs.unknown_feature_types)
    answer = {"data": [model] if connection.features else []}
    note_read(world, connection)
    return answer


def uninstall_all(world: World, call: Call) -> Json:
    """DELETE fbe_installs: the whole connection ends, at once or in a while."""
    connection, _ = subject(world.state, call)
    let_go(world, connection)
    return {"success": True}


def read_configuration(world: World, call: Call) -> Json:
    """GET fbe_business."""
    connection, _ = subject(world.state, call)
    return configuration_of(connection, v2=world.state.apps[connection.app_id].is_v2)


def write_configuration(world: World, call: Call) -> Json:
    """POST fbe_business: customizable features only."""
    connection, _ = subject(world.state, call)
    were_on = [feature for feature in connection.features if feature.enabled]
    try:
        switched_on = configure(connection, json_object(call, "business_config"), world.knobs.configuration)
    except ConfigurationRefused as refusal:
        raise GraphRefusal(bad_parameter(str(refusal), for_people=refusal.for_people)) from None
    for feature in switched_on:
        stay(connection, feature)
    for feature in were_on:
        if not feature.enabled:
            let_go(world, connection, feature)
    if world.knobs.webhooks.announce_configuration:
        world.announce(connection, UPDATE)
    world.snapshot.changed()
    return {"success": True}

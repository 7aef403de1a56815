"""What an app uninstalls: gone at once, or still there for some reads or seconds, though Meta has said yes."""

import time
from threading import Timer

from sandbox.installing import remove_feature
from sandbox.model import Connection, Feature
from sandbox.notices import UNINSTALL
from sandbox.world import World

ALL = ""


def let_go(world: World, connection: Connection, feature: Feature | None = None) -> None:
    """Let a connection end, or one feature that was switched off, as slowly as the knobs say; a repetition is none."""
    knobs = world.knobs.graph
    what = feature.feature_instance_id if feature else ALL
    if not knobs.uninstall_reads and not knobs.uninstall_seconds:
        _depart(world, connection, what)
        return
    if feature:
        feature.enabled = True
    at = time.time() + knobs.uninstall_seconds
    connection.leaving.setdefault(what, {"reads": knobs.uninstall_reads, "at": at})
    if knobs.uninstall_seconds:
        timer = Timer(knobs.uninstall_seconds, _look, [world, connection])
        timer.daemon = True
        timer.start()
    world.snapshot.changed()


def stay(connection: Connection, feature: Feature) -> None:
    """Keep a feature that was on its way out: it was switched on again."""
    connection.leaving.pop(feature.feature_instance_id, None)


def note_read(world: World, connection: Connection) -> None:
    """Count a read of the installs; what was to be seen no longer than this is gone from now on, and said so."""
    for leaving in connection.leaving.values():
        leaving["reads"] = max(0, leaving["reads"] - 1)
    _look(world, connection)


def _look(world: World, connection: Connection) -> None:
    """Let go of all whose time is over, the whole connection first; a connection of before a reset is nobody's."""
    with world.state.lock:
        if world.state.connections.get((connection.app_id, connection.external_business_id)) is not connection:
            return
        for what, leaving in sorted(connection.leaving.items()):
            if what in connection.leaving and not leaving["reads"] and leaving["at"] <= time.time():
                _depart(world, connection, what)


def _depart(world: World, connection: Connection, what: str) -> None:
    connection.leaving.pop(what, None)
    feature = connection.feature(what)
    if what == ALL:
        world.uninstall(connection)
    elif feature and world.knobs.configuration.removes_switched_off:
        remove_feature(connection, feature)
        world.announce(connection, UNINSTALL)
    elif feature:
        feature.enabled = False
    world.snapshot.changed()

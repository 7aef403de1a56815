"""What a Graph call leads to."""

from collections.abc import Callable
from typing import NamedTuple

from sandbox.graph_call import Call
from sandbox.model import Json
from sandbox.world import World

Edge = Callable[[World, Call], Json]


class Route(NamedTuple):
    """`kind` is the name in counters, `path` the name in faults."""

    kind: str
    path: str
    edge: Edge

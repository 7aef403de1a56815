"""What v2 connections have, as the files of partners bring them: channels, features behind them, kinds of tokens."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class Mix:
    """Connections of one channel, so many quarters of all, with these features at Meta.

    `implied` is how many v2 implies: a catalog that only the shop holds is one more than Meta lists.
    """

    prefix: str
    token_kind: str
    channel: str
    features: tuple[str, ...]
    implied: int
    quarters: int


MIXES = (
    Mix("ads-", "USER", "DEFAULT", ("ads", "pixel", "catalog"), implied=3, quarters=2),
    Mix("shop-", "SYSTEM_USER", "COMMERCE", ("fb_shop", "pixel", "ads"), implied=4, quarters=1),
    Mix(
        "shops-",
        "SYSTEM_USER",
        "COMMERCE",
        ("fb_shop", "ig_shopping", "catalog", "pixel", "ads"),
        implied=5,
        quarters=1,
    ),
)


def mixed_up(rows: Sequence[Row]) -> list[Row]:
    """The rows in an order that has nothing to do with what they are, and is always the same."""
    return random.Random(0).sample(rows, len(rows))

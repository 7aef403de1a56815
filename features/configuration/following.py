"""What an applied result means for configuration."""

from collections.abc import Sequence

from features.applied import Applied


def follow(results: Sequence[Applied]) -> None:
    """Not built yet."""

"""A whole stack with its sandbox, for faults and soaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import DemoStack


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoStack]:
    """`make run` as a newcomer has it, in a VAR_DIR of its own."""
    directory: Path = tmp_path_factory.mktemp("demo") / "var"
    running = DemoStack(directory)
    running.wait_until_ready()
    yield running
    running.end()

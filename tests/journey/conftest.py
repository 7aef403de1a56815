"""A whole stack, as a newcomer has it, for a person with a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack import DemoStack


@pytest.fixture(scope="module")
def demo(browser_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoStack]:
    """`make run` in a VAR_DIR of its own; without a browser it does not even start."""
    directory: Path = tmp_path_factory.mktemp("journey") / "var"
    running = DemoStack(directory)
    running.wait_until_ready()
    yield running
    running.end()

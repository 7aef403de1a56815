"""The HTTP requests that leave this process, counted where Python's own client sends them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote_plus

_counting: list[list[str]] = []


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if event == "http.client.send" and _counting and isinstance(arguments[1], bytes):
        _counting[-1].append(unquote_plus(arguments[1].decode(errors="replace")))


sys.addaudithook(_listen)


@contextmanager
def outgoing() -> Iterator[list[str]]:
    """What is sent while the block lasts, readable: heads and bodies, each on its own."""
    _counting.append([])
    try:
        yield _counting[-1]
    finally:
        _counting.pop()

"""Follows an answer over its pages, by cursor (meta-api, 8.4)."""

from collections.abc import Callable

from mbe.errors import DoubtfulAnswer
from mbe.wire import text

MAX_PAGES = 20


def all_elements(page: object, page_after: Callable[[str], object]) -> list[object]:
    """Give the elements of a first page and of those that follow it.

    ``page_after`` reads the page after a cursor: Meta's address of the next page has the token in it. Raises
    DoubtfulAnswer for a page without a list, a next page without a cursor, and more than ``MAX_PAGES`` pages.
    """
    elements = _elements(page)
    pages = 1
    while after := _next_cursor(page):
        if pages == MAX_PAGES:
            raise DoubtfulAnswer("The answer has too many pages")
        page = page_after(after)
        elements = elements + _elements(page)
        pages += 1
    return elements


def _elements(page: object) -> list[object]:
    elements = page.get("data") if isinstance(page, dict) else None
    if not isinstance(elements, list):
        raise DoubtfulAnswer("The answer has no data list")
    return elements


def _next_cursor(page: object) -> str:
    paging = page.get("paging") if isinstance(page, dict) else None
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    after = text(cursors.get("after"), 4096) if isinstance(cursors, dict) else ""
    if not after:
        raise DoubtfulAnswer("The answer has a next page without a cursor")
    return after

"""What the browser tests stand on."""

import pytest
from playwright.sync_api import Error

from tests.browsers import Chromium, ended_after

pytestmark = pytest.mark.browser


def test_a_call_that_waits_for_ever_fails_at_its_line_and_the_next_test_has_a_browser(one_chromium: Chromium) -> None:
    page = one_chromium.running().new_page()
    with ended_after(1), pytest.raises(Error, match="closed"):
        page.evaluate("new Promise(() => {})")
    next_page = one_chromium.running().new_page()
    assert next_page.evaluate("1 + 1") == 2
    next_page.context.close()

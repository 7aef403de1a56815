"""What stays out of the log."""

import logging

import pytest


@pytest.mark.parametrize("path", ["/connect/live-token/", "/connect/live-token/book/"])
def test_no_launch_token_gets_into_the_log(path: str) -> None:
    console = next(each for each in logging.getLogger().handlers if each.get_name() == "console")
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "%s: %s", ("Gone", path), None)
    assert console.filter(record)
    assert record.getMessage() == "Gone: " + path.replace("live-token", "…")

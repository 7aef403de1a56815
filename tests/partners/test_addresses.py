"""Which address a request is said to come from."""

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from partners.addresses import address_of


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "address"),
    [
        (0, "127.0.0.1", None, "127.0.0.1"),
        (0, "192.0.2.9", "198.51.100.1", "192.0.2.9"),
        (1, "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (1, "127.0.0.1", "203.0.113.7, 198.51.100.1", "198.51.100.1"),
        (2, "127.0.0.1", "203.0.113.7, 198.51.100.1 ,10.0.0.2", "198.51.100.1"),
        (2, "127.0.0.1", "10.0.0.2", "127.0.0.1"),
        (1, "127.0.0.1", None, "127.0.0.1"),
        (1, "127.0.0.1", "", "127.0.0.1"),
        (1, "127.0.0.1", "198.51.100.1, unknown", "127.0.0.1"),
        (1, "127.0.0.1", "198.51.100.1:4711", "127.0.0.1"),
        (1, "127.0.0.1", "1.2.3.4\t'; drop", "127.0.0.1"),
        (1, "127.0.0.1", "2001:DB8:0:0::1", "2001:db8::1"),
        (1, "127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        (0, "fe80::1%eth0", None, "fe80::1"),
        (0, "", None, ""),
    ],
)
def test_only_what_a_trusted_proxy_wrote_is_believed(
    settings: Settings, proxies: int, remote: str, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert address_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)) == address

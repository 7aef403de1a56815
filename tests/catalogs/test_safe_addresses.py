"""Addresses that lead inside, however they are written."""

import pytest

from catalogs.safe_addresses import UnsafeAddress, addresses_of, check_url, is_public

PUBLIC = ("93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450:4001:801::200e")
NOT_PUBLIC = (
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "168.63.129.16",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "no address",
)
# Refused by the text alone.
BAD_URLS = {
    "http://shop.example/feed.csv": "not_https",
    "ftp://shop.example/feed.csv": "not_https",
    "file:///etc/passwd": "bad_address",
    "gopher://127.0.0.1:6379/_x": "not_https",
    "https:///feed.csv": "bad_address",
    "https://shop.example:8443/": "other_port",
    "https://shop.example:99999/": "bad_address",
    "https://somebody:secret@shop.example/": "has_credentials",
    "https://shop.example@127.0.0.1/": "has_credentials",
    "https://@127.0.0.1/": "has_credentials",
    "https://shop.example\\@127.0.0.1/": "bad_address",
    "https://127.0.0.1\t.shop.example/": "bad_address",
    "https://shop.example/a b": "bad_address",
    "https://127.0.0.1/": "private_address",
    "https://127.1/": "private_address",
    "https://2130706433/": "private_address",
    "https://0x7f000001/": "private_address",
    "https://0x7f.0.0.1/": "private_address",
    "https://0177.0.0.1/": "private_address",
    "https://169.254.169.254/latest/meta-data/": "private_address",
    "https://[::1]/": "private_address",
    "https://[::ffff:127.0.0.1]/": "private_address",
    "https://[fe80::1%25eth0]/": "private_address",
    "https://[": "bad_address",
    "https://127.0.0.1./": "private_address",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_the_open_net_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_nothing_else_is(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(("url", "code"), BAD_URLS.items())
def test_a_bad_address_is_refused_by_its_text(url: str, code: str) -> None:
    with pytest.raises(UnsafeAddress) as error:
        check_url(url, may_be_private=False)
    assert error.value.code == code


@pytest.mark.parametrize(
    "url", ["https://shop.example/feed.csv?key=1#x", "https://shop.example:443/", "https://8.8.8.8/"]
)
def test_a_plain_https_address_is_good(url: str) -> None:
    check_url(url, may_be_private=False)


def test_where_it_may_be_private_http_and_ports_are_good_and_credentials_still_are_not() -> None:
    check_url("http://127.0.0.1:8000/feed.csv", may_be_private=True)
    for url in ("ftp://127.0.0.1/", "http://a:b@127.0.0.1/"):
        with pytest.raises(UnsafeAddress):
            check_url(url, may_be_private=True)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_is_refused_if_one_of_its_addresses_is_not_public(address: str) -> None:
    with pytest.raises(UnsafeAddress):
        addresses_of("shop.example", 443, lambda host, port: [PUBLIC[0], address], may_be_private=False)


def test_a_name_without_an_address_is_an_error() -> None:
    with pytest.raises(OSError, match="no address"):
        addresses_of("shop.example", 443, lambda host, port: [], may_be_private=False)

"""Which addresses are public."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.addresses import internal_address, loopback_address, public_address
from keys.checks import AddressForbidden, FetchRefused


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "8.8.8.8", "193.166.3.2", "2606:4700:4700::1111", "2a00:1450::1"]
)
def test_public(text: str) -> None:
    assert str(public_address(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "",
        "localhost",
        "127.1",
        "0x7f000001",
        "2130706433",
        "1.1.1.1 ",
        "1.1.1.01",
        "[::1]",
    ],
)
def test_not_public(text: str) -> None:
    with pytest.raises(AddressForbidden):
        public_address(text)
    assert issubclass(AddressForbidden, FetchRefused)


@pytest.mark.parametrize(
    "text", ["10.0.0.1", "172.16.0.1", "192.168.1.1", "fc00::1", "fd12:3456::1", "8.8.8.8"]
)
def test_our_own_network(text: str) -> None:
    assert str(internal_address(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "169.254.169.254",
        "fe80::1",
        "100.64.0.1",
        "0.0.0.0",
        "172.32.0.1x",
        "224.0.0.1",
        "2002:a00:1::",
        "",
    ],
)
def test_not_even_our_own_network(text: str) -> None:
    with pytest.raises(AddressForbidden):
        internal_address(text)


def test_a_mapped_public_address_is_what_it_maps_to() -> None:
    assert str(public_address("::ffff:8.8.8.8")) == "8.8.8.8"


def test_loopback() -> None:
    assert str(loopback_address("127.0.0.1")) == "127.0.0.1"
    assert str(loopback_address("::1")) == "::1"
    assert str(loopback_address("::ffff:127.0.0.1")) == "127.0.0.1"
    assert loopback_address("10.0.0.1") is None
    assert loopback_address("0.0.0.0") is None
    with pytest.raises(AddressForbidden):
        loopback_address("localhost")


@given(st.text(max_size=40) | st.ip_addresses().map(str))
def test_any_text_is_public_or_refused(text: str) -> None:
    try:
        address = public_address(text)
    except AddressForbidden:
        return
    assert address.is_global
    assert not address.is_private
    assert not address.is_loopback

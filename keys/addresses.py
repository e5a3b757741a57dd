"""Which network addresses we connect to: public ones, so that nobody steers us inwards."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from keys.checks import AddressForbidden

Address = IPv4Address | IPv6Address

# Ranges that carry an IPv4 address inside an IPv6 one, or lead to another machine than it seems
_WRAPPERS: Final = (
    ip_network("64:ff9b::/96"),
    ip_network("64:ff9b:1::/48"),
    ip_network("2002::/16"),
    ip_network("2001::/32"),
    ip_network("192.88.99.0/24"),
)

_PRIVATE: Final = (
    ip_network("10.0.0.0/8"),
    ip_network("172.16.0.0/12"),
    ip_network("192.168.0.0/16"),
    ip_network("fc00::/7"),
)


def public_address(text: str) -> Address:
    """Return an address on the public internet.

    Raises:
        AddressForbidden: private, loopback, link-local, unique-local, shared (CGNAT), multicast,
            reserved or unspecified, also when wrapped in IPv6; or not an address at all.
    """
    address = _address(text)
    if not address.is_global or address.is_multicast or address.is_reserved:
        raise AddressForbidden("not a public address")
    if isinstance(address, IPv6Address) and (address.is_site_local or address.scope_id):
        raise AddressForbidden("not a public address")
    if any(address in wrapper for wrapper in _WRAPPERS if wrapper.version == address.version):
        raise AddressForbidden("a wrapped address")
    return address


def internal_address(text: str) -> Address:
    """Return an address on the public internet, or in a private network of ours.

    Raises:
        AddressForbidden: everything that `public_address` refuses, except private and unique-local
            addresses; or not an address at all.
    """
    address = _address(text)
    if any(address in ours for ours in _PRIVATE if ours.version == address.version):
        return address
    return public_address(text)


def loopback_address(text: str) -> Address | None:
    """Return the address if it is this machine's loopback, else None.

    Raises:
        AddressForbidden: not an address at all.
    """
    address = _address(text)
    return address if address.is_loopback else None


def _address(text: str) -> Address:
    try:
        address = ip_address(text)
    except ValueError:
        raise AddressForbidden("not an address") from None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address

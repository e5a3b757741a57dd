"""Who calls, as far as that is known: what limits on attempts are counted by."""

from ipaddress import IPv4Address, IPv6Network, ip_address

from fastapi import Request

_OF_ONE_SITE = 64  # leading bits; whoever has an IPv6 address has all that begin like it


def caller_of(request: Request) -> str:
    """Return the caller's IPv4 address, or the network of its IPv6 address.

    Whatever says neither is one and the same caller, the empty text.
    """
    try:
        address = ip_address("" if request.client is None else request.client.host)
    except ValueError:
        return ""
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), _OF_ONE_SITE), strict=False))

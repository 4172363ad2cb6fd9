"""Whom an address stands for: those who share it. Pure."""

import ipaddress
from typing import Final

# The first half is the network, and whoever has one has all of its 2^64 addresses.
_IPV6_NETWORK_BITS: Final = 64


def household(address: str | None) -> str:
    """What is counted together; whatever is no address is one by itself."""
    try:
        peer = ipaddress.ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if isinstance(peer, ipaddress.IPv4Address):
        return str(peer)
    if peer.ipv4_mapped is not None:
        return str(peer.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(peer), _IPV6_NETWORK_BITS), strict=False))

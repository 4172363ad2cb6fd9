"""Under which names the server answers, and to whose pages.

A page that somebody was lured to can make the browser talk to a server at home: by name (DNS rebinding), or
as itself with the visitor's address. So the Host header must be a name of ours, and an Origin must be that
very host or on the operator's list; a client that sends no Origin is no browser and shows a token anyway.
Knows headers as text. Does not know requests.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from collab.config import Settings


@dataclass(frozen=True, slots=True)
class Origins:
    """`hosts` are names in lower case without port; `allowed` are exact origins besides our own."""

    hosts: frozenset[str]
    allowed: frozenset[str]

    def host_is_ours(self, host_header: str) -> bool:
        """Addresses always are: rebinding needs a name, and nobody can point a foreign one at us then."""
        try:
            name = urlsplit(f"//{host_header}").hostname
        except ValueError:
            return False
        return name is not None and (name in self.hosts or _is_address(name))

    def origin_is_allowed(self, origin: str | None, host_header: str) -> bool:
        """Whether a browser page from `origin` may use the server that it calls `host_header`."""
        if origin is None or origin in self.allowed:
            return True
        scheme, _, host = origin.partition("://")
        is_own = scheme in ("http", "https") and host.lower() == host_header.lower()
        return is_own and self.host_is_ours(host_header)


def own_origins(settings: Settings) -> Origins:
    """The names of this machine, the one that it was told to listen on, and what the operator allows."""
    machine = socket.gethostname().lower()
    names = {"localhost", machine, f"{machine}.local", settings.host.lower()}
    return Origins(
        hosts=frozenset(names | {name.lower() for name in settings.allow_host}),
        allowed=frozenset(settings.allow_origin),
    )


def is_loopback(address: str | None) -> bool:
    """Whether a peer's address is this machine's own. None (no address known) is not."""
    try:
        peer = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = peer.ipv4_mapped if isinstance(peer, ipaddress.IPv6Address) else None
    return (mapped or peer).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

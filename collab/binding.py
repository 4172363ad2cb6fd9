"""The sockets that the server listens on.

Bound before anything is opened, so that a port in use is said in a sentence and costs nothing. Knows
addresses and what the system says when it refuses one. Does not know what is served.
"""

import errno
import socket
import sys

from collab.errors import CannotStart

# Whoever comes in a storm waits here (`acceptor`); the system has a bound of its own, 4,096 on most Linux.
BACKLOG = 8192


def listen(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    """A socket that listens; port 0 lets the system choose. `is_shared`: beside others of this kind, among
    which the system deals out who comes. Raises CannotStart with the reason."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError):
        raise CannotStart(f"The host name {host} cannot be resolved; give another with --host.") from None
    listening = socket.socket(family, kind, proto)
    try:
        # A server that was just stopped leaves its port in TIME_WAIT; that must not hinder the next start.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise CannotStart(_reason(error, host, port)) from None
    return listening


class SharedPort:
    """One port for several processes. On Linux each has a socket of its own, and the system deals out whoever
    comes evenly; elsewhere they share one, and whoever is quick gets more. Raises CannotStart."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        # Two servers of one user could share a port without knowing: this one must be nobody's.
        self._only = listen(host, port)
        self.number = port_of(self._only)
        self._deals = sys.platform == "linux"
        if self._deals:
            self._only.close()

    def share(self) -> socket.socket:
        """One more socket; the caller closes it."""
        return listen(self._host, self.number, is_shared=True) if self._deals else self._only.dup()

    def close(self) -> None:
        self._only.close()


def port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def lan_address() -> str | None:
    """The address under which others in the local network reach this machine, if it has one.

    Connecting a UDP socket sends nothing: the system only chooses the way, and with it our address.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("10.255.255.255", 1))
        except OSError:
            return None
        address: str = probe.getsockname()[0]
    return None if address.startswith("127.") else address


def url_of(scheme: str, host: str, port: int) -> str:
    """What to type into a browser. Nobody can visit a wildcard address; localhost stands for it."""
    shown = "localhost" if host in ("0.0.0.0", "::", "") else host
    return f"{scheme}://{f'[{shown}]' if ':' in shown else shown}:{port}"


def _reason(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} is in use; stop what uses it, or choose another with --port."
        case errno.EACCES:
            return f"Port {port} needs more rights than this user has; choose one above 1023 with --port."
        case errno.EADDRNOTAVAIL:
            return f"{host} is no address of this machine; choose one with --host."
        case _:
            return f"Cannot listen on {host}, port {port}: {error.strerror}."

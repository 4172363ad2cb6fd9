"""Everything that an operator can choose.

One frozen value, made by the command line and handed to whatever is built; nothing else reads the
environment. A default is what `promises.md` promises of a server that nobody configured. Knows which values
are possible. Does not know where they came from.
"""

import ipaddress
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from collab.errors import CannotStart
from collab.playlist import ENTRIES_MAX

LogFormat = Literal["console", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]

DEFAULT_PORT: Final = 8300
# More than any machine has use for; each opens its own connections to the database.
WORKERS_MAX: Final = 64
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
# scheme://host[:port], as browsers send it: no path, no trailing slash, no wildcard.
_ORIGIN: Final = re.compile(r"https?://(\[[0-9a-f:.]+\]|[^\s/:*?#@\[\]]+)(:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may ask for; the reasons are in `promises.md` section 3."""

    submissions_per_s: int = 50  # a connection; what exceeds it waits
    submissions_burst: int = 500
    http_requests: int = 600  # a user, in HTTP_WINDOW_S
    guests_per_minute: int = 20  # an address, loopback exempt
    sockets_per_address: int = 64  # loopback exempt
    sockets_max: int = 20_000  # a node; each worker is one
    body_bytes_max: int = 256 * 1024
    entries_max: int = ENTRIES_MAX  # a playlist


@dataclass(frozen=True, slots=True)
class Retention:
    """How much history stays: a playlist's last versions, the versions of the last days; with both, what
    either keeps. None does not limit, and with neither everything stays."""

    versions: int | None = None
    days: int | None = None

    @property
    def keeps_everything(self) -> bool:
        return self.versions is None and self.days is None


HTTP_WINDOW_S: Final = 5


@dataclass(frozen=True, slots=True)
class OwnIssuer:
    """Whose tokens are believed besides ours: `name` is their `iss`, `jwks` the URL of their public keys."""

    name: str
    audience: str
    jwks: str


@dataclass(frozen=True, slots=True)
class Settings:
    """`data` holds the database file (unless `database_url` names one elsewhere) and the secret.

    Raises CannotStart for combinations that cannot work.
    """

    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    database_url: str | None = None
    redis_url: str | None = None
    lan: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    allow_origin: tuple[str, ...] = ()
    allow_host: tuple[str, ...] = ()
    admin_port: int | None = None
    # Processes that serve the port together.
    workers: int = 1
    # From failing readiness to closing the port: what a balancer takes to notice.
    drain_delay_s: float = 0.0
    # Addresses and networks whose X-Forwarded-For and X-Forwarded-Proto are believed.
    trust_proxy: tuple[str, ...] = ()
    # Of all processes together, in MiB; None: what the container may have, if that is limited.
    memory_max_mib: int | None = None
    secret: str | None = None
    issuer: OwnIssuer | None = None
    log_level: LogLevel = "info"
    log_format: LogFormat = "console"
    limits: Limits = Limits()
    retention: Retention = Retention()
    # The folder with the music; None: what the program makes itself, if that is wanted.
    music: Path | None = None
    # Whether the program makes music of its own, in `data`, for who has none.
    samples: bool = True
    # A Jam's times (a host's absence, a skip's countdown …) are this many times shorter, and what one may do
    # within a time comes back that much sooner, for tests of hours.
    jam_times_divided_by: int = 1

    def __post_init__(self) -> None:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise CannotStart("Give both --tls-cert and --tls-key, or neither.")
        for origin in self.allow_origin:
            if _ORIGIN.fullmatch(origin) is None:
                raise CannotStart(
                    f"--allow-origin {origin} is not an origin; write it as the browser does, "
                    "such as https://app.example.com."
                )
        if self.admin_port is not None and self.admin_port == self.port != 0:
            raise CannotStart("--admin-port must be another port than --port.")
        for proxy in self.trust_proxy:
            _check_network(proxy)
        self._check_workers()
        if self.issuer is not None:
            _check_issuer(self.issuer)

    def _check_workers(self) -> None:
        if self.workers == 1:
            return
        if sys.platform == "win32":
            raise CannotStart("--workers is not for Windows; start several servers on ports of their own.")
        if self.database_url is None:
            raise CannotStart(
                f"--workers {self.workers} needs PostgreSQL, because the file in --data admits one process; "
                "give --database-url, or leave --workers away."
            )
        if self.redis_url is None:
            raise CannotStart(
                f"--workers {self.workers} needs Redis, by which they tell each other what moved; give "
                "--redis-url, or leave --workers away."
            )

    @property
    def bind_host(self) -> str:
        """The address to listen on: `--lan` means every one."""
        return "0.0.0.0" if self.lan else self.host

    @property
    def scheme(self) -> str:
        return "http" if self.tls_cert is None else "https"


def own_issuer(name: str | None, audience: str | None, jwks: str | None) -> OwnIssuer | None:
    """What three options name together. Raises CannotStart if it is some of them only."""
    if name is None and audience is None and jwks is None:
        return None
    if not (name and audience and jwks):
        raise CannotStart("Give --issuer, --issuer-audience and --issuer-jwks together, or none of them.")
    return OwnIssuer(name, audience, jwks)


def _check_issuer(issuer: OwnIssuer) -> None:
    """Whoever can change the keys on their way can be anybody."""
    parts = urlsplit(issuer.jwks)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise CannotStart(
            f"--issuer-jwks {issuer.jwks} is no URL with https; give that of the issuer's public keys."
        )


def _check_network(proxy: str) -> None:
    try:
        ipaddress.ip_network(proxy)
    except ValueError:
        raise CannotStart(
            f"--trust-proxy {proxy} is no address and no network; write 10.0.0.5, or 10.0.0.0/8."
        ) from None

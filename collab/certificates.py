"""The certificate that the server shows, and the next one.

The files are looked at every few seconds. A new pair that stands still, fits together and has not ended is
shown from the next handshake on; connections that are there keep what they have, so a renewal disconnects
nobody. Any other pair is refused, and the one before stays. Knows files, certificates and TLS contexts. Does
not know who serves with them, nor when an end is announced (`expiry`).
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509

from collab.config import Settings
from collab.errors import CannotStart
from collab.expiry import Expiry
from collab.metrics import Metrics

log = structlog.get_logger("tutti.certificates")

# Who renews writes two files, one after the other: a pair counts when it stood still for one look.
LOOK_EVERY_S: Final = 2.0


class BadPair(Exception):
    """A certificate and a key that cannot be used. The text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says of itself; `names` are the hosts that it is for, times are wall ms."""

    serial: int
    names: tuple[str, ...]
    begins_ms: int
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its key, ready to be shown."""

    certificate: Certificate
    context: ssl.SSLContext


class Certificates:
    """What a server shows: give `context` to it, and keep `keep_running` as a task of the node."""

    def __init__(self, cert: Path, key: Path, metrics: Metrics, now_ms: Callable[[], int]) -> None:
        """Raises CannotStart."""
        self._cert = cert
        self._key = key
        self._metrics = metrics
        self._now_ms = now_ms
        self._seen = self._loaded = _stamp(cert, key)
        try:
            self._pair = load_pair(cert, key)
        except BadPair as bad:
            raise CannotStart(str(bad)) from None
        self.context = self._pair.context
        # Asked in every handshake, also when the client names no host: so a new pair is shown all at once.
        # Loaded into the old context, it could fail between certificate and key, and leave that unusable.
        self.context.sni_callback = self._show
        self._expiry = self._announce_pair("certificate_loaded")
        self._announce_end()

    @property
    def current(self) -> Certificate:
        return self._pair.certificate

    async def keep_running(self, pause: Callable[[], Awaitable[None]]) -> None:
        """Looks after each pause, until it is cancelled."""
        while True:
            await pause()
            try:
                await self.look()
            except Exception:
                # A bug here is not the node's end: its tasks are one group.
                log.exception("certificate_not_looked_at")

    async def look(self) -> None:
        """Takes a pair that has changed and stood still since the last look, and announces an end that is
        near."""
        stamp = await asyncio.to_thread(_stamp, self._cert, self._key)
        stands_still, self._seen = stamp == self._seen, stamp
        if stands_still and stamp != self._loaded:
            self._loaded = stamp
            await self._take()
        self._announce_end()

    async def _take(self) -> None:
        try:
            pair = await asyncio.to_thread(load_pair, self._cert, self._key)
            if pair.certificate.ends_ms <= self._now_ms():
                raise BadPair(f"The certificate {self._cert} has ended already.")
        except BadPair as bad:
            self._metrics.certificate_reloads.labels(outcome="refused").inc()
            log.warning("certificate_refused", reason=str(bad), hint="The one before stays.")
            return
        self._pair = pair
        self._metrics.certificate_reloads.labels(outcome="loaded").inc()
        self._expiry = self._announce_pair("certificate_reloaded")

    def _show(
        self, shown: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _context: ssl.SSLContext
    ) -> None:
        shown.context = self._pair.context

    def _announce_pair(self, event: str) -> Expiry:
        found = self._pair.certificate
        log.info(event, names=list(found.names), serial=f"{found.serial:x}", days_left=self._days_left())
        return Expiry(found.ends_ms)

    def _announce_end(self) -> None:
        self._metrics.certificate_expiry_seconds.set((self.current.ends_ms - self._now_ms()) / 1000)
        days = self._expiry.due(self._now_ms())
        if days == 0:
            log.error("certificate_expired", names=list(self.current.names), hint="Put a new pair there.")
        elif days is not None:
            log.warning(
                "certificate_expires_soon", names=list(self.current.names), days_left=self._days_left()
            )

    def _days_left(self) -> float:
        return round((self.current.ends_ms - self._now_ms()) / 86_400_000, 1)


async def every_few_seconds() -> None:
    await asyncio.sleep(LOOK_EVERY_S)


def open_certificates(settings: Settings, metrics: Metrics, now_ms: Callable[[], int]) -> Certificates | None:
    """What the settings name; None: no TLS. Raises CannotStart. One that has ended is shown nevertheless: who
    trusted it before may have a way to go on, and nobody has one without a server."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    return Certificates(settings.tls_cert, settings.tls_key, metrics, now_ms)


def check_certificate(settings: Settings) -> None:
    """Raises CannotStart if the certificate and its key cannot be used. Call it before anything is opened."""
    if settings.tls_cert is None or settings.tls_key is None:
        return
    try:
        load_pair(settings.tls_cert, settings.tls_key)
    except BadPair as bad:
        raise CannotStart(str(bad)) from None


def load_pair(cert: Path, key: Path) -> Pair:
    """What stands in two PEM files. Raises BadPair if that is nothing to serve with, also if the key is
    another certificate's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # A key behind a password is refused; without the callback the terminal would be asked for it.
        context.load_cert_chain(cert, key, password=lambda: "")
        leaf = x509.load_pem_x509_certificates(cert.read_bytes())[0]
    except (OSError, ValueError) as error:  # SSLError is an OSError
        reason = error.strerror if isinstance(error, OSError) else None
        raise BadPair(
            f"The certificate {cert} and its key {key} cannot be used: {reason or error}."
        ) from None
    begins, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    return Pair(
        Certificate(leaf.serial_number, _names(leaf), _ms(begins.timestamp()), _ms(ends.timestamp())), context
    )


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    try:
        alternatives = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    hosts = alternatives.get_values_for_type(x509.DNSName)
    return (*hosts, *map(str, alternatives.get_values_for_type(x509.IPAddress)))


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def _stamp(*files: Path) -> tuple[tuple[int, ...], ...]:
    """What differs when a file was written or replaced; empty for one that is not there."""
    stamps: list[tuple[int, ...]] = []
    for file in files:
        try:
            stat = file.stat()
        except OSError:
            stamps.append(())
        else:
            stamps.append((stat.st_mtime_ns, stat.st_ino, stat.st_size))
    return tuple(stamps)

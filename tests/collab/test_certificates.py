import asyncio
import math
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from collab.certificates import Certificates, check_certificate, open_certificates
from collab.config import Settings
from collab.errors import CannotStart
from collab.metrics import Metrics
from tests.collab.serving import HUNG_S
from tests.pairs import PairFiles, serial_of

DAY_MS = 24 * 3600 * 1000
START_MS = 1_800_000_000_000


class Watched:
    """Certificates of a folder, at a time that the test says, and an echo that shows them."""

    def __init__(self, folder: Path) -> None:
        self.files = PairFiles(folder)
        self.now_ms = START_MS
        self.write(1)
        self.metrics = Metrics()
        self.certificates = Certificates(self.files.cert, self.files.key, self.metrics, lambda: self.now_ms)

    def write(self, serial: int, days: int = 90) -> None:
        self.files.write(serial, begins_ms=START_MS - DAY_MS, ends_ms=START_MS + days * DAY_MS)

    async def look(self) -> None:
        """Once more than it takes for what has changed to stand still."""
        await self.certificates.look()
        await self.certificates.look()

    def reloads(self, outcome: str) -> float:
        found = self.metrics.registry.get_sample_value(
            "tutti_certificate_reloads_total", {"outcome": outcome}
        )
        return found or 0.0

    @asynccontextmanager
    async def echo(self) -> AsyncIterator[int]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                writer.write(line)
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=self.certificates.context)
        try:
            async with asyncio.timeout(HUNG_S):
                yield server.sockets[0].getsockname()[1]
        finally:
            server.close()


class Peer:
    """A TLS connection to the echo."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @property
    def serial(self) -> int:
        """Of the certificate that it was shown."""
        certificate = self.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        assert certificate is not None
        return serial_of(certificate)

    async def is_echoed(self) -> bool:
        self.writer.write(b"still here\n")
        return await self.reader.readline() == b"still here\n"


@asynccontextmanager
async def peer(port: int, name: str | None = "localhost") -> AsyncIterator[Peer]:
    """`name`: the host that it asks for; None: it says none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name or "")
    try:
        yield Peer(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


@pytest.mark.parametrize("name", ["localhost", None])
async def test_a_new_pair_is_shown_to_those_who_come_and_disconnects_nobody(
    watched: Watched, name: str | None
) -> None:
    async with watched.echo() as port, peer(port, name) as early:
        assert early.serial == 1
        watched.write(2)
        await watched.look()
        async with peer(port, name) as late:
            assert late.serial == 2
            assert await late.is_echoed()
        assert await early.is_echoed()
        assert early.serial == 1
    assert watched.reloads("loaded") == 1


async def test_a_pair_is_taken_only_when_it_stands_still(watched: Watched) -> None:
    watched.write(2)
    await watched.certificates.look()
    assert watched.certificates.current.serial == 1
    await watched.certificates.look()
    assert watched.certificates.current.serial == 2


@pytest.mark.parametrize("broken", ["nonsense", "missing", "foreign key", "ended", "behind a password"])
async def test_a_broken_pair_is_refused_once_and_the_old_one_stays(
    watched: Watched, tmp_path: Path, broken: str
) -> None:
    async with watched.echo() as port, peer(port) as early:
        match broken:
            case "nonsense":
                watched.files.cert.write_text("nonsense")
            case "missing":
                watched.files.key.unlink()
            case "foreign key":
                good = watched.files.key.read_bytes()
                watched.write(2)
                watched.files.key.write_bytes(good)
            case "ended":
                watched.files.write(2, begins_ms=START_MS - 9 * DAY_MS, ends_ms=START_MS)
            case "behind a password":
                watched.files.write(2, password=b"sesame")
        with capture_logs() as logs:
            await watched.look()
            await watched.look()
        assert [line["event"] for line in logs] == ["certificate_refused"]
        assert watched.reloads("refused") == 1
        async with peer(port) as late:
            assert late.serial == 1
        assert await early.is_echoed()
        watched.write(3)
        await watched.look()
        async with peer(port) as later:
            assert later.serial == 3
        assert await early.is_echoed()


async def test_an_end_is_announced_and_counted_down(watched: Watched) -> None:
    with capture_logs() as logs:
        await watched.look()
        for days_left in (30, 14, 7, 3, 1, 0):
            watched.now_ms = START_MS + (90 - days_left) * DAY_MS
            await watched.look()
        watched.write(2, days=200)
        await watched.look()
    said = [(line["event"], line.get("days_left")) for line in logs]
    assert said == [
        *(("certificate_expires_soon", float(days)) for days in (30, 14, 7, 3, 1)),
        ("certificate_expired", None),
        ("certificate_reloaded", 110.0),
    ]
    expiry_s = watched.metrics.registry.get_sample_value("tutti_certificate_expiry_seconds")
    assert expiry_s == 110 * DAY_MS / 1000


def test_a_certificate_tells_its_names(watched: Watched) -> None:
    assert watched.certificates.current.names == ("localhost", "127.0.0.1")
    assert watched.certificates.current.ends_ms == START_MS + 90 * DAY_MS


def test_a_server_starts_with_one_that_has_ended(tmp_path: Path) -> None:
    files = PairFiles(tmp_path)
    files.write(1, begins_ms=START_MS - 9 * DAY_MS, ends_ms=START_MS)
    settings = Settings(tls_cert=files.cert, tls_key=files.key)
    check_certificate(settings)
    with capture_logs() as logs:
        assert open_certificates(settings, Metrics(), lambda: START_MS + DAY_MS) is not None
    assert [line["event"] for line in logs] == ["certificate_loaded", "certificate_expired"]


def test_what_is_no_certificate_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "cert.pem"
    file.write_text("nonsense")
    for path in (file, tmp_path / "missing.pem"):
        with pytest.raises(CannotStart, match="cannot be used"):
            check_certificate(Settings(tls_cert=path, tls_key=path))


def test_without_tls_there_is_nothing_to_watch() -> None:
    metrics = Metrics()
    check_certificate(Settings())
    assert open_certificates(Settings(), metrics, lambda: START_MS) is None
    expiry_s = metrics.registry.get_sample_value("tutti_certificate_expiry_seconds")
    assert expiry_s is not None
    assert math.isnan(expiry_s)

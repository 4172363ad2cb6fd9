"""What people are trusted by: the server's certificate is swapped, the issuer of their tokens fails.

Knows certificates and issuers as operators have them. Does not know how a node watches the one or asks the
other.
"""

import asyncio
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from collab.clock import Clock
from collab.issuer import user_of
from tests.faults.bus import LOOK_EVERY_S
from tests.faults.clients import PATIENCE_S
from tests.faults.cluster import Node, running
from tests.faults.row import Row, Size, Stage
from tests.issuers import AUDIENCE, NAME, Signer, claims, key_server
from tests.pairs import PairFiles, serial_of

# A token's life and the issuer's absence, a fifth of 15 minutes and of 5: the same proportions.
LIFE_S = 180.0
AWAY_S = 60.0
RATE_TIMES = 1.2


async def swap_certificates(stage: Stage) -> None:
    """A good pair, and then a broken one, take the place of the one that people came by."""
    old, new, live = (
        _pair(stage.folder / name, serial) for serial, name in enumerate(("old", "new", "live"), 1)
    )
    for source, target in ((old.cert, live.cert), (old.key, live.key)):
        target.write_bytes(source.read_bytes())
    options = ("--tls-cert", live.cert, "--tls-key", live.key)
    trusted = stage.folder / "trusted.pem"
    with _trusting(trusted, old):
        way_in = running(stage.folder, nodes=1, database="sqlite", options=options, scheme="https")
        async with way_in as cluster, stage.load(cluster) as load:
            [node], sessions = cluster.nodes, load.sessions
            stage.figure("certificate shown before", await _serial(node), 1, at_least=True)
            trusted.write_bytes(new.cert.read_bytes())
            live.key.write_bytes(new.key.read_bytes())
            live.cert.write_bytes(new.cert.read_bytes())
            await _reaches(node, 'tutti_certificate_reloads_total{outcome="loaded"}')
            await load.edit_now()
            stage.figure("certificate shown after", await _serial(node), 2, at_least=True)
            live.key.write_text("broken")
            await _reaches(node, 'tutti_certificate_reloads_total{outcome="refused"}')
            await load.edit_now()
            stage.figure("certificate shown beside a broken pair", await _serial(node), 2, at_least=True)
            stage.figure("sockets closed", load.sessions - sessions, 0)


def _pair(folder: Path, serial: int) -> PairFiles:
    folder.mkdir(parents=True)
    files = PairFiles(folder)
    files.write(serial)
    return files


@contextmanager
def _trusting(bundle: Path, pair: PairFiles) -> Iterator[None]:
    """This process believes what stands in `bundle`, as devices believe an authority: this pair, for now."""
    bundle.write_bytes(pair.cert.read_bytes())
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(bundle)
    try:
        yield
    finally:
        del os.environ["SSL_CERT_FILE"]
        if before is not None:
            os.environ["SSL_CERT_FILE"] = before


async def _serial(node: Node) -> int:
    """Of the certificate that a new connection is shown."""
    where = urlsplit(node.url)
    assert where.hostname is not None
    assert where.port is not None
    pem = await asyncio.to_thread(ssl.get_server_certificate, (where.hostname, where.port))
    return serial_of(ssl.PEM_cert_to_DER_cert(pem))


async def _reaches(node: Node, sample: str, least: float = 1.0) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await node.sample(sample) < least:  # noqa: ASYNC110  (it tells nobody)
            await asyncio.sleep(LOOK_EVERY_S)


class Accounts:
    """The app's own server, which gives Ann's devices tokens as long as it can."""

    def __init__(self, signer: Signer) -> None:
        self.user = user_of(NAME, "ann")
        self.is_away = False
        self.asked = 0
        self._signer = signer
        self._clock = Clock()

    async def token(self) -> str:
        self.asked += 1
        if self.is_away:
            raise OSError("The issuer is away.")
        return self._signer.sign(claims("ann", self._clock.now_ms(), LIFE_S, name="Ann"))


async def lose_the_issuer(stage: Stage) -> None:
    """It answers nobody for a third of a token's life: neither devices that want a new token nor the node."""
    signer = Signer("one")
    async with key_server(signer) as keys:
        issuer = ("--issuer", NAME, "--issuer-audience", AUDIENCE, "--issuer-jwks", keys.url)
        accounts = Accounts(signer)
        way_in = running(stage.folder, options=issuer)
        # Seven minutes are a long talk, and rooms remember it.
        async with way_in as cluster, stage.load(cluster, equal=running, token=accounts.token) as load:
            # Everybody came at once; from here on they ask as they happen to.
            await asyncio.sleep(LIFE_S / 2)  # half a life
            sessions, asked, from_s = load.sessions, accounts.asked + keys.asked, monotonic()
            await asyncio.sleep(LIFE_S)  # what is usual, over one life
            usual = (accounts.asked + keys.asked - asked) / (monotonic() - from_s)
            accounts.is_away = True
            keys.fail()
            asked, from_s = accounts.asked + keys.asked, monotonic()
            await asyncio.sleep(AWAY_S)  # the fault itself
            away = (accounts.asked + keys.asked - asked) / (monotonic() - from_s)
            await load.edit_now()
            accounts.is_away = False
            keys.show(signer)
            await asyncio.sleep(AWAY_S)  # who was turned away asks again
            await load.edit_now()
            stage.figure("questions a second, away beside usual", away / usual, RATE_TIMES)
            stage.figure("sockets closed", load.sessions - sessions, 0)
            stage.note(f"questions a second: {usual:.2f} as usual, {away:.2f} while the issuer was away")


ROWS = (
    Row(
        "certificate-swapped",
        "certificate swapped (good and broken pair)",
        "0 disconnects",
        swap_certificates,
        Size(clients=100, documents=10, ops_s=50),
    ),
    Row(
        "issuer-fails",
        "token issuer failing 5 min for all (here 1 min of tokens that live 3)",
        "0 disconnects; ≤ 1.2×",
        lose_the_issuer,
        Size(clients=200, documents=20, ops_s=20),
    ),
)

"""A certificate is renewed under a node that people are on (P17)."""

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from collab.binding import listen, port_of
from collab.certificates import Certificates, load_pair
from collab.codec import Encoding
from collab.config import Settings
from collab.messages import Hello, Welcome
from collab.serve import StopSignal, serve
from collab.server import open_node
from tests.collab.serving import HUNG_S
from tests.integration.world import Person, WireClient, new_id
from tests.pairs import PairFiles, serial_of
from tutti_client import connect as connect_sdk
from tutti_client.errors import Unreachable


class Node:
    """A node that serves over TLS, and how people reach it."""

    def __init__(self, port: int, files: PairFiles, certificates: Certificates) -> None:
        self.port = port
        self.files = files
        self.certificates = certificates
        self.trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.trust.check_hostname = False
        self.trust.verify_mode = ssl.CERT_NONE
        self.http = httpx.AsyncClient(base_url=f"https://127.0.0.1:{port}", verify=self.trust)

    async def guest(self) -> Person:
        session = (await self.http.post("/v1/guest", json={"name": "Ann"})).json()
        return Person(session["user"]["id"], session["token"])

    async def playlist(self, person: Person) -> str:
        headers = {"authorization": f"Bearer {person.token}"}
        made = await self.http.post("/v1/me/playlists", json={"name": "Mix"}, headers=headers)
        document: str = made.json()["id"]
        return document

    @asynccontextmanager
    async def client(self, person: Person) -> AsyncIterator[WireClient]:
        url = f"wss://127.0.0.1:{self.port}/v1/socket"
        async with connect(
            url, ssl=self.trust, subprotocols=[Subprotocol(Encoding.MSGPACK.value)], compression=None
        ) as socket:
            client = WireClient(socket, Encoding.MSGPACK, new_id(), person)
            await client.send(Hello(person.token, client.id))
            await client.receive(Welcome)
            yield client

    async def looks(self) -> None:
        """As often as it takes to believe what stands still."""
        await self.certificates.look()
        await self.certificates.look()


def serial_shown_to(client: WireClient) -> int:
    certificate = client.socket.transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
    assert certificate is not None
    return serial_of(certificate)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    files = PairFiles(tmp_path)
    files.write(1)
    settings = Settings(data=tmp_path / "data", tls_cert=files.cert, tls_key=files.key)
    ready = asyncio.Event()
    async with asyncio.timeout(2 * HUNG_S), open_node(settings) as server:
        assert server.certificates is not None
        with listen("127.0.0.1", 0) as public, StopSignal() as stop:
            serving = asyncio.create_task(serve(server, settings, public, None, stop, ready.set))
            await ready.wait()
            node = Node(port_of(public), files, server.certificates)
            async with node.http:
                yield node
            os.kill(os.getpid(), signal.SIGTERM)
            await serving


async def test_good_and_broken_pairs_disconnect_nobody(node: Node) -> None:
    ann = await node.guest()
    document = await node.playlist(ann)
    async with node.client(ann) as early:
        await early.open(document)
        assert serial_shown_to(early) == 1
        node.files.write(2)
        await node.looks()
        async with node.client(ann) as late:
            assert serial_shown_to(late) == 2
            await late.open(document)
            node.files.key.write_text("broken")
            await node.looks()
            async with node.client(ann) as later:
                assert serial_shown_to(later) == 2
            await early.send(early.append(document, 1, 0, 0))
            await late.rows(1)
            await late.send(late.append(document, 1, 1, 1))
            assert [row.version for row in await early.rows(2)] == [1, 2]
        assert serial_shown_to(early) == 1
    answer = await node.http.get("/metrics")
    assert 'tutti_certificate_reloads_total{outcome="loaded"} 1.0' in answer.text
    assert 'tutti_certificate_reloads_total{outcome="refused"} 1.0' in answer.text


async def test_a_certificate_that_is_not_good_is_not_asked_for_again_and_again(tmp_path: Path) -> None:
    files = PairFiles(tmp_path)
    files.write(1, begins_ms=1_600_000_000_000, ends_ms=1_700_000_000_000)
    tls = load_pair(files.cert, files.key).context
    attempts = 0

    async def shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal attempts
        attempts += 1
        with suppress(ssl.SSLError, ConnectionError):
            await writer.start_tls(tls)
        writer.close()

    async with await asyncio.start_server(shake_hands, "127.0.0.1", 0) as server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(Unreachable):
            # For one whose backoff begins at a quarter of a second this is long.
            async with connect_sdk(url, token="a token", timeout_s=2.0):
                pass
    assert attempts == 1

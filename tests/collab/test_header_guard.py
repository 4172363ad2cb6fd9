import asyncio
from typing import Any

import pytest

from collab.header_guard import HeaderGuardProtocol, HeaderLimits
from tests.collab.serving import SinkApp, client_frame, raw_client, raw_socket, serving, upgrade_request

REQUEST = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


class Hasty(HeaderGuardProtocol):
    limits = HeaderLimits(header_bytes_max=500, header_deadline_s=0.02)


class Small(HeaderGuardProtocol):
    limits = HeaderLimits(header_bytes_max=500)


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


@pytest.mark.parametrize("begun", [b"", b"\r\n", b"GE", REQUEST[:-2], upgrade_request()[:-2]])
async def test_a_header_that_does_not_end_in_time(begun: bytes) -> None:
    async with serving(hello, http=Hasty) as served, raw_client(served.port) as client:
        client.send(begun)
        assert (await client.read_end()).startswith(b"HTTP/1.1 408 ")
        assert not served.state.connections


@pytest.mark.parametrize("more", [b"\r\n", b"GE", REQUEST[:-2]])
async def test_the_next_request_has_a_deadline_too(more: bytes) -> None:
    async with serving(hello, http=Hasty) as served, raw_client(served.port) as client:
        client.send(REQUEST)
        assert (await client.read_head()).startswith(b"HTTP/1.1 200 ")
        assert await client.reader.readexactly(2) == b"hi"
        client.send(more)
        assert (await client.read_end()).startswith(b"HTTP/1.1 408 ")


async def test_the_deadline_is_for_headers_alone() -> None:
    go = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await go.wait()
        await hello(scope, receive, send)

    async with serving(slow, http=Hasty) as served, raw_client(served.port) as client:
        client.send(REQUEST)
        asyncio.get_running_loop().call_later(3 * Hasty.limits.header_deadline_s, go.set)
        assert (await client.read_head()).startswith(b"HTTP/1.1 200 ")


async def test_an_upgraded_socket_has_no_deadline() -> None:
    app = SinkApp()

    async def both(scope: Any, receive: Any, send: Any) -> None:
        await (hello if scope["type"] == "http" else app)(scope, receive, send)

    later = asyncio.Event()
    async with serving(both, http=Hasty) as served, raw_client(served.port) as client:
        client.send(REQUEST)
        assert (await client.read_head()).startswith(b"HTTP/1.1 200 ")
        assert await client.reader.readexactly(2) == b"hi"
        client.send(upgrade_request())
        assert (await client.read_head()).startswith(b"HTTP/1.1 101 ")
        asyncio.get_running_loop().call_later(3 * Hasty.limits.header_deadline_s, later.set)
        await later.wait()
        client.send(client_frame(2, b"still here"))
        assert await app.messages.get() == b"still here"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET /" + b"x" * 600, id="an address without end"),
        pytest.param(b"GET / HTTP/1.1\r\nA: " + b"x" * 600, id="a value without end"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200, id="fields without end"),
        pytest.param(REQUEST[:-2] + b"A: " + b"x" * 600 + b"\r\n\r\n", id="a whole header"),
        pytest.param(upgrade_request()[:-2] + b"A: " + b"x" * 600 + b"\r\n\r\n", id="an upgrade"),
        pytest.param(
            REQUEST[:-2] + b"A: " + b"x" * 600 + b"\r\nB: c\r\nnonsense\r\n\r\n", id="nonsense after it"
        ),
    ],
)
async def test_a_header_that_is_too_large(sent: bytes) -> None:
    async def never(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("a refused request reaches no application")

    async with serving(never, http=Small) as served, raw_client(served.port) as client:
        client.send(sent)
        answer = await client.read_end()
        assert answer.startswith(b"HTTP/1.1 431 ")
        assert answer.count(b"HTTP/1.1") == 1
        assert not served.state.tasks


async def test_a_header_is_measured_however_it_is_cut() -> None:
    async with serving(hello, http=Small) as served, raw_client(served.port) as client:
        client.send(REQUEST[:-2] + b"A: ")
        for _ in range(60):
            client.send(b"0123456789")
            await client.writer.drain()
        assert (await client.read_end()).startswith(b"HTTP/1.1 431 ")


async def test_a_body_is_no_header() -> None:
    async def sink(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await hello(scope, receive, send)

    async with serving(sink, http=Small) as served, raw_client(served.port) as client:
        for _ in range(2):
            client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5000\r\n\r\n" + bytes(5000))
            assert (await client.read_head()).startswith(b"HTTP/1.1 200 ")
            assert await client.reader.readexactly(2) == b"hi"


async def test_sockets_pass_through() -> None:
    app = SinkApp()
    async with serving(app) as served, raw_socket(served.port) as client:
        client.send(client_frame(1, b"hello"))
        assert await app.messages.get() == "hello"

import socket

import pytest

from collab.binding import listen, port_of, url_of
from collab.errors import CannotStart


def test_a_free_port() -> None:
    with listen("127.0.0.1", 0) as listening:
        assert port_of(listening) > 0
        socket.create_connection(listening.getsockname()).close()


def test_a_port_in_use() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(CannotStart, match=r"^Port \d+ is in use; .*--port"):
        listen("127.0.0.1", port_of(first))


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("192.0.2.1", "no address of this machine"),  # reserved for documentation (RFC 5737)
        ("no-such-host.invalid", "cannot be resolved"),
        ("x" * 300, "cannot be resolved"),
    ],
)
def test_where_nobody_can_listen(host: str, says: str) -> None:
    with pytest.raises(CannotStart, match=says):
        listen(host, 0)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8300"),
        ("0.0.0.0", "http://localhost:8300"),
        ("::1", "http://[::1]:8300"),
        ("::", "http://localhost:8300"),
    ],
)
def test_what_to_type_into_a_browser(host: str, url: str) -> None:
    assert url_of("http", host, 8300) == url

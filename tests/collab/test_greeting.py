"""What is printed when a server is ready."""

import pytest

from collab.greeting import can_draw, greeting
from collab.qr import terminal_qr

OWN = "http://localhost:8300"
NETWORK = "http://192.168.178.42:8300"


def test_one_line_where_only_this_machine_is_served() -> None:
    assert greeting(OWN, None, can_draw=True) == f"Tutti is ready at {OWN} (Ctrl-C stops it).\n"


def test_one_line_where_nobody_would_see_a_picture() -> None:
    line = f"Tutti is ready at {OWN} and {NETWORK} (Ctrl-C stops it).\n"
    assert greeting(OWN, NETWORK, can_draw=False) == line


def test_a_terminal_shows_what_a_phone_scans() -> None:
    line, empty, *symbol, last = greeting(OWN, NETWORK, can_draw=True).splitlines()
    assert line == f"Tutti is ready at {OWN} and {NETWORK} (Ctrl-C stops it)."
    assert [empty, symbol[-1]] == ["", ""]
    # The symbol is of the network's address: `localhost` is another machine to a phone.
    assert symbol[:-1] == terminal_qr(NETWORK).splitlines()
    assert last == f"Scan it with a phone in the same network, or open {NETWORK} there."
    assert len(symbol) <= 20, "it fits a small terminal"


@pytest.mark.parametrize(
    ("is_terminal", "encoding", "kind", "draws"),
    [
        (True, "utf-8", "xterm-256color", True),
        (True, "UTF8", "", True),
        (False, "utf-8", "xterm", False),
        (True, "cp1252", "xterm", False),
        (True, None, "xterm", False),
        (True, "utf-8", "dumb", False),
    ],
)
def test_where_it_is_drawn(is_terminal: bool, encoding: str | None, kind: str, draws: bool) -> None:
    assert can_draw(is_terminal=is_terminal, encoding=encoding, kind=kind) is draws

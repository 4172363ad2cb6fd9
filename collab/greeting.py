"""What a server says to whoever started it.

One line in any case, which programs read, too. A terminal of a server that the local network may visit also
gets a symbol to scan, so that a phone is in the app without typing. Knows words. Does not know whether the
output is a terminal: that is handed in.
"""

from collab.qr import terminal_qr


def greeting(own: str, network: str | None, *, can_draw: bool) -> str:
    """The lines, each ended by a newline. `own` is the address for this machine, `network` the one for others
    in the local network; `can_draw`: the symbol would be seen as one."""
    where = own if network is None else f"{own} and {network}"
    line = f"Tutti is ready at {where} (Ctrl-C stops it).\n"
    if network is None or not can_draw:
        return line
    scan = f"Scan it with a phone in the same network, or open {network} there.\n"
    return f"{line}\n{terminal_qr(network)}\n{scan}"


def can_draw(*, is_terminal: bool, encoding: str | None, kind: str) -> bool:
    """Whether half blocks in two colours come out as such; `kind` is the terminal's TERM."""
    speaks_unicode = (encoding or "").lower().replace("-", "").startswith("utf")
    return is_terminal and speaks_unicode and kind != "dumb"

"""The address that a join code leads to, as text and as a picture to scan.

Knows how the address is written and how a QR symbol is drawn as SVG, PNG and in a terminal. Does not know
whether the code opens anything.
"""

import io
from typing import Final

import segno

# Level M repairs 15 %: enough for a screen seen at an angle or a creased print, and smaller than Q or H.
_LEVEL: Final = "m"
# Modules of white around it, as ISO/IEC 18004 wants; readers need them to find the symbol.
_QUIET_ZONE: Final = 4
_PNG_PIXELS_PER_MODULE: Final = 12

# Black and white by number, and not the terminal's own foreground and background: most readers do not
# recognise a symbol with its colours swapped, and half of all terminals are dark.
_BLACK_ON_WHITE: Final = "\x1b[38;5;16;48;5;231m"
_RESET: Final = "\x1b[0m"
# Two modules above each other in one character; a module is True if it is dark.
_BLOCKS: Final = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def join_url(base: str, code: str) -> str:
    """Where a code leads; `base` is the server's own address and ends with a slash."""
    return f"{base}j/{code}"


def qr_svg(url: str) -> bytes:
    """A whole SVG document: black modules on white, as large as the place that it is shown in."""
    drawn = io.BytesIO()
    _symbol(url).save(
        drawn, kind="svg", border=_QUIET_ZONE, light="#fff", xmldecl=False, svgclass=None, lineclass=None,
        omitsize=True,
    )  # fmt: skip
    return drawn.getvalue()


def qr_png(url: str) -> bytes:
    """A PNG: black modules on white, about 400 pixels a side."""
    drawn = io.BytesIO()
    _symbol(url).save(drawn, kind="png", scale=_PNG_PIXELS_PER_MODULE, border=_QUIET_ZONE)
    return drawn.getvalue()


def terminal_qr(url: str) -> str:
    """Lines for a terminal that knows 256 colours and half blocks, each ended by a newline; mostly 17 lines
    of 33 characters."""
    rows = [[bool(module) for module in row] for row in _symbol(url).matrix_iter(border=_QUIET_ZONE)]
    # The number of rows is odd; one more of white makes it whole characters.
    rows.append([False] * len(rows[0]))
    return "".join(
        f"{_BLACK_ON_WHITE}{''.join(_BLOCKS[pair] for pair in zip(above, below, strict=True))}{_RESET}\n"
        for above, below in zip(rows[::2], rows[1::2], strict=True)
    )


def _symbol(url: str) -> segno.QRCode:
    """The address in capitals, `HTTP://HOST/J/K7QX2MBD`.

    A QR symbol has an alphanumeric mode that takes 5.5 bits for a character instead of 8 and knows no small
    letters. In it most addresses make a symbol of 25 modules a side instead of 29, whose modules are larger
    in the same space and are read from further away. Scheme and host mean the same in capitals (RFC 3986
    section 6.2.2.1). A path does not by itself: whoever serves `/j/` has to serve `/J/` alike.
    """
    return segno.make_qr(url.upper(), error=_LEVEL, boost_error=False)

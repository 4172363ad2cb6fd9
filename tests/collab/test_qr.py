"""The pictures are read back, module by module, and compared with the symbol; a phone does the rest."""

import itertools
import re
import struct
import zlib
from xml.etree import ElementTree

import pytest
import segno

from collab.qr import join_url, qr_png, qr_svg, terminal_qr

URL = "http://192.168.178.42:8300/j/K7QX2MBD"
QUIET = 4

Modules = list[list[bool]]


def expected(url: str = URL) -> Modules:
    symbol = segno.make_qr(url.upper(), error="m", boost_error=False)
    return [[bool(module) for module in row] for row in symbol.matrix_iter(border=QUIET)]


def test_the_address() -> None:
    assert join_url("http://192.168.178.42:8300/", "K7QX2MBD") == URL


@pytest.mark.parametrize(
    ("base", "modules"),
    [
        ("http://localhost:8300/", 25),
        ("http://192.168.178.42:8300/", 25),
        ("https://jam.example.com/", 25),
        ("https://tutti.our-music.example.com/", 29),
    ],
)
def test_capitals_make_the_symbol_smaller(base: str, modules: int) -> None:
    url = join_url(base, "K7QX2MBD")
    small_letters = segno.make_qr(url, error="m", boost_error=False).symbol_size(border=0)
    assert len(terminal_modules(url)[0]) - 2 * QUIET == modules
    assert small_letters == (modules + 4, modules + 4)


def test_svg() -> None:
    root = ElementTree.fromstring(qr_svg(URL))
    name = "{http://www.w3.org/2000/svg}path"
    background, dark = root.iter(name)
    want = expected()
    side = len(want)
    assert root.get("viewBox") == f"0 0 {side} {side}"
    assert root.get("width") is None, "as large as its place"
    assert (background.get("fill"), dark.get("stroke")) == ("#fff", "#000")
    got = [[False] * side for _ in range(side)]
    x, y = 0, 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+) ?(-?[\d.]+)?", dark.get("d") or ""):
        if command == "h":
            for column in range(x, x + int(first)):
                got[int(y)][column] = True
            x += int(first)
        else:
            x, y = (int(first), float(second)) if command == "M" else (x + int(first), y + float(second))
    assert got == want


def test_png() -> None:
    drawn = qr_png(URL)
    want = expected()
    width, height, depth, colours = struct.unpack(">IIBB", drawn[16:26])
    assert width == height == len(want) * 12
    assert (depth, colours) == (1, 0), "black and white"
    start = drawn.index(b"IDAT")
    (length,) = struct.unpack(">I", drawn[start - 4 : start])
    raw = zlib.decompress(drawn[start + 4 : start + 4 + length])
    line_bytes = (width + 7) // 8
    above, lines = bytes(line_bytes), []
    for at in range(0, len(raw), 1 + line_bytes):
        up, line = raw[at], raw[at + 1 : at + 1 + line_bytes]
        assert up in (0, 2), "a line as it is, or as its difference to the one above"
        above = bytes((byte + up // 2 * other) % 256 for byte, other in zip(line, above, strict=True))
        lines.append(above)
    middles = range(6, width, 12)
    pixels = [[not lines[y][x // 8] >> (7 - x % 8) & 1 for x in middles] for y in middles]
    assert pixels == want


def terminal_modules(url: str) -> Modules:
    rows: Modules = []
    for line in terminal_qr(url).splitlines():
        plain = re.fullmatch("\x1b\\[38;5;16;48;5;231m([█▀▄ ]+)\x1b\\[0m", line)
        assert plain is not None, "each line sets its colours and takes them back"
        rows += [[block in "█▀" for block in plain[1]], [block in "█▄" for block in plain[1]]]
    return rows


def test_terminal() -> None:
    *rows, padding = terminal_modules(URL)
    assert rows == expected()
    assert not any(padding)
    assert len(terminal_qr(URL).splitlines()) == 17


def test_codes_differ() -> None:
    pictures = [
        draw(join_url("http://h/", code)) for draw in (qr_svg, qr_png) for code in ("22222222", "33333333")
    ]
    assert all(one != other for one, other in itertools.combinations(pictures, 2))

"""Covers: twelve of one series.

A calm shape on a quiet ground for each piece, in four colours, as a small label would print them. Drawn twice
as large and made smaller, so that edges are smooth. Knows shapes and colours. Does not know music.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Final, NamedTuple, TypeAlias

from PIL import Image, ImageDraw

from collab.music.pieces.dice import Dice

SIZE: Final = 640
# The canvas: everything below is drawn on it in these units.
_FULL: Final = 2 * SIZE
_MARGIN: Final = 88
_MIDDLE: Final = _FULL // 2
Draw: TypeAlias = ImageDraw.ImageDraw


class Inks(NamedTuple):
    """`paper` is the edge, `ground` the field; `shape` and `accent` are drawn on it."""

    paper: str
    ground: str
    shape: str
    accent: str


def cover(name: str) -> bytes:
    """The cover of a piece, as PNG. Raises KeyError for a piece that has none."""
    inks, draw_shape = _COVERS[name]
    image = Image.new("RGB", (_FULL, _FULL), inks.ground)
    draw = ImageDraw.Draw(image)
    draw_shape(draw, inks)
    for edge in ((0, 0, _FULL, _MARGIN), (0, _FULL - _MARGIN, _FULL, _FULL)):
        draw.rectangle(edge, inks.paper)
        draw.rectangle((edge[1], edge[0], edge[3], edge[2]), inks.paper)
    small = image.resize((SIZE, SIZE), Image.Resampling.BOX)
    file = BytesIO()
    small.quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def _circle(draw: Draw, x: float, y: float, radius: float, ink: str) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), ink)


def _moon(draw: Draw, inks: Inks) -> None:
    _circle(draw, 800, 500, 230, inks.shape)
    for number in range(7):
        y, half = 880 + 44 * number, 330 - 38 * number
        draw.rounded_rectangle((800 - half, y, 800 + half - 30 * (number % 2), y + 14), 7, inks.accent)


def _rain(draw: Draw, inks: Inks) -> None:
    draw.rectangle((250, 250, 1_030, 1_030), inks.shape)
    dice = Dice(2)
    for _ in range(64):
        x, y, length = 270 + dice.below(720), 270 + dice.below(640), 50 + dice.below(60)
        draw.line((x, y, x - length // 4, y + length), inks.accent, 9)
    for edge in ((250, 622, 1_030, 658), (622, 250, 658, 1_030)):
        draw.rectangle(edge, inks.ground)


def _drum_of_pins(draw: Draw, inks: Inks) -> None:
    dice = Dice(3)
    for row in range(11):
        for column in range(11):
            x, y = 250 + 78 * column, 250 + 78 * row
            is_pin = dice.chance(32)
            _circle(draw, x, y, 26 if is_pin else 7, inks.accent if is_pin else inks.shape)


def _umbrella(draw: Draw, inks: Inks) -> None:
    _circle(draw, 940, 370, 120, inks.accent)
    for number in range(6):
        left, right = 290 + 60 * number, 990 - 60 * number
        if left < right:
            draw.pieslice((left, 440, right, 1_140), 180, 360, inks.shape if number % 2 == 0 else inks.ground)
    draw.rectangle((632, 780, 648, 1_080), inks.shape)


def _rails(draw: Draw, inks: Inks) -> None:
    x, width = 150, 6
    while x + width <= _FULL - 150:
        draw.rectangle((x, 150, x + width, _FULL - 150), inks.shape)
        x, width = x + width + 34, width + 7
    draw.rectangle((150, 600, _FULL - 150, 680), inks.accent)


def _flats(draw: Draw, inks: Inks) -> None:
    _circle(draw, _MIDDLE, 690, 190, inks.accent)
    for number in range(7):
        y = 720 + 12 * number * (number + 3) // 2
        draw.rectangle((0, y, _FULL, y + 8 + 7 * number), inks.shape)


def _three(draw: Draw, inks: Inks) -> None:
    for x, y, radius, ink in (
        (500, 560, 260, inks.shape),
        (800, 560, 190, inks.accent),
        (640, 850, 225, inks.paper),
    ):
        _circle(draw, x, y, radius, ink)
        _circle(draw, x, y, radius - 46, inks.ground)


def _pixels(draw: Draw, inks: Inks) -> None:
    dice = Dice(23)
    for row in range(8):
        for column in range(4):
            if not dice.chance(58):
                continue
            ink = inks.accent if dice.chance(25) else inks.shape
            for place in (column, 7 - column):
                x, y = 240 + 100 * place, 240 + 100 * row
                draw.rectangle((x, y, x + 99, y + 99), ink)


def _rings(draw: Draw, inks: Inks) -> None:
    for number, radius in enumerate(range(430, 60, -62)):
        _circle(draw, _MIDDLE, _MIDDLE, radius, (inks.shape, inks.ground)[number % 2])
    _circle(draw, _MIDDLE, _MIDDLE, 92, inks.accent)


def _quarters(draw: Draw, inks: Inks) -> None:
    dice, side = Dice(10), 200
    for row in range(5):
        for column in range(5):
            x, y, turn = 140 + side * column, 140 + side * row, dice.below(4)
            corner_x, corner_y = x + side * (turn in (1, 2)), y + side * (turn in (2, 3))
            box = (corner_x - side, corner_y - side, corner_x + side, corner_y + side)
            ink = inks.accent if dice.chance(22) else inks.shape
            draw.pieslice(box, 90 * turn, 90 * turn + 90, ink)


def _echoes(draw: Draw, inks: Inks) -> None:
    shape, ground = (_rgb(ink) for ink in (inks.shape, inks.ground))
    for number in range(8, -1, -1):
        fading = 0.72**number
        mixed = tuple(round(g + (s - g) * fading) for s, g in zip(shape, ground, strict=True))
        x, y, side = 250 + 62 * number, 690 - 46 * number, 320 - 18 * number
        draw.rounded_rectangle((x, y, x + side, y + side), 40, mixed)
    _circle(draw, 410, 850, 84, inks.accent)


def _sunset(draw: Draw, inks: Inks) -> None:
    _circle(draw, _MIDDLE, 560, 300, inks.accent)
    for number in range(7):
        y = 500 + 52 * number
        draw.rectangle((0, y, _FULL, y + 5 + 5 * number), inks.ground)
    draw.rectangle((0, 800, _FULL, _FULL), inks.ground)
    for number in range(-9, 10):
        draw.line((_MIDDLE + 60 * number, 800, _MIDDLE + 300 * number, _FULL), inks.shape, 6)
    for number in range(7):
        y = 800 + 9 * number * number
        draw.line((0, y, _FULL, y), inks.shape, 6)


def _rgb(ink: str) -> tuple[int, int, int]:
    return int(ink[1:3], 16), int(ink[3:5], 16), int(ink[5:7], 16)


_COVERS: Final[dict[str, tuple[Inks, Callable[[Draw, Inks], None]]]] = {
    "slow-lantern": (Inks("#efe9dc", "#1d2b45", "#f2e3b3", "#d9b36c"), _moon),
    "second-floor-rain": (Inks("#efe9dc", "#5b6b6e", "#a9b9b4", "#e8efe9"), _rain),
    "wound-up-twice": (Inks("#efe9dc", "#f3c9b5", "#c98a74", "#7d2e3b"), _drum_of_pins),
    "umbrella-in-july": (Inks("#efe9dc", "#2f8f83", "#f6d365", "#f08a4b"), _umbrella),
    "inbound-platform-nine": (Inks("#efe9dc", "#17181c", "#c9ccd1", "#e4572e"), _rails),
    "salt-flats-before-light": (Inks("#efe9dc", "#8fa3b8", "#dfe6e6", "#f4b9a7"), _flats),
    "the-borrowed-coat": (Inks("#efe9dc", "#7a2f3a", "#e6b8a2", "#d98e32"), _three),
    "press-any-button": (Inks("#efe9dc", "#22223b", "#7bd389", "#f25f5c"), _pixels),
    "bronze-weather": (Inks("#efe9dc", "#6b4226", "#d6a354", "#f3dfa2"), _rings),
    "elevator-to-the-roof": (Inks("#efe9dc", "#f0d8a8", "#264653", "#e76f51"), _quarters),
    "low-tide-telephone": (Inks("#efe9dc", "#2e4a3f", "#c7d59f", "#e3b23c"), _echoes),
    "ferry-of-neon": (Inks("#efe9dc", "#2b1b4d", "#41c7d9", "#ff5d8f"), _sunset),
}

"""A Jam's recap as a picture to share.

SVG of 1200 × 630, the shape in which links are shown: what the evening was called, what was liked, who was
together, and a wave in which every song is a stroke as long as it was liked. Pure: a recap in, text out. What
people wrote is escaped and cut to the room that there is for it; without fonts to measure by, widths are
guessed, rather too wide than too narrow.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from xml.sax.saxutils import escape

from collab.recap_text import counted, length, milliseconds
from jam.recap import SKIPPED, Play, Recap

WIDTH: Final = 1200
HEIGHT: Final = 630

_PAPER, _INK, _MUTED, _RULE, _ACCENT = "#f6f1e7", "#211d19", "#7b7165", "#ddd3c3", "#c5402a"
_SERIF: Final = "'Iowan Old Style','Palatino Linotype',Palatino,Georgia,'DejaVu Serif',serif"
_SANS: Final = "'Avenir Next','Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif"

_LEFT, _RIGHT = 72, WIDTH - 72
# The column of the liked songs ends here, that of the people begins there.
_LIKED_RIGHT, _PEOPLE_LEFT = 668, 752
_ROWS: Final = (302, 371, 440)
_TITLE_SIZES: Final = (78, 66, 56, 48, 40)

_WAVE_Y, _WAVE_REACH = 567, 31
_STROKES_MAX: Final = 264
_STROKE_APART_MAX = 20.0

_NARROW: Final = frozenset("iIjltf.,:;'’!|()[] ")
_BROAD: Final = frozenset("mwMW@%—…")


def recap_picture(recap: Recap) -> str:
    """The SVG document."""
    about = escape(_clean(f"{recap.name}: {_summary(recap)}"))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" role="img"><title>{about}</title>',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_PAPER}"/>',
            *_head(recap),
            *_liked(recap),
            *_people(recap),
            *_wave(recap.played, frozenset(recap.liked[: len(_ROWS)])),
            "</svg>\n",
        ]
    )


def _head(recap: Recap) -> Iterator[str]:
    yield _label(_LEFT, 66, "A Tutti Jam", _ACCENT)
    yield _label(_RIGHT, 66, _day(recap.started_at), _MUTED, "end")
    size = next(
        (size for size in _TITLE_SIZES if _wide(recap.name, size) <= _RIGHT - _LEFT), _TITLE_SIZES[-1]
    )
    yield _text(_LEFT - 2, 144, recap.name, size, _RIGHT - _LEFT, family=_SERIF, spacing=-1)
    yield _text(_LEFT, 188, _summary(recap), 24, _RIGHT - _LEFT, _MUTED)
    yield _line(_LEFT, 218, _RIGHT)


def _summary(recap: Recap) -> str:
    people = counted(recap.people_in_all, "person", "people")
    if not recap.played:
        return f"No music yet  ·  {people}"
    songs = counted(len(recap.played), "song", "songs")
    return f"{songs}  ·  {length(recap.music_ms)} of music  ·  {people}"


def _liked(recap: Recap) -> Iterator[str]:
    yield _label(_LEFT, 258, "Most liked")
    plays = {play.play: play for play in recap.played}
    names = {person.user: person.name for person in recap.people}
    for y, number in zip(_ROWS, recap.liked, strict=False):
        play = plays[number]
        room = _LIKED_RIGHT - _LEFT - 80
        yield _text(_LEFT, y, _title(play), 29, room, family=_SERIF)
        yield _text(_LEFT, y + 26, _credits(play, names), 18, room, _MUTED)
        likes = f"+{play.up - play.down}"
        yield _text(_LIKED_RIGHT, y, likes, 32, 80, _ACCENT, family=_SERIF, anchor="end")
    if not recap.liked:
        yield _text(_LEFT, _ROWS[0], "Nothing yet.", 29, _LIKED_RIGHT - _LEFT, family=_SERIF)


def _people(recap: Recap) -> Iterator[str]:
    yield _label(_PEOPLE_LEFT, 258, "Together")
    room = _RIGHT - _PEOPLE_LEFT
    for y, (main, beneath) in zip(_ROWS, _facts(recap), strict=False):
        yield _text(_PEOPLE_LEFT, y, main, 29, room, family=_SERIF)
        yield _text(_PEOPLE_LEFT, y + 26, beneath, 18, room, _MUTED)


def _facts(recap: Recap) -> Iterator[tuple[str, str]]:
    names = {person.user: person.name for person in recap.people}
    for pair in recap.pairs:
        if all(user in names for user in pair.users):
            both = " & ".join(names[user] for user in pair.users)
            yield both, f"alike on {counted(pair.agreed, 'song', 'songs')}"
            break
    if recap.people and recap.people[0].listened_ms:
        longest = recap.people[0]
        yield longest.name, f"listened longest, {length(longest.listened_ms)}"
    if recap.sync.readings:
        p50, p95 = milliseconds(recap.sync.p50_us), milliseconds(recap.sync.p95_us)
        yield f"Within {p50}", f"half of the time, 95 % within {p95}"
    if recap.most_at_once > 1:
        yield f"{recap.most_at_once:,} at once", "at the same moment of music"


def _wave(played: Sequence[Play], liked: frozenset[int]) -> Iterator[str]:
    yield _line(_LEFT, _WAVE_Y, _RIGHT)
    if not played:
        return
    yield _label(_LEFT, 512, "Every song")
    # Of an evening longer than the picture each stroke is the most liked of a few songs in a row.
    each = -(-len(played) // _STROKES_MAX)
    strokes = [max(played[at : at + each], key=_likes) for at in range(0, len(played), each)]
    most = max(1, *map(_likes, strokes))
    apart = min(_STROKE_APART_MAX, (_RIGHT - _LEFT) / len(strokes))
    for number, play in enumerate(strokes):
        x = _LEFT + apart * (number + 0.5)
        reach = 3 + (_WAVE_REACH - 3) * max(0, _likes(play)) / most
        colour = _ACCENT if play.play in liked else _RULE if _is_passed_over(play) else _INK
        yield (
            f'<line x1="{x:.1f}" y1="{_WAVE_Y - reach:.1f}" x2="{x:.1f}" y2="{_WAVE_Y + reach:.1f}" '
            f'stroke="{colour}" stroke-width="{apart * 0.5:.2f}" stroke-linecap="round"/>'
        )


def _likes(play: Play) -> int:
    return play.up - play.down


def _is_passed_over(play: Play) -> bool:
    return play.ending in SKIPPED or play.ending == "failed"


# -- words ----------------------------------------------------------------------------------------------


def _title(play: Play) -> str:
    title = play.track.get("title")
    return title if isinstance(title, str) and title else str(play.track.get("track", ""))


def _credits(play: Play, names: Mapping[str, str]) -> str:
    """Whose song it is, and who brought it."""
    artists = play.track.get("artists")
    credits = [", ".join(map(str, artists))] if isinstance(artists, list) and artists else []
    if play.added_by in names:
        credits.append(f"from {names[play.added_by]}")
    return "  ·  ".join(credits)


def _day(at_ms: int) -> str:
    """In UTC, such as `14 November 2023`."""
    day = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


# Not `strftime`: its names follow the machine's locale.
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


# -- shapes ---------------------------------------------------------------------------------------------


def _label(x: int, y: int, text: str, colour: str = _MUTED, anchor: str = "start") -> str:
    return _text(x, y, text.upper(), 15, _RIGHT - _LEFT, colour, anchor=anchor, spacing=2.5)


def _line(x1: int, y: int, x2: int) -> str:
    return f'<line x1="{x1}" y1="{y}" x2="{x2}" y2="{y}" stroke="{_RULE}" stroke-width="1.5"/>'


def _text(
    x: int,
    y: int,
    text: str,
    size: int,
    room: int,
    colour: str = _INK,
    *,
    family: str = _SANS,
    anchor: str = "start",
    spacing: float = 0,
) -> str:
    style: Mapping[str, object] = {
        "x": x,
        "y": y,
        "font-family": family,
        "font-size": size,
        "fill": colour,
        **({"text-anchor": anchor} if anchor != "start" else {}),
        **({"letter-spacing": spacing} if spacing else {}),
    }
    attributes = " ".join(f'{name}="{value}"' for name, value in style.items())
    return f'<text xml:space="preserve" {attributes}>{escape(_cut(_clean(text), size, room))}</text>'


def _clean(text: str) -> str:
    """Without control characters, surrogates and what changes the direction of writing."""
    return "".join(symbol for symbol in text if symbol.isprintable())


def _cut(text: str, size: int, room: int) -> str:
    """As much of it as fits, never between a letter and its accents."""
    if _wide(text, size) <= room:
        return text
    while text and _wide(text + "…", size) > room:
        text = text[:-1]
        while text and unicodedata.combining(text[-1]):
            text = text[:-1]
    return text.rstrip() + "…"


def _wide(text: str, size: int) -> float:
    """About how wide it is, in pixels."""
    return sum(map(_ems, text)) * size


def _ems(symbol: str) -> float:
    if unicodedata.combining(symbol):
        return 0
    if unicodedata.east_asian_width(symbol) in "WF":
        return 1.05
    if symbol in _NARROW:
        return 0.38
    if symbol in _BROAD:
        return 1.0
    return 0.76 if symbol.isupper() else 0.62

"""What a Jam looks like in a terminal, and the keys that are pressed there."""

import asyncio
import os
import sys
import termios
import tty
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shutil import get_terminal_size

from tutti_client import Jam, NowPlaying, Song

HELP = """a TITLE [M:SS] add · v N [+ - 0] vote · s skip · c TEXT chat · r FACE react · q quit
host: p play/pause · n next · b back · t M:SS seek · pin N · x N remove · kick NAME · hand NAME"""
# What the keyboard says when there is no more of it.
END = "\x04"
LINES_OF_CHAT = 5
LINES_OF_QUEUE = 12


class Screen:
    """What a Jam looks like, and the line that is being typed."""

    def __init__(self, jam: Jam, code: str, qr: str) -> None:
        self.jam, self.code, self.qr = jam, code, qr
        self.typed = self.notice = ""
        # Why the song that plays is not heard here.
        self.silence = ""

    def draw(self) -> None:
        lines = [*self._lines(), "", plain(self.notice), f"> {plain(self.typed)}"]
        lines = lines[-get_terminal_size().lines :]
        # Line by line over what stood there, so that nothing flickers.
        sys.stdout.write("\x1b[H" + "\x1b[K\n".join(lines) + "\x1b[J")
        sys.stdout.flush()

    def _lines(self) -> Iterator[str]:
        jam, sync = self.jam, self.jam.sync
        yield f"{bold(plain(jam.name))}  code {bold(self.code)}  {jam.status}, you: {jam.role}"
        yield from self.qr.splitlines()
        yield ""
        playing = jam.now_playing
        yield from self._playing(playing) if playing else ["Nothing plays. Add a song; the host presses p."]
        if sync.error_ms is not None:
            lock = "in time" if sync.is_locked else "getting there"
            yield f"  {lock}: {sync.error_ms:+.1f} ms (clock ± {sync.clock_error_ms:.1f} ms)"
        yield ""
        yield from (line_of(song) for song in jam.queue[:LINES_OF_QUEUE])
        yield ""
        yield "  ".join(
            f"{plain(person.name)}{'*' if person.role == 'host' else ''}"
            f"{'…' if person.is_typing else ''}{'' if person.is_here else ' (away)'}"
            for person in jam.members
        )
        for someone in jam.waiting:
            yield f"{plain(someone.name)} waits at the door: let {plain(someone.name)}"
        for message in jam.chat[-LINES_OF_CHAT:]:
            yield f"  {plain(message.name)}: {plain(message.text)}"
        yield ""
        yield from (f"\x1b[2m{line}\x1b[0m" for line in HELP.splitlines())

    def _playing(self, playing: NowPlaying) -> Iterator[str]:
        position_ms, duration_ms = self.jam.position(), playing.duration_ms or 0
        done = 30 * position_ms // duration_ms if duration_ms else 0
        sign = "▮▮" if playing.is_paused else "▶ "
        yield f"{sign} {bold(plain(playing.song.title))}  {plain(playing.song.added_by_name)}"
        yield f"   {clock(position_ms)} {'━' * done}{'─' * (30 - done)} {clock(duration_ms)}"
        if self.silence:
            yield f"   {plain(self.silence)}"
        if playing.skip.wanted:
            due = "" if playing.skip.in_ms is None else f", in {playing.skip.in_ms // 1000} s"
            yield f"   skip: {playing.skip.wanted} of {playing.skip.needed}{due}"


def line_of(song: Song) -> str:
    sign = "!" if song.is_next else "^" if song.is_pinned else " "
    mine = {1: "+", -1: "-"}.get(song.my_vote, " ")
    starts = "" if song.starts_in_ms is None else f"in {clock(song.starts_in_ms)}"
    title = plain(song.title)[:30]
    return (
        f"{sign}{song.place:3} {title:30} {song.score:+3}{mine} {plain(song.added_by_name)[:12]:12} {starts}"
    )


def plain(text: str) -> str:
    """What others wrote, without anything that would steer this terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m"


def clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms // 1000 % 60:02}"


@contextmanager
def keyboard(press: Callable[[str], None]) -> Iterator[None]:
    """The terminal for ourselves: each key as it is pressed, and another page to draw on."""
    terminal, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    before = termios.tcgetattr(terminal)

    decoder = getincrementaldecoder("utf-8")(errors="replace")

    def read() -> None:
        typed = os.read(terminal, 1024)
        if not typed:
            loop.remove_reader(terminal)
        for key in decoder.decode(typed) if typed else END:
            press(key)

    try:
        tty.setcbreak(terminal, termios.TCSADRAIN)
        loop.add_reader(terminal, read)
        sys.stdout.write("\x1b[?1049h\x1b[2J")
        yield
    finally:
        loop.remove_reader(terminal)
        sys.stdout.write("\x1b[?1049l")
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def terminal_qr(url: str) -> str:
    """The code to scan, if segno is here."""
    try:
        import segno
    except ImportError:
        return url
    rows = [list(row) for row in segno.make_qr(url.upper(), error="m").matrix_iter(border=4)]
    rows.append([0] * len(rows[0]))
    blocks = {(1, 1): "█", (1, 0): "▀", (0, 1): "▄", (0, 0): " "}
    pairs = zip(rows[::2], rows[1::2], strict=True)
    colours = "\x1b[38;5;16;48;5;231m"
    lines = ("".join(blocks[above, below] for above, below in zip(*pair, strict=True)) for pair in pairs)
    return "\n".join(f"{colours}{line}\x1b[0m" for line in lines) + f"\n{url}"

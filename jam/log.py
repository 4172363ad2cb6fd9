"""A Jam's log as a file, and what playing it again must show.

JSON lines: the Jam as it was at some version, then an event a line, and wherever somebody noted it the
state's digest, the last of them at the end:

    {"line": "begin", "format": 1, "jam": "…", "version": 0, "snapshot": {…}}
    {"line": "event", "version": 1, "client": "…", "seq": 1, "author": "…", "event": {"event": "added", …}}
    {"line": "digest", "version": 1, "digest": "0123456789abcdef"}

So whatever went wrong in a Jam is a test case that needs no server. Knows lines and what they must lead to.
Does not know files, nor where a log comes from.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from jam.digest import digest
from jam.events import Event, decode_event
from jam.lineup import Lineup
from jam.recap import Recapping
from jam.refusal import JamRefusal
from jam.state import load
from jam.step import OrderDiffers, follow

FORMAT: Final = 1
# What folding a damaged log may stumble over; a value that is none of its type is msgspec's ValidationError,
# which is a ValueError.
MISFITS: Final = (KeyError, IndexError, TypeError, ValueError, JamRefusal)


class Begin(Struct, frozen=True, tag_field="line", tag="begin"):
    """The first line."""

    jam: str
    version: int
    snapshot: dict[str, Any]
    format: int = FORMAT


class Logged(Struct, frozen=True, tag_field="line", tag="event"):
    """What was committed as `version`, by whom and under which op id."""

    version: int
    client: str
    seq: int
    author: str
    event: dict[str, Any]


class Mark(Struct, frozen=True, tag_field="line", tag="digest"):
    """The state's digest at `version`, as it was noted elsewhere."""

    version: int
    digest: str


Line = Begin | Logged | Mark
_ENCODE: Final = msgspec.json.Encoder().encode
_DECODER: Final[msgspec.json.Decoder[Line]] = msgspec.json.Decoder(Line)


def write_line(line: Line) -> bytes:
    return _ENCODE(line) + b"\n"


class LogDiffers(Exception):
    """Playing the log again did not show what it says. `version` is where; the text says what, a sentence."""

    def __init__(self, version: int, reason: str) -> None:
        super().__init__(reason)
        self.version = version


class Replayed:
    """A log played again: what happened, counted by the events' names, and the evening that it was."""

    def __init__(self, begin: Begin) -> None:
        """Raises LogDiffers."""
        if begin.format != FORMAT:
            raise LogDiffers(begin.version, f"This is format {begin.format}; only {FORMAT} is known.")
        try:
            self._lineup = Lineup(load(begin.snapshot))
        except MISFITS as error:
            raise LogDiffers(begin.version, f"The snapshot is no Jam: {_said(error)}.") from None
        self.begin = begin
        self.version = begin.version
        self.happened: Counter[str] = Counter()
        self.recapping = Recapping(self._lineup.jam)
        self._last_seqs: dict[str, int] = {}
        self._is_marked = False

    def take(self, line: Line) -> None:
        """The next line. Raises LogDiffers."""
        match line:
            case Begin():
                raise LogDiffers(self.version, "The log begins a second time.")
            case Logged():
                self._follow(line)
            case Mark():
                self._compare(line)

    def finish(self) -> None:
        """There are no more lines. Raises LogDiffers if some are missing."""
        if not self._is_marked:
            raise LogDiffers(self.version, "The log ends without a digest; its end is missing.")

    def _follow(self, line: Logged) -> None:
        if line.version != self.version + 1:
            raise LogDiffers(line.version, f"It follows version {self.version}.")
        self.version = line.version
        if line.seq <= self._last_seqs.get(line.client, 0):
            raise LogDiffers(line.version, f"Seq {line.seq} of client {line.client} was committed before.")
        self._last_seqs[line.client] = line.seq
        try:
            event = decode_event(line.event)
        except msgspec.ValidationError as error:
            raise LogDiffers(line.version, f"This is no event: {error}.") from None
        self._check(line, event)
        try:
            after = follow(self._lineup, event)
        except OrderDiffers:
            raise LogDiffers(
                line.version, f"The queue's order is another than its digest {event.order} says."
            ) from None
        except MISFITS as error:
            raise LogDiffers(line.version, f"The event does not fit the Jam: {_said(error)}.") from None
        self.recapping.observe(event, after.jam)
        self.happened[line.event["event"]] += 1
        self._lineup = after
        self._is_marked = False

    def _check(self, line: Logged, event: Event) -> None:
        if event.by not in (line.author, ""):
            raise LogDiffers(line.version, f"It is by {event.by}, and {line.author} submitted it.")
        if event.at < self._lineup.jam.at:
            raise LogDiffers(
                line.version, f"Its time, {event.at}, is before the last event's, {self._lineup.jam.at}."
            )

    def _compare(self, mark: Mark) -> None:
        if mark.version != self.version:
            raise LogDiffers(mark.version, f"Its digest stands behind version {self.version}.")
        found = digest(self._lineup.jam)
        if found != mark.digest:
            raise LogDiffers(mark.version, f"The state's digest is {found}, not {mark.digest}.")
        self._is_marked = True


def replay(lines: Iterable[bytes]) -> Replayed:
    """Plays a log again. Raises LogDiffers at the first line that is not as it says."""
    replayed: Replayed | None = None
    for text in lines:
        line = _read_line(text, 0 if replayed is None else replayed.version)
        if replayed is not None:
            replayed.take(line)
        elif isinstance(line, Begin):
            replayed = Replayed(line)
        else:
            raise LogDiffers(line.version, "The log does not begin with a snapshot.")
    if replayed is None:
        raise LogDiffers(0, "The log is empty.")
    replayed.finish()
    return replayed


def _read_line(text: bytes, version: int) -> Line:
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise LogDiffers(version, f"The line after it is none of a log: {_said(error)}.") from None


def _said(error: Exception) -> str:
    """What an exception says, on one line and without its full stop."""
    return " ".join(f"{type(error).__name__} {error}".split()).rstrip(".")

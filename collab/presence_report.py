"""What a node tells other nodes of the members it has in one room.

News are what changed since the last report. Now and then all of it is stated again, which repairs whatever
was lost and says that the node still lives. A statement may be long, so it comes in pieces, and each piece
says which ids it speaks for: in that span there is nobody else. So every report can be understood alone, in
whatever order reports come. What is to be said is kept as "who", not as messages: however long the bus takes,
what leaves is what is so by then. Knows members and sizes. Does not know what carries a report, nor who hears
it.
"""

from dataclasses import dataclass

import msgspec

# A report must fit a message of the bus, which is twice as long.
REPORT_BYTES_MAX = 32 * 1024
# Lists and lengths around the fields of an entry, and around all entries.
_ENTRY_BYTES = 32
_LEFT_BYTES = 40


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """One connection. Without a name it is silent: somebody who is there, and is not shown to others."""

    id: str
    user: str
    name: str | None = None
    counter: int = 0
    state: dict[str, object] = {}


@dataclass(frozen=True, slots=True)
class Span:
    """Ids above `after` up to `through`; None: to the end."""

    after: str = ""
    through: str | None = None

    def __contains__(self, id: str) -> bool:
        return self.after < id and (self.through is None or id <= self.through)

    def without(self, other: "Span") -> "list[Span]":
        """What of it is not in the other."""
        rest = []
        if self.after < other.after:
            ends_before = self.through is not None and self.through <= other.after
            rest.append(Span(self.after, self.through if ends_before else other.after))
        if other.through is not None and (self.through is None or other.through < self.through):
            rest.append(Span(max(self.after, other.through), self.through))
        return rest


@dataclass(frozen=True, slots=True)
class Report:
    """`number` grows with each report of a node about a room, whatever became of the room in between.
    `entries` are as they are now, `left` are gone, and so is everybody in `span` who is not among the
    entries. `unlisted` counts those whom the node does not name. `asks`: state all of yours."""

    document: str
    number: int
    entries: tuple[Entry, ...] = ()
    left: tuple[str, ...] = ()
    span: Span | None = None
    unlisted: int = 0
    asks: bool = False


class Reporter:
    """The members of one room on this node, as far as they are named to others."""

    def __init__(self, document: str) -> None:
        self.unlisted = 0
        self._document = document
        self._entries: dict[str, Entry] = {}
        self._changed: dict[str, None] = {}
        self._left: dict[str, None] = {}
        # Where the statement goes on that is under way; None: none is.
        self._stated_through: str | None = None
        self._asks = False
        self._number = 0

    @property
    def has_news(self) -> bool:
        """Whether `next` has something to say."""
        return self._stated_through is not None or bool(self._changed or self._left)

    def list(self, entry: Entry) -> None:
        """Somebody came, or shows something else."""
        self._entries[entry.id] = entry
        self._left.pop(entry.id, None)
        self._changed[entry.id] = None

    def unlist(self, id: str) -> None:
        if self._entries.pop(id, None) is not None:
            self._changed.pop(id, None)
            self._left[id] = None

    def state_all(self, *, asks: bool = False) -> None:
        """Everything is to be said again, from the start. `asks`: and others are to do the same."""
        self._stated_through = ""
        self._asks = self._asks or asks

    def drop_news(self) -> None:
        """Nobody listens: the news need not be told. A statement that is under way goes on."""
        self._changed.clear()
        self._left.clear()

    def next(self, now_us: int) -> Report | None:
        """The next thing to say; None if there is nothing more. `now_us` never steps back."""
        if not self.has_news:
            return None
        self._number = max(self._number + 1, now_us)
        return self._news() if self._stated_through is None else self._piece(self._stated_through)

    def farewell(self, now_us: int) -> Report:
        """The room ends here: nobody is left."""
        self._number = max(self._number + 1, now_us)
        return Report(self._document, self._number, span=Span())

    def _news(self) -> Report:
        left: list[str] = []
        entries: list[Entry] = []
        room = REPORT_BYTES_MAX
        while self._left and room > 0:
            left.append(self._left.popitem()[0])
            room -= _LEFT_BYTES
        for id in list(self._changed):
            if room <= 0:
                break
            del self._changed[id]
            entries.append(self._entries[id])
            room -= size(entries[-1])
        return Report(self._document, self._number, tuple(entries), tuple(left), None, self.unlisted)

    def _piece(self, after: str) -> Report:
        entries: list[Entry] = []
        room = REPORT_BYTES_MAX
        through: str | None = None
        for id in sorted(id for id in self._entries if id > after):
            if room <= 0:
                through = entries[-1].id
                break
            self._changed.pop(id, None)
            entries.append(self._entries[id])
            room -= size(entries[-1])
        self._stated_through = through
        asks, self._asks = self._asks, False
        span = Span(after, through)
        for id in [id for id in self._left if id in span]:
            del self._left[id]
        return Report(self._document, self._number, tuple(entries), (), span, self.unlisted, asks)


def size(entry: Entry) -> int:
    """About how long it is on the wire, in bytes; never too short by more than a few."""
    text = len(entry.id) + len(entry.user) + len((entry.name or "").encode())
    return _ENTRY_BYTES + text + (len(msgspec.msgpack.encode(entry.state)) if entry.state else 0)

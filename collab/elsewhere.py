"""Who is in a room on other nodes.

Each node speaks for its own members, and reports are numbered by who makes them: of two reports about a
member the later one counts, whichever comes first. A node's word holds for a time. Who is not heard of any
more is gone with all its members, so a node that dies takes its people with it, and says nothing. What the
bus loses, the node's next statement repairs; repeated or late reports change nothing. Knows reports and
times. Does not know what carries them, nor what those who are here are shown of it.
"""

from dataclasses import dataclass, field
from typing import Final

from collab.presence_report import Entry, Report, Span

# How often a node states everything again, and how long its word holds: two statements may be lost, and those
# who vanished with their node are gone within 30 s (P12).
STATE_EVERY_MS: Final = 10_000
LEASE_MS: Final = 25_000
# More than any cluster has; somebody who makes up nodes cannot fill the memory with them.
NODES_MAX: Final = 256
# A node's first report is not believed when it is so old: somebody repeats what a node said that is gone.
OLD_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Difference:
    """What a report changed: entries that are new, other than before, and gone; these as they were last."""

    came: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    left: tuple[Entry, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.came or self.changed or self.left)


@dataclass(slots=True)
class _Node:
    """What one node said. `told` is the number of the last report about each id: of those who are there, and
    of those who left since their span was stated. `spans` are what was stated, each with its report's number:
    what an older report says of an id in it is old. A statement that is heard whole replaces all of them."""

    expires_ms: int
    newest: int = 0
    unlisted: int = 0
    entries: dict[str, Entry] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    spans: list[tuple[int, Span]] = field(default_factory=list)

    def is_news(self, id: str, number: int) -> bool:
        stated = max((stated for stated, span in self.spans if id in span), default=0)
        return number > max(stated, self.told.get(id, 0))

    def close(self, span: Span, report: Report) -> list[Entry]:
        """Nobody is in the span but whom the report names. Returns who is gone by that."""
        named = {entry.id for entry in report.entries}
        gone = [
            entry
            for id, entry in self.entries.items()
            if id in span and id not in named and self.told[id] < report.number
        ]
        for entry in gone:
            del self.entries[entry.id]
        self.told = {
            id: number
            for id, number in self.told.items()
            if id in self.entries or id not in span or number > report.number
        }
        self._state(span, report.number)
        return gone

    def _state(self, span: Span, number: int) -> None:
        """Spans that stay do not overlap: of two that would, the later one keeps what both speak for."""
        parts = [span]
        spans: list[tuple[int, Span]] = []
        for stated, known in self.spans:
            if stated > number:
                spans.append((stated, known))
                parts = [rest for part in parts for rest in part.without(known)]
            else:
                spans.extend((stated, rest) for rest in known.without(span))
        self.spans = spans + [(number, part) for part in parts]


class Elsewhere:
    """What other nodes say about one room. Reports are numbered by the clock, in us."""

    def __init__(self) -> None:
        self._nodes: dict[str, _Node] = {}

    def __bool__(self) -> bool:
        """Whether any other node has the room."""
        return bool(self._nodes)

    @property
    def unlisted(self) -> int:
        """How many members other nodes have whom they do not name."""
        return sum(node.unlisted for node in self._nodes.values())

    def knows(self, node: str) -> bool:
        return node in self._nodes

    def hear(self, name: str, report: Report, now_ms: int) -> Difference:
        """Another node speaks."""
        node = self._nodes.get(name)
        if node is None:
            if len(self._nodes) >= NODES_MAX or report.number < (now_ms - OLD_MS) * 1000:
                return Difference()
            node = self._nodes[name] = _Node(now_ms + LEASE_MS)
        node.expires_ms = now_ms + LEASE_MS
        if report.number > node.newest:
            node.newest, node.unlisted = report.number, report.unlisted
        came: list[Entry] = []
        changed: list[Entry] = []
        left: list[Entry] = []
        for entry in report.entries:
            if node.is_news(entry.id, report.number):
                node.told[entry.id] = report.number
                known = node.entries.get(entry.id)
                node.entries[entry.id] = entry
                if known is None:
                    came.append(entry)
                elif known != entry:
                    changed.append(entry)
        for id in report.left:
            if node.is_news(id, report.number):
                node.told[id] = report.number
                if (gone := node.entries.pop(id, None)) is not None:
                    left.append(gone)
        if report.span is not None:
            left += node.close(report.span, report)
        return Difference(tuple(came), tuple(changed), tuple(left))

    def expire(self, now_ms: int) -> tuple[Entry, ...]:
        """Those who are gone with nodes that have been silent for too long."""
        silent = [name for name, node in self._nodes.items() if now_ms >= node.expires_ms]
        return tuple(entry for name in silent for entry in self._nodes.pop(name).entries.values())

    def get_timer(self) -> int | None:
        """When to call `expire`, in ms; None: nobody is elsewhere."""
        return min((node.expires_ms for node in self._nodes.values()), default=None)

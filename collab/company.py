"""Everybody in a room, on whichever node they are.

What this node's members do is shown to each other and reported to other nodes; what those report is shown
here, so people see who is there and not where. Joins what is shown, who is present, what others said and what
is to be said to them. A document whose kind proposes has to know of everybody, also of those who are not
shown: to such a document's nodes the silent are named, to others they are a number. Knows members. Does not
know roles, sockets, or what carries a report.
"""

from collections.abc import Callable

from collab.attendance import Attendance
from collab.elsewhere import STATE_EVERY_MS, Difference, Elsewhere
from collab.messages import Member, SetPresence
from collab.presence import Presences
from collab.presence_report import Entry, Report, Reporter


class Company:
    """The members of one room. `attended` is called when the document may want something for their sake."""

    def __init__(self, room: str, names_silent: bool, attended: Callable[[], None]) -> None:
        self.presences = Presences(room)
        self.attendance = Attendance()
        self._elsewhere = Elsewhere()
        self._reporter = Reporter(room)
        self._names_silent = names_silent
        self._attended = attended
        self._silent_elsewhere: set[str] = set()
        self._state_at_ms = 0

    # -- on this node ------------------------------------------------------------------------------------

    def enter(self, member: Member) -> None:
        self.presences.enter(member)
        self.attendance.came(member.user)
        self._report(member)
        self._attended()

    def show(self, connection: str, request: SetPresence) -> None:
        """What a member shows of themselves; no effect if that is older than what stands, or nobody's."""
        if self.presences.set(connection, request):
            member = self.presences.own(connection)
            self.attendance.showed(connection, member.user, request.state)
            self._report(member)
            self._attended()

    def leave(self, connection: str, user: str) -> None:
        successor = self.presences.leave(connection)
        self.attendance.went(connection, user)
        self._reporter.unlist(connection)
        self._count()
        if successor is not None:
            self._report(successor)
        self._attended()

    def _report(self, member: Member) -> None:
        if self.presences.is_shown(member.id):
            self._reporter.list(Entry(member.id, member.user, member.name, member.counter, member.state))
        elif self._names_silent:
            self._reporter.list(Entry(member.id, member.user))
        self._count()

    def _count(self) -> None:
        if not self._names_silent:
            self._reporter.unlisted = self.presences.silent
        if not self._elsewhere:
            # Who comes to know of this room asks for all of it.
            self._reporter.drop_news()

    # -- on other nodes ----------------------------------------------------------------------------------

    def hear(self, node: str, report: Report, now_ms: int) -> bool:
        """Another node reports. Whether that is news."""
        if report.asks or not self._elsewhere.knows(node):
            self._reporter.state_all()
        return self._follow(self._elsewhere.hear(node, report, now_ms), are_lost=False)

    def _follow(self, difference: Difference, *, are_lost: bool) -> bool:
        for entry in difference.came:
            self.attendance.came_elsewhere(entry.user)
        for entry in (*difference.came, *difference.changed):
            if entry.name is None:
                self._silent_elsewhere.add(entry.id)
            else:
                self._silent_elsewhere.discard(entry.id)
            if entry.state:
                self.attendance.showed(entry.id, entry.user, entry.state)
        for entry in difference.left:
            self._silent_elsewhere.discard(entry.id)
            self.attendance.went_elsewhere(entry.id, entry.user, lost=are_lost)
        self.presences.show_others(
            [
                Member(entry.id, entry.user, entry.name, entry.counter, entry.state)
                for entry in (*difference.came, *difference.changed)
                if entry.name is not None
            ],
            [entry.id for entry in difference.left],
            len(self._silent_elsewhere) + self._elsewhere.unlisted,
        )
        if difference:
            self._attended()
        return bool(difference)

    # -- what other nodes are told -----------------------------------------------------------------------

    def report_all(self, now_ms: int) -> None:
        """Nobody knows who is here, and nothing is known of others: the room begins, or the bus is back."""
        self._reporter.state_all(asks=True)
        self._state_at_ms = now_ms + STATE_EVERY_MS

    @property
    def has_reports(self) -> bool:
        """Whether `next_report` has something to say."""
        return self._reporter.has_news

    def next_report(self, now_us: int) -> Report | None:
        """The next thing to tell other nodes; None if there is nothing more."""
        return self._reporter.next(now_us)

    def farewell(self, now_us: int) -> Report | None:
        """The room ends on this node; None if nobody wants to know."""
        return self._reporter.farewell(now_us) if self._elsewhere else None

    # -- time --------------------------------------------------------------------------------------------

    def get_timer(self) -> int:
        """When `handle_timer` wants to be called, in ms; after `report_all`."""
        expires_ms = self._elsewhere.get_timer()
        return self._state_at_ms if expires_ms is None else min(self._state_at_ms, expires_ms)

    def handle_timer(self, now_ms: int, *, is_bus_heard: bool) -> bool:
        """Time has passed. Whether that is news: who is not heard of any more is no longer shown; if nothing
        could be heard, nobody knows whether they left."""
        if now_ms >= self._state_at_ms:
            self._reporter.state_all()
            self._state_at_ms = now_ms + STATE_EVERY_MS
        return self._follow(Difference(left=self._elsewhere.expire(now_ms)), are_lost=not is_bus_heard)

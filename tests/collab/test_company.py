"""Companies of one room on two nodes, joined by a list of reports."""

from collab.company import Company
from collab.elsewhere import LEASE_MS, STATE_EVERY_MS
from collab.messages import Member, Presence, SetPresence
from collab.presence import SHOWN_MAX

T = 1_700_000_000_000


class Node:
    """One node's company; `exchange` carries what it reports."""

    def __init__(self, name: str, names_silent: bool = False) -> None:
        self.name = name
        self.attended = 0
        self.company = Company("r", names_silent, self._attend)
        self.company.report_all(T)

    def _attend(self) -> None:
        self.attended += 1

    def enter(self, user: str) -> None:
        self.company.enter(Member(f"{user} at {self.name}", user, user.title()))

    def leave(self, user: str) -> None:
        self.company.leave(f"{user} at {self.name}", user)

    def show(self, user: str, counter: int) -> None:
        self.company.show(f"{user} at {self.name}", SetPresence("r", counter, {"at": counter}))

    @property
    def seen(self) -> set[str]:
        return {member.user for member in self.company.presences.shown()}


def exchange(*nodes: Node, now_ms: int = T) -> None:
    """Until nobody has anything to say."""
    while any(node.company.has_reports for node in nodes):
        for node in nodes:
            while (report := node.company.next_report(now_ms * 1000)) is not None:
                for other in nodes:
                    if other is not node:
                        other.company.hear(node.name, report, now_ms)


def test_all_see_all() -> None:
    one, two = Node("one"), Node("two")
    one.enter("ann")
    two.enter("bob")
    exchange(one, two)
    assert one.seen == two.seen == {"ann", "bob"}
    two.company.presences.take()
    one.show("ann", 1)
    one.show("ann", 2)
    exchange(one, two)
    shown = Member("ann at one", "ann", "Ann", 2, {"at": 2})
    assert two.company.presences.take() == Presence("r", (shown,))
    one.leave("ann")
    exchange(one, two)
    assert two.company.presences.take() == Presence("r", (), ("ann at one",))


def test_a_node_that_comes_later_is_told_of_all() -> None:
    one, two = Node("one"), Node("two")
    one.enter("ann")
    exchange(one)
    two.enter("bob")
    exchange(one, two)
    assert one.seen == two.seen == {"ann", "bob"}
    # The room is loaded anew on a node that is known: the others do not wait for their turn.
    again = Node("two")
    exchange(one, again)
    assert again.seen == {"ann"}


def test_nothing_is_said_to_nobody_but_now_and_then() -> None:
    one = Node("one")
    exchange(one)
    one.enter("ann")
    one.show("ann", 1)
    assert not one.company.has_reports
    assert one.company.farewell(T * 1000) is None
    assert one.company.get_timer() == T + STATE_EVERY_MS
    one.company.handle_timer(T + STATE_EVERY_MS, is_bus_heard=True)
    report = one.company.next_report(T * 1000)
    assert report is not None
    assert [entry.user for entry in report.entries] == ["ann"]


def test_a_room_that_ends_says_so() -> None:
    one, two = Node("one"), Node("two")
    one.enter("ann")
    exchange(one, two)
    farewell = one.company.farewell(T * 1000 + 9)
    assert farewell is not None
    assert two.company.hear("one", farewell, T)
    assert two.seen == set()


def test_people_vanish_with_their_node_and_are_known_to_have_left() -> None:
    one, two = Node("one"), Node("two")
    one.enter("ann")
    exchange(one, two)
    assert two.company.attendance.look(T).elsewhere == {"ann": 1}
    for at_ms in (T + STATE_EVERY_MS, T + LEASE_MS - 1):
        assert not two.company.handle_timer(at_ms, is_bus_heard=True)
    before = two.attended
    assert two.company.get_timer() == T + LEASE_MS
    assert two.company.handle_timer(T + LEASE_MS, is_bus_heard=True)
    assert two.attended > before
    assert two.seen == set()
    scene = two.company.attendance.look(T + LEASE_MS)
    assert (scene.elsewhere, scene.left_ms) == ({}, {"ann": T + LEASE_MS})


def test_without_the_bus_each_node_shows_its_own_and_judges_nobody() -> None:
    one, two = Node("one"), Node("two")
    one.enter("ann")
    two.enter("bob")
    exchange(one, two)
    assert two.company.handle_timer(T + LEASE_MS, is_bus_heard=False)
    assert two.seen == {"bob"}
    assert two.company.attendance.look(T + LEASE_MS).left_ms == {}
    for node in (one, two):
        node.company.report_all(T + LEASE_MS)
    exchange(one, two, now_ms=T + LEASE_MS)
    assert one.seen == two.seen == {"ann", "bob"}
    assert set(two.company.attendance.look(T + LEASE_MS).elsewhere) == {"ann"}


def test_the_silent_are_a_number_or_named_to_who_must_know() -> None:
    for names_silent in (False, True):
        one, two = Node("one", names_silent), Node("two", names_silent)
        for n in range(SHOWN_MAX + 20):
            one.enter(f"u{n}")
        exchange(one, two)
        assert len(two.seen) == SHOWN_MAX
        assert two.company.presences.total == SHOWN_MAX + 20
        known = two.company.attendance.look(T).elsewhere
        assert len(known) == SHOWN_MAX + (20 if names_silent else 0)
        one.show(f"u{SHOWN_MAX + 3}", 1)
        one.leave(f"u{SHOWN_MAX + 4}")
        exchange(one, two)
        assert len(two.seen) == SHOWN_MAX + 1
        assert two.company.presences.total == one.company.presences.total == SHOWN_MAX + 19
        for n in range(SHOWN_MAX + 20):
            if n != SHOWN_MAX + 4:
                one.leave(f"u{n}")
        exchange(one, two)
        assert (two.seen, two.company.presences.total) == (set(), 0)
        assert two.company.attendance.look(T).elsewhere == {}


def test_what_somebody_shows_on_another_node_is_known_to_the_document() -> None:
    one, two = Node("one", names_silent=True), Node("two", names_silent=True)
    one.enter("ann")
    exchange(one, two)
    before = two.attended
    one.show("ann", 3)
    exchange(one, two)
    assert two.company.attendance.look(T).shown == {"ann": {"at": 3}}
    assert two.attended > before

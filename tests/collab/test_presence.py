"""Who is in the room: newest wins, changes are conflated, silence is not announced."""

from collab.messages import Member, Presence, SetPresence
from collab.presence import SHOWN_MAX, Presences


def member(connection: str, counter: int = 0, **state: int) -> Member:
    return Member(connection, "ann", "Ann", counter, state)


def said(counter: int, **state: int) -> SetPresence:
    return SetPresence("r", counter, state)


def test_who_comes_and_what_they_show_is_told_once() -> None:
    presences = Presences("r")
    presences.enter(member("a"))
    assert presences.set("a", said(1, at=3))
    assert presences.set("a", said(2, at=4))
    assert presences.has_news
    assert presences.take() == Presence("r", (member("a", 2, at=4),))
    assert not presences.has_news
    assert presences.take() is None
    assert presences.shown() == (member("a", 2, at=4),)


def test_the_newest_wins_whatever_comes_late() -> None:
    presences = Presences("r")
    presences.enter(member("a"))
    presences.set("a", said(5, at=5))
    assert not presences.set("a", said(4, at=4))
    assert not presences.set("a", said(5, at=6))
    assert presences.shown() == (member("a", 5, at=5),)
    assert not presences.set("nobody", said(9))


def test_who_leaves_is_named_and_not_described() -> None:
    presences = Presences("r")
    presences.enter(member("a"))
    presences.take()
    presences.set("a", said(1))
    presences.leave("a")
    presences.leave("a")
    assert presences.take() == Presence("r", (), ("a",))
    assert presences.shown() == ()


def test_who_left_and_came_back_between_two_looks_is_there() -> None:
    presences = Presences("r")
    presences.enter(member("a"))
    presences.take()
    presences.leave("a")
    presences.enter(member("a"))
    assert presences.take() == Presence("r", (member("a"),))


def crowd(count: int) -> Presences:
    presences = Presences("r")
    for n in range(count):
        presences.enter(member(f"m{n}"))
    return presences


def test_a_crowd_is_not_announced_to_itself() -> None:
    presences = crowd(SHOWN_MAX + 5)
    assert len(presences.shown()) == SHOWN_MAX
    assert presences.total == SHOWN_MAX + 5
    presences.take()
    silent = f"m{SHOWN_MAX + 1}"
    presences.leave(f"m{SHOWN_MAX + 2}")
    assert presences.take() is None
    presences.set(silent, said(1, at=1))
    assert presences.take() == Presence("r", (member(silent, 1, at=1),), (), SHOWN_MAX + 4)
    assert len(presences.shown()) == SHOWN_MAX + 1


def test_the_total_is_told_when_it_is_wrong_by_a_twentieth_or_exactly_when_asked() -> None:
    presences = crowd(200)
    first = presences.take()
    assert first is not None
    assert first.total == 200
    for n in range(200, 209):
        presences.enter(member(f"m{n}"))
    assert not presences.has_news
    assert presences.take(exactly=True) == Presence("r", total=209)
    for n in range(209, 220):
        presences.enter(member(f"m{n}"))
    assert presences.take() == Presence("r", total=220)
    assert presences.take(exactly=True) is None


def test_a_seat_in_the_light_that_becomes_free_is_taken() -> None:
    presences = crowd(SHOWN_MAX + 1)
    presences.take()
    assert presences.leave("m5") == member(f"m{SHOWN_MAX}")
    assert presences.take() == Presence("r", (member(f"m{SHOWN_MAX}"),), ("m5",)), "and all are named again"
    assert (presences.total, presences.silent) == (0, 0)


def test_those_on_other_nodes_are_shown_with_ours() -> None:
    presences = Presences("r")
    presences.enter(member("a"))
    presences.take()
    presences.show_others([member("b", 1, at=2)], (), 0)
    assert presences.take() == Presence("r", (member("b", 1, at=2),))
    assert presences.shown() == (member("a"), member("b", 1, at=2))
    presences.show_others([member("b", 2, at=3)], ["nobody"], 7)
    assert presences.take() == Presence("r", (member("b", 2, at=3),), (), 9)
    presences.show_others((), ["b"], 0)
    assert presences.take() == Presence("r", (), ("b",))


def test_a_hundred_elsewhere_leave_no_light_for_ours() -> None:
    presences = Presences("r")
    presences.show_others([member(f"o{n}") for n in range(SHOWN_MAX)], (), 0)
    presences.enter(member("a"))
    assert not presences.is_shown("a")
    assert presences.total == SHOWN_MAX + 1
    presences.set("a", said(1, at=1))
    assert presences.is_shown("a")

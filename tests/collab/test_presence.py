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


def test_a_crowd_is_not_announced_to_itself() -> None:
    presences = Presences("r")
    for n in range(SHOWN_MAX + 5):
        presences.enter(member(f"m{n}"))
    assert len(presences.shown()) == SHOWN_MAX
    presences.take()
    silent = f"m{SHOWN_MAX + 1}"
    presences.leave(f"m{SHOWN_MAX + 2}")
    assert presences.take() is None
    presences.set(silent, said(1, at=1))
    assert presences.take() == Presence("r", (member(silent, 1, at=1),))
    assert len(presences.shown()) == SHOWN_MAX + 1

"""Who else is here, and what we show."""

from collab.messages import Member, Presence, SetPresence
from tests.clients.desk import ROOM
from tutti_client.roster import EVERY_MS, Roster

ANN = Member("connection-1", "A", "Ann")
BEN = Member("connection-2", "B", "Ben", 3, {"cursor": "x"})


def test_members_come_change_and_go() -> None:
    roster = Roster(ROOM)
    roster.opened((ANN,))
    roster.receive(Presence(ROOM, (BEN,)))
    assert roster.members == (ANN, BEN)
    older = Member(BEN.id, BEN.user, BEN.name, 2, {"cursor": "old"})
    roster.receive(Presence(ROOM, (older,), (ANN.id, "unknown")))
    assert roster.members == (BEN,)
    roster.opened((ANN,))
    assert roster.members == (ANN,)


def test_a_crowd_is_counted() -> None:
    roster = Roster(ROOM)
    roster.opened((ANN, BEN))
    assert roster.present == 2
    roster.opened((ANN,), 300)
    assert roster.present == 300
    roster.receive(Presence(ROOM, (BEN,), total=310))
    assert roster.present == 310
    roster.receive(Presence(ROOM, left=(ANN.id,)))
    assert roster.present == 1


def test_what_we_show_is_told_now_and_then_and_newest_wins() -> None:
    roster = Roster(ROOM)
    assert roster.outgoing(0) == []
    roster.show({"cursor": "a"})
    assert roster.outgoing(1000) == [SetPresence(ROOM, 1, {"cursor": "a"})]
    assert roster.get_timer() is None
    for uid in "bcd":
        roster.show({"cursor": uid})
        assert roster.outgoing(1000 + EVERY_MS - 1) == []
    assert roster.get_timer() == 1000 + EVERY_MS
    assert roster.outgoing(1000 + EVERY_MS) == [SetPresence(ROOM, 2, {"cursor": "d"})]
    roster.show({"cursor": "d"})
    assert roster.outgoing(9000) == []


def test_a_new_connection_is_told_again() -> None:
    roster = Roster(ROOM)
    roster.opened(())
    assert roster.get_timer() is None
    roster.show({"cursor": "a"})
    roster.outgoing(0)
    roster.opened((ANN,))
    assert roster.outgoing(EVERY_MS) == [SetPresence(ROOM, 2, {"cursor": "a"})]

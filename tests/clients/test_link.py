"""Many rooms over one session, without a server: every message is written out."""

import pytest

from collab.messages import (
    Ack,
    Drain,
    Goodbye,
    Hello,
    Leave,
    Open,
    Opened,
    Presence,
    Refresh,
    RefreshSoon,
    Refused,
    SetPresence,
    Snapshot,
    Submit,
    Time,
    Welcome,
)
from ot.build import set_attribute
from tutti_client.errors import ConnectionRefused
from tutti_client.events import Refusal, Reloaded, Resynced, RoleSet
from tutti_client.link import SDK, Link
from tutti_client.link_events import InRoom, MembersChanged, MoveWanted, TokenWanted, Welcomed

CLIENT, OTHER = "C" * 22, "D" * 22
FRIDAY, SUNDAY = "F" * 22, "S" * 22


def welcome(user: str = "ann") -> Welcome:
    return Welcome(user, "Ann", "connection-1", {}, 10_000, 5_000_000_000, 250, 20_000, 900_000)


def opened(room: str, epoch: str = "epoch-1") -> Opened:
    state = Snapshot({"entries": [], "attributes": {}})
    return Opened(room, "playlist", epoch, 0, "owner", "fresh", snapshot=state)


def live(*rooms: str) -> Link:
    """A link that was welcomed and has these rooms open."""
    link = Link(CLIENT)
    link.connected("token")
    link.outgoing(0)
    link.receive(welcome(), 1000)
    for room in rooms:
        link.enter(room)
        link.outgoing(1000)
        link.receive(opened(room), 1000)
    return link


def rename(link: Link, room: str, name: str) -> None:
    link.enter(room)[0].edit(set_attribute("name", name))


def test_hello_comes_first_and_rooms_after_welcome() -> None:
    link = Link(CLIENT)
    assert link.outgoing(0) == []
    link.connected("token")
    assert link.outgoing(0) == [Hello("token", CLIENT, SDK)]
    assert link.outgoing(0) == []
    assert link.receive(welcome(), 1000) == [Welcomed(250, 20_000)]
    assert (link.user, link.name, link.connection) == ("ann", "Ann", "connection-1")
    link.enter(FRIDAY)
    assert link.outgoing(1000) == [Open(FRIDAY)]
    assert link.receive(opened(FRIDAY), 1000) == [
        InRoom(FRIDAY, RoleSet("owner")),
        InRoom(FRIDAY, Reloaded(0)),
        MembersChanged(FRIDAY),
    ]


def test_the_servers_time_is_estimated_from_welcome() -> None:
    assert live().server_ms(1250) == 5_000_250


def test_every_room_resumes_on_the_next_connection() -> None:
    link = live(FRIDAY, SUNDAY)
    rename(link, FRIDAY, "x")
    [submit] = link.outgoing(1000)
    assert isinstance(submit, Submit)
    link.disconnected()
    assert link.outgoing(2000) == []
    assert link.get_timer() is None
    link.connected("token")
    link.outgoing(2000)
    link.receive(welcome(), 2000)
    assert link.outgoing(2000) == [Open(FRIDAY, "epoch-1", 0, 1), Open(SUNDAY, "epoch-1", 0, 0)]


def test_presence_is_told_while_the_room_is_open() -> None:
    link = live(FRIDAY)
    link.enter(FRIDAY)[1].show({"cursor": ""})
    assert link.outgoing(1000) == [SetPresence(FRIDAY, 1, {"cursor": ""})]
    link.enter(FRIDAY)[1].show({"cursor": "a"})
    assert link.outgoing(1000) == []
    assert link.get_timer() == 1100
    assert link.receive(Presence(FRIDAY), 1000) == [MembersChanged(FRIDAY)]
    assert link.receive(Presence(SUNDAY), 1000) == []


def test_leaving_a_room_forgets_it() -> None:
    link = live(FRIDAY)
    link.leave(FRIDAY)
    link.leave(SUNDAY)
    assert link.outgoing(1000) == [Leave(FRIDAY)]
    assert link.receive(opened(FRIDAY), 1000) == []


def test_a_room_left_with_something_in_flight_goes_on_with_the_next_seq() -> None:
    link = live(FRIDAY)
    rename(link, FRIDAY, "x")
    link.outgoing(1000)
    link.leave(FRIDAY)
    link.enter(FRIDAY)
    assert link.outgoing(1000) == [Leave(FRIDAY), Open(FRIDAY)]
    link.receive(opened(FRIDAY), 1000)
    rename(link, FRIDAY, "y")
    [submit] = link.outgoing(1000)
    assert isinstance(submit, Submit)
    assert submit.seq == 2


def test_a_new_client_id_waits_until_nothing_is_in_flight_under_the_old_one() -> None:
    link = live(FRIDAY, SUNDAY)
    rename(link, FRIDAY, "x")
    rename(link, SUNDAY, "y")
    link.outgoing(1000)
    rename(link, SUNDAY, "z")
    link.receive(opened(FRIDAY, "epoch-2"), 1000)
    assert not link.renewal_is_due
    # Sunday's is settled under the old id; what waits there stays until the new one.
    events = link.receive(Refused(SUNDAY, 1, "forbidden", "No."), 1000)
    assert [type(event.event) for event in events if isinstance(event, InRoom)] == [Refusal]
    assert link.outgoing(1000) == []
    assert link.renewal_is_due

    assert link.renew(OTHER) == []
    assert not link.renewal_is_due
    link.connected("token")
    assert link.outgoing(2000) == [Hello("token", OTHER, SDK)]
    link.receive(welcome(), 2000)
    assert link.outgoing(2000) == [Open(FRIDAY, "epoch-2", 0), Open(SUNDAY, "epoch-1", 0)]
    for room, epoch in ((FRIDAY, "epoch-2"), (SUNDAY, "epoch-1")):
        link.receive(Opened(room, "playlist", epoch, 0, "owner", "resumed"), 2000)
    assert [(m.room, m.seq) for m in link.outgoing(2000) if isinstance(m, Submit)] == [
        (FRIDAY, 1),
        (SUNDAY, 1),
    ]


def test_acks_go_to_their_room() -> None:
    link = live(FRIDAY, SUNDAY)
    rename(link, FRIDAY, "x")
    link.outgoing(1000)
    assert link.receive(Ack(SUNDAY, 1, 0), 1000) == []
    # The server says that nothing of it was left, which cannot be: the replica asks for a snapshot.
    link.receive(Ack(FRIDAY, 1, 0), 1000)
    assert link.outgoing(1000) == [Open(FRIDAY, inflight=1)]
    events = link.receive(opened(FRIDAY), 1000)
    assert [type(event.event) for event in events if isinstance(event, InRoom)] == [Resynced]


def test_what_the_server_says_about_the_session() -> None:
    link = live()
    assert link.receive(RefreshSoon(60_000), 1000) == [TokenWanted(60_000)]
    link.refresh("new token")
    assert link.outgoing(1000) == [Refresh("new token")]
    assert link.receive(Drain(300), 1000) == [MoveWanted(300)]
    goodbye = Goodbye("drain", "The node is about to stop.", 300)
    assert link.receive(goodbye, 1000) == []
    assert link.farewell == goodbye
    assert link.receive(Time(1, 2, 3), 1000) == []
    link.disconnected()
    link.refresh("too late")
    assert link.outgoing(1000) == []


def test_a_session_of_another_user_is_refused() -> None:
    link = live()
    link.disconnected()
    link.connected("token of Ben")
    with pytest.raises(ConnectionRefused):
        link.receive(welcome("ben"), 2000)

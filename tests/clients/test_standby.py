"""A second session while the first still carries everything: every message is written out."""

import pytest

from collab.messages import (
    Ack,
    Drain,
    Hello,
    Leave,
    Open,
    Opened,
    Ops,
    Outcome,
    Presence,
    Refused,
    Row,
    SetPresence,
    Snapshot,
    Submit,
    Welcome,
)
from ot.build import set_attribute
from ot.op import encode
from tests.clients.test_link import CLIENT, FRIDAY, SUNDAY, live, rename, welcome
from tutti_client.errors import ConnectionRefused
from tutti_client.link import SDK, Link
from tutti_client.link_events import MembersChanged, MoveWanted, Welcomed
from tutti_client.standby import HOLD_MS, MESSAGES_MAX, PATIENCE_MS, Standby

THERE = "connection-2"


def welcome_there(user: str = "ann") -> Welcome:
    return Welcome(user, "Ann", THERE, {}, 10_000, 6_000_000_000, 250, 20_000, 900_000)


def resumed(room: str, version: int, *rows: Row, settled: Outcome | None = None) -> Opened:
    return Opened(room, "playlist", "epoch-1", version, "owner", "resumed", ops=rows, settled=settled)


def row(version: int, client: str = "B" * 22, name: str = "b", seq: int = 1) -> Row:
    return Row(version, client, seq, "ben", encode(set_attribute("name", name)))


def prepared(link: Link, now_ms: int = 2000) -> tuple[Standby, list[Open]]:
    """A second session that was welcomed, and what it asks then."""
    standby = link.prepare("token")
    assert standby.outgoing(now_ms) == [Hello("token", CLIENT, SDK)]
    assert not standby.is_ready(now_ms)
    standby.receive(welcome_there(), now_ms)
    opens = [message for message in standby.outgoing(now_ms) if isinstance(message, Open)]
    assert standby.outgoing(now_ms) == []
    return standby, opens


def test_rooms_go_on_on_the_new_session_without_being_closed() -> None:
    link = live(FRIDAY, SUNDAY)
    friday, _ = link.enter(FRIDAY)
    standby, opens = prepared(link)
    assert opens == [Open(FRIDAY, "epoch-1", 0, 0), Open(SUNDAY, "epoch-1", 0, 0)]
    assert link.is_live
    standby.receive(resumed(FRIDAY, 1, row(1)), 2000)
    assert not standby.is_ready(2000)
    standby.receive(resumed(SUNDAY, 0), 2000)
    assert standby.is_ready(2000)

    events = link.move(standby, 2100)
    assert Welcomed(250, 20_000) in events
    assert link.is_live
    assert link.connection == THERE
    assert friday.is_open
    assert friday.version == 1
    assert link.outgoing(2100) == []


def test_what_is_in_flight_goes_out_again_and_counts_once() -> None:
    link = live(FRIDAY)
    friday, _ = link.enter(FRIDAY)
    rename(link, FRIDAY, "x")
    [sent] = link.outgoing(1000)
    standby, opens = prepared(link)
    assert opens == [Open(FRIDAY, "epoch-1", 0, 1)]
    standby.receive(resumed(FRIDAY, 0), 2000)
    link.move(standby, 2000)
    assert link.outgoing(2000) == [sent]
    # The old node had committed it after all; the new one says so.
    link.receive(Ops(FRIDAY, (row(1, CLIENT, "x"),)), 2100)
    link.receive(Ack(FRIDAY, 1, 1), 2100)
    assert friday.is_synced
    assert friday.version == 1


def test_what_the_old_node_settles_meanwhile_is_settled() -> None:
    link = live(FRIDAY)
    friday, _ = link.enter(FRIDAY)
    rename(link, FRIDAY, "x")
    link.outgoing(1000)
    standby, _ = prepared(link)
    link.receive(Ops(FRIDAY, (row(1, CLIENT, "x"),)), 2000)
    assert friday.is_synced
    # The new node does not know version 1 yet: a submission against it would be refused there.
    standby.receive(resumed(FRIDAY, 0), 2000)
    assert not standby.is_ready(2000)
    standby.receive(Ops(FRIDAY, (row(1, CLIENT, "x"),)), 2000)
    assert standby.is_ready(2000)
    link.move(standby, 2000)
    assert friday.is_open
    rename(link, FRIDAY, "y")
    [submit] = link.outgoing(2000)
    assert isinstance(submit, Submit)
    assert (submit.seq, submit.base) == (2, 1)


def test_nothing_new_is_submitted_for_a_moment() -> None:
    link = live(FRIDAY)
    standby, _ = prepared(link)
    rename(link, FRIDAY, "x")
    assert link.outgoing(2000) == []
    assert standby.get_timer(2000) == 2000 + HOLD_MS
    late_ms = 2000 + HOLD_MS
    [submit] = link.outgoing(late_ms)
    assert isinstance(submit, Submit)
    assert standby.get_timer(late_ms) == 2000 + PATIENCE_MS
    # The new node was not asked about it, so the room is opened anew: the answer settles it.
    standby.receive(resumed(FRIDAY, 0), late_ms)
    link.move(standby, late_ms)
    assert link.outgoing(late_ms) == [Open(FRIDAY, "epoch-1", 0, 1)]


@pytest.mark.parametrize(
    "answer",
    [
        Opened(
            FRIDAY,
            "playlist",
            "epoch-1",
            0,
            "owner",
            "gone",
            snapshot=Snapshot({"entries": [], "attributes": {}}),
        ),
        Opened(FRIDAY, "playlist", "epoch-2", 0, "owner", "resumed"),
        Refused(FRIDAY, 0, "unavailable", "Later.", True, 1000),
        None,
    ],
)
def test_a_room_that_does_not_lead_on_is_opened_anew(answer: Opened | Refused | None) -> None:
    link = live(FRIDAY)
    standby, _ = prepared(link)
    if answer is not None:
        standby.receive(answer, 2000)
    assert standby.is_ready(2000 + PATIENCE_MS)
    link.move(standby, 2000)
    assert link.is_live
    assert link.outgoing(2000) == [Open(FRIDAY, "epoch-1", 0, 0)]


def test_a_node_that_talks_without_end_is_taken_as_it_is() -> None:
    link = live(FRIDAY)
    standby, _ = prepared(link)
    for _ in range(MESSAGES_MAX):
        assert not standby.is_ready(2000)
        standby.receive(Presence(FRIDAY), 2000)
    assert standby.is_ready(2000)


def test_rooms_that_came_and_went_meanwhile() -> None:
    link = live(FRIDAY)
    standby, _ = prepared(link)
    link.leave(FRIDAY)
    link.enter(SUNDAY)
    assert link.outgoing(2000) == [Leave(FRIDAY), Open(SUNDAY)]
    standby.receive(resumed(FRIDAY, 0), 2000)
    assert standby.is_ready(2000)
    link.move(standby, 2000)
    assert link.outgoing(2000) == [Leave(FRIDAY), Open(SUNDAY)]


def test_what_we_show_is_shown_again() -> None:
    link = live(FRIDAY)
    link.enter(FRIDAY)[1].show({"cursor": ""})
    link.outgoing(1000)
    standby, _ = prepared(link)
    standby.receive(resumed(FRIDAY, 0), 2000)
    assert MembersChanged(FRIDAY) in link.move(standby, 2000)
    assert link.outgoing(2000) == [SetPresence(FRIDAY, 2, {"cursor": ""})]


def test_a_node_that_stops_too_is_left_in_its_turn() -> None:
    link = live()
    standby, _ = prepared(link)
    standby.receive(Drain(500), 2000)
    assert link.move(standby, 2000)[-1] == MoveWanted(500)


def test_a_session_of_another_user_changes_nothing() -> None:
    link = live(FRIDAY)
    standby = link.prepare("token of Ben")
    standby.outgoing(2000)
    standby.receive(welcome_there("ben"), 2000)
    standby.outgoing(2000)
    standby.receive(resumed(FRIDAY, 0), 2000)
    with pytest.raises(ConnectionRefused):
        link.move(standby, 2000)
    assert link.is_live
    assert link.connection == "connection-1"
    assert link.enter(FRIDAY)[0].is_open


def test_staying_forgets_it() -> None:
    link = live(FRIDAY)
    prepared(link)
    link.stay()
    rename(link, FRIDAY, "x")
    [submit] = link.outgoing(2000)
    assert isinstance(submit, Submit)
    link.receive(welcome(), 2000)

"""Clock probes of one client, without a server: who asks, when, and what is made of the answers."""

import pytest

from collab.messages import Leave, Open, Opened, Probe, Snapshot, Time
from tests.clients.jukebox import BoxRules
from tests.clients.test_link import CLIENT, FRIDAY, welcome
from tutti_client.link import Link
from tutti_client.link_events import LinkEvent, TimeSet
from tutti_client.room_clock import RoomClock

JAM = "J" * 22
# By how much the server is ahead of this client, and how long each way takes.
AHEAD_US = 5_000_000_000
WAY_US = 1_500


def listening() -> Link:
    """A link that was welcomed, with a Jam."""
    link = Link(CLIENT)
    link.connected("token")
    link.outgoing(0)
    link.receive(welcome(), 1000)
    link.enter_jam(JAM, BoxRules())
    return link


def answer(link: Link, probe: Probe, ahead_us: int = AHEAD_US) -> tuple[float, list[LinkEvent]]:
    """The server's answer comes; returns when, and what that says."""
    at_us = probe.t0 + WAY_US + ahead_us
    came_ms = (probe.t0 + 2 * WAY_US) / 1000
    return came_ms, link.receive_time(Time(probe.t0, at_us, at_us), came_ms)


def burst(link: Link, now_ms: float, ahead_us: int = AHEAD_US) -> tuple[int, float, list[LinkEvent]]:
    """Probes and answers until nothing is due for half a second: how many, when that was, what it said."""
    asked, said = 0, list[LinkEvent]()
    while True:
        probe = link.take_probe(now_ms)
        if probe is not None:
            asked += 1
            assert link.take_probe(now_ms) is None, "one is under way at a time"
            now_ms, events = answer(link, probe, ahead_us)
            said += events
        due_ms = link.room_clock.get_timer()
        assert due_ms is not None
        if due_ms > now_ms + 500:
            return asked, now_ms, said
        now_ms = max(now_ms, due_ms)


def test_nobody_asks_without_a_jam_or_a_connection() -> None:
    link = Link(CLIENT)
    assert link.take_probe(0.0) is None
    link.connected("token")
    link.outgoing(0)
    link.receive(welcome(), 1000)
    link.enter(FRIDAY)
    link.outgoing(1000)
    assert link.take_probe(1000.0) is None
    assert link.get_timer() is None
    link.enter_jam(JAM, BoxRules())
    assert link.take_probe(1000.25) == Probe(1_000_250)
    link.leave(JAM)
    assert link.take_probe(2000.0) is None
    assert link.room_clock.filter is None


def test_the_rooms_time_is_that_of_welcome_until_it_is_measured() -> None:
    link = listening()
    assert link.room_ms(1000.0) == link.server_ms(1000) == 5_000_000
    asked, now_ms, said = burst(link, 1000.0, ahead_us=AHEAD_US - 1_000_700)
    assert (asked, said) == (12, [TimeSet()])
    assert link.room_ms(now_ms) - now_ms == pytest.approx((AHEAD_US - 1_000_700) / 1000, abs=0.01)
    assert link.room_clock.filter is not None
    assert link.room_clock.filter.rtt_ms == pytest.approx(2 * WAY_US / 1000)


def test_a_new_connection_asks_anew_and_keeps_the_time_meanwhile() -> None:
    link = listening()
    _, now_ms, _ = burst(link, 1000.0)
    probe = link.take_probe(now_ms + 2_000)
    assert probe is not None
    link.disconnected()
    before_ms = link.room_ms(now_ms + 2_100)
    assert answer(link, probe)[1] == []
    assert link.take_probe(now_ms + 5_000) is None
    link.connected("token")
    link.outgoing(4000)
    link.receive(welcome(), 4000)
    assert link.room_ms(now_ms + 2_100) == pytest.approx(before_ms, abs=0.01)
    assert burst(link, now_ms + 5_000)[0] == 12


def test_an_answer_that_nobody_waits_for_is_dropped() -> None:
    clock = RoomClock()
    assert not clock.receive(Time(1, 2, 3), 4.0)
    assert clock.offset_ms(0.0) is None
    assert clock.get_timer() is None


def test_a_jam_is_opened_and_a_playlist_that_was_taken_for_one_is_left() -> None:
    link = listening()
    assert link.outgoing(1000) == [Open(JAM)]
    state = Snapshot({"entries": [], "attributes": {}})
    link.receive(Opened(JAM, "playlist", "epoch-1", 0, "owner", "fresh", snapshot=state), 1000)
    assert link.enter_jam(JAM, BoxRules())[0].closed is not None
    assert link.outgoing(1000) == [Leave(JAM)]

from dataclasses import replace
from itertools import pairwise

from jam import commands as c
from jam import events as e
from jam.due import proposals
from jam.quorum import electorate
from jam.rules import By, Source
from jam.settings import Settings, Times
from tests.jam.party import Party


def kinds(events: list[e.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_votes_of_somebody_long_away_sleep_and_wake() -> None:
    party = Party(None, "bob", "cid")
    entry = party.add("cid", "x")
    party.do("bob", c.Vote(entry, 1))
    party.goes("bob")
    party.passes(10_000 + 600_000 - 1)
    assert party.jam.entries[entry].score == 2
    party.passes(1)
    assert party.jam.entries[entry].score == 1
    party.comes("bob")
    party.passes(1)
    assert party.jam.entries[entry].score == 2
    assert party.jam.entries[entry].votes == {"bob": 1, "cid": 1}


def test_many_at_once_are_one_event() -> None:
    party = Party(None, *"bcdefg")
    for user in "bcdefg":
        party.goes(user)
    assert kinds(party.passes(10_000)) == ["WentAway"]
    for user in "bcdefg":
        party.comes(user)
    assert kinds(party.passes(1)) == ["CameBack"]


def test_shortened_times_shorten_the_wait_for_a_page_that_is_loaded_again() -> None:
    party = Party(Settings(times=Times(host_away_ms=600)), "bob")
    party.goes("ann")
    assert party.passes(99) == []
    assert kinds(party.passes(1)) == ["WentAway"]
    assert kinds(party.passes(600)) == ["Acting"]


class TestNobodyIsLeft:
    def test_the_music_pauses_and_goes_on_where_it_stood(self) -> None:
        party = Party()
        party.add("ann", "x", 600)
        party.steer("ann", c.Play)
        party.passes(30_000)
        party.goes("ann")
        party.passes(70_000)
        assert (party.jam.status, party.jam.timeline.reason) == ("dormant", "empty")
        stood_ms = party.jam.timeline.position_ms
        assert stood_ms == 100_000 - 400
        party.passes(3_600_000)
        party.comes("ann")
        party.passes(1)
        assert (party.jam.status, party.jam.host, party.jam.reign) == ("live", "ann", 1)
        party.steer("ann", c.Play)
        assert party.jam.timeline.position_ms == stood_ms

    def test_after_a_day_it_is_over(self) -> None:
        party = Party()
        party.goes("ann")
        party.passes(70_000 + 24 * 3_600_000 - 1)
        assert party.jam.status == "dormant"
        party.passes(1)
        assert party.jam.status == "ended"

    def test_a_guest_wakes_it_and_acts_for_the_host(self) -> None:
        party = Party(None, "bob")
        party.goes("ann")
        party.goes("bob")
        party.passes(1_000_000)
        assert party.jam.status == "dormant"
        party.comes("bob")
        party.passes(1)
        assert (party.jam.status, party.jam.host) == ("live", "bob")

    def test_somebody_new_wakes_it_too(self) -> None:
        party = Party()
        party.goes("ann")
        party.passes(1_000_000)
        assert party.jam.status == "dormant"
        party.join("bob")
        party.passes(1)
        assert (party.jam.status, party.jam.host) == ("live", "bob")
        party.passes(48 * 3_600_000)
        assert party.jam.status == "live"


class TestRestart:
    def test_after_a_long_one_the_music_stands_where_it_was(self) -> None:
        party = Party()
        party.add("ann", "x", 600)
        party.steer("ann", c.Play)
        party.passes(60_000)
        last_at = party.jam.at
        party.sleeps(200_000)
        events = party.passes(1)
        assert kinds(events) == ["Paused"]
        assert party.jam.timeline.reason == "restart"
        assert party.jam.timeline.position_ms == last_at - party.events[1].at - 400

    def test_a_short_one_is_not_heard(self) -> None:
        party = Party()
        party.add("ann", "x", 600)
        party.steer("ann", c.Play)
        party.passes(25_000)
        party.sleeps(50_000)
        assert kinds(party.passes(1)) == ["Ticked"]
        assert not party.jam.timeline.paused

    def test_while_music_plays_the_log_is_never_silent_for_long(self) -> None:
        party = Party()
        party.add("ann", "x", 600)
        party.steer("ann", c.Play)
        events = party.passes(300_000)
        gaps = [later.at - earlier.at for earlier, later in pairwise(events)]
        assert max(gaps) <= 25_000

    def test_who_does_not_come_back_to_a_new_node_is_away(self) -> None:
        party = Party(None, "bob", "cid")
        party.sleeps(5_000)
        party.scene = replace(party.scene, here={"ann": party.now_ms}, loaded_ms=party.now_ms)
        assert party.passes(14_999) == []
        party.passes(1)
        assert {user for user, member in party.jam.members.items() if member.away_at} == {"bob", "cid"}


class TestTwoNodes:
    def test_a_node_that_holds_the_socket_answers(self) -> None:
        """One node doubts a silent host whom the other one has; the doubt is answered, and nobody acts."""
        party = Party(None, "bob")
        # What the other node sees.
        other = replace(party.scene, here={"ann": party.now_ms})
        party.scene = replace(party.scene, here={"bob": party.now_ms})
        for _ in range(600):
            party.passes(1_000)
            wanted, _ = proposals(party.lineup, other, party.now_ms)
            for command in wanted:
                party.take(command, By("", party.now_ms, Source.ROOM, other))
        assert (party.jam.host, party.jam.reign) == ("ann", 1)
        assert 0 < kinds(party.events).count("WentAway") <= 12
        # Ten minutes after they came in, and not one sign from them since.
        assert electorate(party.jam, party.now_ms + 1, party.scene.acted_ms) == set()

    def test_a_node_that_hears_of_the_socket_does_not_doubt(self) -> None:
        party = Party(None, "bob", "cid")
        here, elsewhere = {"ann": party.now_ms}, ["bob"]
        party.scene = replace(party.scene, here=here, elsewhere=elsewhere, left_ms={"cid": party.now_ms})
        events = party.passes(3_600_000)
        assert [event.users for event in events if isinstance(event, e.WentAway)] == [["cid"]]

    def test_who_was_only_doubted_did_nothing_and_is_not_asked_about_a_skip(self) -> None:
        """The log counts it as a sign of life, as it always did: nodes of two versions must fold it alike."""
        party = Party(None, "bob", "cid")
        party.add("ann", "x", 600)
        party.steer("ann", c.Play)
        party.sleeps(600_000 - 1)
        party.take(c.Away(["bob", "cid"]), By("", party.now_ms, Source.ROOM))
        party.sleeps(1_000)
        party.comes("cid")
        [event] = [event for event in party.passes(1) if isinstance(event, e.CameBack)]
        assert (event.users, event.seen) == (["bob", "cid"], ["bob"])
        assert not party.jam.members["bob"].away_at
        assert party.jam.members["bob"].active_at == event.at
        assert electorate(party.jam, party.now_ms, party.scene.acted_ms) == {"cid"}

    def test_only_the_node_that_has_the_socket_answers_a_doubt(self) -> None:
        party = Party(None, "bob")
        party.take(c.Away(["bob"]), By("", party.now_ms, Source.ROOM))
        party.scene = replace(party.scene, here={"ann": party.now_ms}, elsewhere=["bob"])
        assert party.passes(1_000) == []
        party.comes("bob")
        assert kinds(party.passes(1)) == ["CameBack"]


def test_in_speaker_mode_the_speaker_s_absence_pauses() -> None:
    party = Party(Settings(speaker=True), "bob")
    party.add("ann", "x", 600)
    party.steer("ann", c.Play)
    party.goes("ann")
    party.passes(70_000)
    assert (party.jam.timeline.paused, party.jam.timeline.reason) == (True, "host_away")

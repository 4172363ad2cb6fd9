import pytest

from jam import commands as c
from jam import events as e
from jam.rules import By, Source
from jam.settings import Limits, Settings
from jam.state import Jam
from jam.timeline import ends_at, position_at
from tests.jam.party import Party

LEAD = 400


def playing(*songs: tuple[str, int], settings: Settings | None = None) -> Party:
    """Songs of (name, seconds), one of each person, the first of which has just begun."""
    party = Party(settings, *(f"p{name}" for name, _ in songs))
    for name, seconds in songs:
        party.add(f"p{name}", name, seconds)
    party.steer("ann", c.Play)
    party.passes(LEAD)
    return party


def title(jam: Jam) -> str:
    entry = jam.entries.get(jam.timeline.entry)
    return str(entry.track["title"]) if entry else ""


def advances(events: list[e.Event]) -> list[e.Advanced]:
    return [event for event in events if isinstance(event, e.Advanced)]


class TestStarting:
    def test_a_start_is_scheduled_for_everybody(self) -> None:
        party = Party()
        party.add("ann", "x")
        party.steer("ann", c.Play)
        assert party.jam.timeline.anchor_ms == party.now_ms + LEAD
        assert position_at(party.jam, party.now_ms) == position_at(party.jam, party.now_ms + LEAD) == 0
        assert position_at(party.jam, party.now_ms + LEAD + 5) == 5

    @pytest.mark.parametrize(
        ("sync", "lead"),
        [
            ({"rtt_ms": 100}, 400),
            ({"rtt_ms": 400}, 800),
            ({"rtt_ms": 10**9}, 2_000),
            ({"rtt_ms": "soon"}, 400),
            ({"ready": {"x.1": 1_500}}, 1_500),
            ({"ready": {"x.1": 10**9}}, 3_000),
            ({"ready": ["no map"]}, 400),
        ],
    )
    def test_as_far_ahead_as_the_slowest_need(self, sync: dict[str, object], lead: int) -> None:
        party = Party()
        party.add("ann", "x")
        party.shows("ann", **sync)
        party.steer("ann", c.Play)
        assert party.jam.timeline.anchor_ms == party.now_ms + lead

    def test_with_nothing_to_play_the_first_song_begins_by_itself(self) -> None:
        party = Party(None, "bob")
        party.steer("ann", c.Play)
        assert not party.jam.timeline.paused
        party.add("bob", "x")
        assert advances(party.passes(0))[0].entry == "bob.1"
        assert title(party.jam) == "x"

    def test_twice_is_once(self) -> None:
        party = playing(("a", 60))
        assert party.steer("ann", c.Play) is None
        party.steer("ann", c.Pause)
        assert party.steer("ann", c.Pause) is None


class TestPausingAndSeeking:
    def test_it_goes_on_where_it_stood(self) -> None:
        party = playing(("a", 60))
        party.passes(10_000)
        party.steer("ann", c.Pause)
        party.passes(5_000)
        assert position_at(party.jam, party.now_ms) == 10_000
        party.steer("ann", c.Play)
        assert position_at(party.jam, party.now_ms + LEAD + 1) == 10_001

    def test_a_seek_moves_everybody(self) -> None:
        party = playing(("a", 60))
        party.steer("ann", c.Seek, 1, 30_000)
        assert position_at(party.jam, party.now_ms + LEAD) == 30_000
        assert ends_at(party.jam) == party.now_ms + LEAD + 30_000

    @pytest.mark.parametrize("position", [-1, 60_001, 2**53])
    def test_beyond_the_song(self, position: int) -> None:
        assert playing(("a", 60)).refused("ann", c.Seek(1, position, reign=1)) == "seek_beyond"

    def test_of_unknown_length_any_position_is_taken_and_it_never_ends_by_itself(self) -> None:
        party = Party()
        party.do("ann", c.Add("ann.0", {"track": "t:1"}))
        party.add("ann", "y")
        party.steer("ann", c.Play)
        party.steer("ann", c.Seek, 1, 3_600_000)
        party.passes(6 * 3_600_000)
        assert party.jam.timeline.entry == "ann.0"
        assert party.refused("ann", c.Seek(1, -1, reign=1)) == "seek_beyond"
        party.steer("ann", c.Next, 1)
        assert title(party.jam) == "y"

    def test_a_length_beyond_a_day_is_none(self) -> None:
        party = Party()
        party.add("ann", "x", 24 * 3_600 + 1)
        party.steer("ann", c.Play)
        assert ends_at(party.jam) is None
        assert party.refused("ann", c.Seek(1, 24 * 3_600_000 + 1, reign=1)) == "seek_beyond"

    def test_of_another_play(self) -> None:
        party = playing(("a", 60), ("b", 60))
        for command in (
            c.Seek(2, 0, reign=1),
            c.Next(0, reign=1),
            c.Previous(7, reign=1),
            c.Veto(2, reign=1),
        ):
            assert party.refused("ann", command) == "other_play"


class TestTheEnd:
    def test_the_next_follows_without_a_gap_and_once(self) -> None:
        party = playing(("a", 60), ("b", 60))
        over_at = ends_at(party.jam)
        (advanced,) = advances(party.passes(60_000))
        assert advanced.anchor_ms == over_at
        assert title(party.jam) == "b"
        # Another node proposes the same a moment later.
        again = party.take(c.Advance(1), By("", party.now_ms, Source.ROOM))
        assert again is None
        assert title(party.jam) == "b"

    def test_an_end_that_was_noticed_late_is_not_caught_up_with(self) -> None:
        party = playing(("a", 60), ("b", 60))
        party.passes(50_000)
        party.sleeps(15_000)
        party.passes(0)
        assert party.jam.timeline.anchor_ms == party.now_ms + LEAD

    def test_the_queue_runs_dry_and_fills_again(self) -> None:
        party = playing(("a", 60))
        party.passes(60_000)
        assert (title(party.jam), party.jam.timeline.paused) == ("", False)
        party.add("pa", "b")
        party.passes(0)
        assert title(party.jam) == "b"

    def test_next_is_locked_before_the_end_and_votes_do_not_change_it(self) -> None:
        party = playing(("a", 60), ("b", 60), ("c", 60))
        party.passes(46_000)
        assert party.jam.next == "pb.2"
        party.do("pa", c.Vote("pc.3", 1))
        party.do("pb", c.Vote("pc.3", 1))
        party.passes(14_000)
        assert title(party.jam) == "b"

    def test_next_is_locked_when_somebody_fetches_it(self) -> None:
        party = playing(("a", 60), ("b", 60))
        party.shows("pa", fetching="pb.2")
        party.passes(1)
        assert party.jam.next == "pb.2"

    def test_a_locked_one_that_is_removed_makes_room(self) -> None:
        party = playing(("a", 60), ("b", 60), ("c", 60))
        party.passes(46_000)
        party.steer("ann", c.Remove, party.jam.next)
        party.passes(14_000)
        assert title(party.jam) == "c"


class TestPreviousAndRepeat:
    def test_early_it_is_the_song_before_and_this_one_comes_after_it(self) -> None:
        party = playing(("a", 60), ("b", 60))
        party.passes(61_000)
        party.steer("ann", c.Previous, 2)
        assert (title(party.jam), party.jam.next) == ("a", "pb.2")
        party.passes(60_000 + LEAD)
        assert title(party.jam) == "b"
        assert [played.recording for played in party.jam.played] == ["test:a"]

    def test_later_it_is_the_beginning(self) -> None:
        party = playing(("a", 60), ("b", 60))
        party.passes(70_000)
        party.steer("ann", c.Previous, 2)
        assert title(party.jam) == "b"
        assert position_at(party.jam, party.now_ms + LEAD) == 0

    def test_one_again_and_again(self) -> None:
        party = playing(("a", 60), ("b", 60), settings=Settings(repeat="one"))
        party.passes(150_000)
        assert (title(party.jam), party.jam.plays) == ("a", 3)
        party.steer("ann", c.Next, 3)
        assert title(party.jam) == "b"

    def test_while_one_is_repeated_no_other_is_locked(self) -> None:
        party = playing(("a", 60), ("b", 60), settings=Settings(repeat="one"))
        party.shows("pa", fetching="pb.2")
        party.passes(59_000)
        assert party.jam.next == ""

    def test_all_from_the_beginning(self) -> None:
        party = playing(("a", 60), ("b", 60), settings=Settings(repeat="all"))
        titles = []
        for _ in range(5):
            titles.append(title(party.jam))
            party.passes(60_000)
        assert titles == ["a", "b", "a", "b", "a"]

    def test_all_that_comes_again_is_bounded_as_a_fallback_is(self) -> None:
        party = playing(("a", 60), settings=Settings(repeat="all", limits=Limits(fallback=2)))
        for name in "bcde":
            party.add("ann", name, 60)
            party.steer("ann", c.Next, party.jam.timeline.play)
        assert [entry.track["title"] for entry in party.jam.entries.values()] == ["a", "b", "e"]
        party.passes(180_000)
        assert len(party.jam.entries) == 2

    def test_unplayable_is_over_at_once_and_costs_no_turn(self) -> None:
        party = playing(("a", 60), ("b", 60))
        party.add("pa", "a2")
        served = party.jam.served
        party.do("ann", c.Unplayable(1))
        assert title(party.jam) == "b"
        assert party.jam.served.get("pa", 0) <= served.get("pa", 0)


def test_play_now_ends_what_plays() -> None:
    party = playing(("a", 60), ("b", 60), ("c", 60))
    party.steer("ann", c.PlayNow, "pc.3")
    assert title(party.jam) == "c"
    assert party.refused("ann", c.PlayNow("pa.1", reign=1)) == "entry_gone"


class TestTheSpeaker:
    def test_its_drift_moves_the_timeline(self) -> None:
        party = playing(("a", 600), settings=Settings(speaker=True))
        party.passes(10_000)
        heard = position_at(party.jam, party.now_ms) - 120
        party.shows("ann", position={"play": 1, "position_ms": heard, "at_ms": party.now_ms})
        party.passes(1)
        assert position_at(party.jam, party.now_ms) == heard + 1
        assert party.passes(1_000) == []

    @pytest.mark.parametrize(
        "report",
        [
            {"play": 9, "position_ms": 0, "at_ms": 2_000_000},
            {"play": 1, "position_ms": -5, "at_ms": 1_000_500},
            {"play": 1, "position_ms": 600_001, "at_ms": 1_000_500},
            {"play": 1, "position_ms": 2**53 - 1, "at_ms": 1_000_500},
            {"play": 1, "position_ms": "x", "at_ms": 2_000_000},
            {"play": True, "position_ms": 9_000, "at_ms": 1_000_500},
            {"play": 1, "position_ms": True, "at_ms": 1_000_500},
            {"play": 1},
            "none",
        ],
    )
    def test_a_report_that_is_none_changes_nothing(self, report: object) -> None:
        party = playing(("a", 600), settings=Settings(speaker=True))
        party.shows("ann", position=report)
        assert party.passes(1_000) == []

    def test_a_report_from_before_a_seek_is_too_old(self) -> None:
        party = playing(("a", 600), settings=Settings(speaker=True))
        party.passes(10_000)
        late = c.Correct(1, 9_000, party.now_ms)
        party.steer("ann", c.Seek, 1, 300_000)
        assert party.take(late, By("", party.now_ms, Source.ROOM)) is None
        assert party.jam.timeline.position_ms == 300_000

    def test_without_speaker_mode_nobody_s_position_matters(self) -> None:
        party = playing(("a", 600))
        party.passes(10_000)
        party.shows("ann", position={"play": 1, "position_ms": 0, "at_ms": party.now_ms})
        assert party.passes(1_000) == []


def test_among_equals_the_smoothest_follows() -> None:
    party = Party(Settings(smooth=True, mode="votes"), "bob", "cid", "dan")
    party.add("ann", "a", 60, tempo=12_000, key="8A", energy=50)
    party.add("bob", "rough", 60, tempo=9_000, key="2B", energy=90)
    party.add("cid", "near", 60, tempo=12_100, key="8A", energy=52)
    party.steer("ann", c.Play)
    party.passes(60_000 + LEAD)
    assert title(party.jam) == "near"

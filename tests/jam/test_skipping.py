import pytest

from jam import commands as c
from jam import events as e
from jam.quorum import needed
from jam.refusal import JamRefusal
from jam.settings import Settings, Times
from tests.jam.party import Party

QUIET, COUNTDOWN = 5_000, 3_000


@pytest.mark.parametrize(
    ("n", "wanted"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (10, 6), (32, 10), (161, 30), (1_000, 155)]
)
def test_how_many_are_needed(n: int, wanted: int) -> None:
    assert needed(n) == wanted


def test_needed_as_written() -> None:
    """1 of 1, 2 of 2, else min(⌊n/2⌋ + 1, 5 + ⌈0.15·n⌉)."""
    for n in range(3, 2_000):
        assert needed(n) == min(n // 2 + 1, 5 + (15 * n + 99) // 100)


def playing(*guests: str, settings: Settings | None = None) -> Party:
    """Host's first song has played for longer than the quiet time; her second waits."""
    party = Party(settings, *guests)
    party.add("ann", "one")
    party.add("ann", "two")
    party.steer("ann", c.Play)
    party.passes(10_000)
    return party


def ask(party: Party, *users: str, value: bool = True) -> None:
    for user in users:
        party.do(user, c.VoteSkip(party.jam.timeline.play, value))


class TestSkips:
    def test_happen_after_a_countdown(self) -> None:
        party = playing("bob", "cem", "dee", "eli")
        ask(party, "bob", "cem")
        assert party.jam.skip.due_at == 0
        ask(party, "dee")
        assert party.jam.skip.due_at == party.now_ms + COUNTDOWN
        assert not any(isinstance(event, e.Advanced) for event in party.passes(COUNTDOWN - 1))
        [event] = party.passes(1)
        assert isinstance(event, e.Advanced)
        assert (event.play, event.ending, event.entry, event.by) == (1, "skipped", "ann.2", "")
        assert (party.jam.skip.voters, party.jam.skip.due_at) == ({}, 0)

    def test_of_another_play_change_nothing(self) -> None:
        party = playing("bob")
        assert party.refused("bob", c.VoteSkip(0)) == "other_play"
        assert party.refused("bob", c.VoteSkip(2)) == "other_play"
        assert Party(None, "bob").refused("bob", c.VoteSkip(0)) == "other_play"

    def test_two_presses_never_skip_two_songs(self) -> None:
        party = playing("bob")
        party.steer("ann", c.Next, 1)
        assert party.refused("bob", c.VoteSkip(1)) == "other_play"
        assert party.refused("ann", c.Next(1, reign=1)) == "other_play"
        assert party.jam.timeline.play == 2

    def test_not_in_the_first_seconds(self) -> None:
        party = Party(None, "bob", "cem")
        party.add("ann", "one")
        party.steer("ann", c.Play)
        started_at = party.jam.timeline.started_at
        party.passes(started_at - party.now_ms + QUIET - 1)
        with pytest.raises(JamRefusal) as refused:
            ask(party, "bob")
        assert (refused.value.code, refused.value.retry_after_ms) == ("skip_too_early", 1)
        party.passes(1)
        ask(party, "bob")

    def test_can_be_taken_back_and_then_the_countdown_ends(self) -> None:
        party = playing("bob", "cem")
        ask(party, "bob", "cem")
        assert party.jam.skip.due_at
        ask(party, "cem", value=False)
        assert (party.jam.skip.due_at, set(party.jam.skip.voters)) == (0, {"bob"})
        assert party.do("cem", c.VoteSkip(1, False)) is None
        assert party.do("bob", c.VoteSkip(1)) is None, "asking twice changes nothing"
        party.passes(20_000)
        assert party.jam.timeline.play == 1

    def test_more_who_ask_do_not_begin_the_countdown_anew(self) -> None:
        party = playing("bob", "cem", "dee")
        ask(party, "bob", "cem", "dee")
        due_at = party.jam.skip.due_at
        party.passes(1_000)
        party.join("eli")
        party.passes(0)
        ask(party, "eli")
        assert party.jam.skip.due_at == due_at

    def test_asking_again_counts_who_is_left(self) -> None:
        party = playing("bob", "cem", "dee", "eli", "flo")
        ask(party, "bob", "cem")
        for user in ("dee", "eli"):
            party.do(user, c.Leave())
        assert party.do("bob", c.VoteSkip(1)) is None, "two of four"
        party.do("flo", c.Leave())
        assert party.do("bob", c.VoteSkip(1)) is not None, "two of three"
        assert party.jam.skip.due_at


class TestVeto:
    def test_stops_the_countdown_for_this_play(self) -> None:
        party = playing("bob")
        assert party.steer("ann", c.Veto, 1) is None, "nothing to stop"
        party = playing("bob", "cem")
        ask(party, "bob", "cem")
        assert party.refused("cem", c.Veto(1)) == "forbidden"
        assert party.refused("ann", c.Veto(2, reign=1)) == "other_play"
        party.steer("ann", c.Veto, 1)
        party.passes(20_000)
        assert party.jam.timeline.play == 1
        assert party.refused("bob", c.VoteSkip(1)) == "skip_vetoed"
        party.steer("ann", c.Next, 1)
        party.passes(20_000)
        ask(party, "bob")
        assert set(party.jam.skip.voters) == {"bob"}


class TestWhoIsAsked:
    def test_nobody_who_has_just_gone(self) -> None:
        party = playing("bob", "cem", "dee")
        party.goes("cem")
        party.passes(20_000)
        assert party.jam.members["cem"].away_at
        ask(party, "bob", "dee")
        assert party.jam.skip.due_at, "two of three"

    def test_nobody_who_is_away_listens_or_did_nothing_lately(self) -> None:
        times = Times(asleep_ms=60_000)
        party = playing("bob", "cem", "dee", "eli", settings=Settings(times=times))
        party.goes("cem")
        party.join("zoe", "listener")
        party.passes(40_000)
        for user in ("ann", "bob"):
            party.do(user, c.Say("hm"))
        party.passes(40_000)
        ask(party, "bob")
        assert party.jam.skip.due_at == 0, "one of two: host and bob"
        ask(party, "dee")
        assert party.jam.skip.due_at, "who asks is awake"

    def test_guests_where_the_host_lets_them(self) -> None:
        party = playing("bob", "cem", "dee", settings=Settings(guests_skip=False))
        assert party.refused("bob", c.VoteSkip(1)) == "forbidden"
        party.steer("ann", c.Promote, "cem", "cohost")
        ask(party, "cem")
        assert party.jam.skip.due_at == 0, "one of two: host and co-host"

    def test_who_is_kicked_asks_no_more(self) -> None:
        party = playing("bob", "cem", "dee", "eli")
        ask(party, "bob", "cem", "dee")
        assert party.jam.skip.due_at
        party.steer("ann", c.Kick, "dee")
        assert set(party.jam.skip.voters) == {"bob", "cem"}
        assert party.jam.skip.due_at == 0, "two of four"


class TestWhenPeopleLeave:
    def test_those_who_stay_may_be_enough(self) -> None:
        party = playing("bob", "cem", "dee")
        ask(party, "bob", "cem")
        assert party.jam.skip.due_at == 0, "two of four"
        party.do("dee", c.Leave())
        [event] = party.passes(1)
        assert isinstance(event, e.SkipVoted)
        assert (event.by, event.due_at) == ("", event.at + COUNTDOWN)
        assert set(party.jam.skip.voters) == {"bob", "cem"}
        [event] = party.passes(COUNTDOWN)
        assert isinstance(event, e.Advanced)
        assert event.ending == "skipped"

    def test_also_if_they_only_went_away(self) -> None:
        party = playing("bob", "cem", "dee")
        ask(party, "bob", "cem")
        party.goes("dee")
        happened = [type(event) for event in party.passes(20_000)]
        assert happened == [e.WentAway, e.SkipVoted, e.Advanced]

    def test_a_countdown_stops_when_those_who_wanted_it_go_away(self) -> None:
        party = playing("bob", "cem", "dee", "eli", settings=Settings(times=Times(skip_countdown_ms=60_000)))
        ask(party, "bob", "cem", "dee")
        assert party.jam.skip.due_at
        for user in ("cem", "dee"):
            party.goes(user)
        happened = [type(event) for event in party.passes(30_000)]
        assert happened == [e.WentAway, e.SkipVoted]
        assert party.jam.skip.due_at == 0, "one of three"

    def test_who_comes_stops_no_countdown(self) -> None:
        party = playing("bob", "cem")
        ask(party, "bob", "cem")
        for user in ("dee", "eli", "fay"):
            party.join(user)
        [event] = party.passes(COUNTDOWN)
        assert isinstance(event, e.Advanced)

    def test_after_a_veto_nothing_is_counted(self) -> None:
        party = playing("bob", "cem", "dee")
        ask(party, "bob", "cem", "dee")
        party.steer("ann", c.Veto, 1)
        party.do("dee", c.Leave())
        assert party.passes(20_000) == []


class TestOwnSong:
    @pytest.mark.parametrize("guests_skip", [True, False])
    def test_is_withdrawn_at_once(self, guests_skip: bool) -> None:
        party = Party(Settings(guests_skip=guests_skip), "bob", "cem")
        party.add("bob", "one")
        party.add("cem", "two")
        party.steer("ann", c.Play)
        event = party.do("bob", c.VoteSkip(1))
        assert isinstance(event, e.Advanced)
        assert (event.ending, event.entry) == ("withdrawn", "cem.2")
        assert party.refused("bob", c.VoteSkip(1)) in ("other_play", "forbidden")
        assert party.jam.timeline.play == 2

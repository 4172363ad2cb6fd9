import pytest

from jam import commands as c
from jam import events as e
from jam.recordings import recording
from jam.refusal import JamRefusal
from jam.settings import Limits, Mode, Settings, Times
from tests.jam.party import Party, song

MINUTE = 60_000
HOUR = 60 * MINUTE


def retry_after(party: Party, user: str, command: c.Command) -> tuple[str, int]:
    with pytest.raises(JamRefusal) as refused:
        party.do(user, command)
    return refused.value.code, refused.value.retry_after_ms


def heard(party: Party, *names: str) -> None:
    """Host's songs of a minute each play one after the other."""
    for name in names:
        party.add("ann", name, 60)
    party.steer("ann", c.Play)
    while party.jam.timeline.entry:
        party.passes(MINUTE)


class TestAdds:
    def test_bring_a_song_with_its_adders_vote(self) -> None:
        party = Party(None, "bob")
        party.add("bob", "one")
        entry = party.jam.entries["bob.1"]
        assert (entry.added_by, entry.added_at, entry.added_seq, entry.score) == ("bob", party.now_ms, 1, 1)
        assert party.add("ann", "two")
        assert party.jam.entries["ann.2"].added_seq == 2

    def test_with_an_id_that_is_new(self) -> None:
        party = Party(None, "bob")
        heard(party, "one")
        party.add("ann", "two")
        for known in ("ann.1", "ann.2"):
            assert party.refused("ann", c.Add(known, song("three"))) == "uid_taken"


class TestDuplicates:
    def test_what_waits_gets_a_vote_instead(self) -> None:
        party = Party(None, "bob", "cem")
        party.add("bob", "one")
        event = party.do("cem", c.Add("cem.9", song("one")))
        assert isinstance(event, e.Merged)
        assert (event.entry, event.requested) == ("bob.1", "cem.9")
        assert party.jam.entries["bob.1"].votes == {"bob": 1, "cem": 1}
        assert party.do("cem", c.Add("cem.10", song("one"))) is None
        assert party.do("bob", c.Add("bob.9", song("one"))) is None
        assert list(party.jam.entries) == ["bob.1"]

    def test_also_where_it_costs_a_vote_against_it(self) -> None:
        party = Party(Settings(down_votes=True), "bob", "cem")
        party.add("bob", "one")
        party.do("cem", c.Vote("bob.1", -1))
        party.do("cem", c.Add("cem.9", song("one")))
        assert party.jam.entries["bob.1"].score == 2

    def test_a_merge_is_a_vote_and_keeps_its_rules(self) -> None:
        party = Party(Settings(limits=Limits(votes=1)), "bob", "cem")
        party.add("bob", "one")
        party.add("bob", "two")
        party.do("cem", c.Vote("bob.2", 1))
        assert party.refused("cem", c.Add("cem.9", song("one"))) == "too_many_votes"
        party.steer("ann", c.Set, {"votes_frozen": True})
        assert party.refused("cem", c.Add("cem.9", song("one"))) == "votes_frozen"

    def test_what_plays_is_not_added(self) -> None:
        party = Party(None, "bob")
        party.add("bob", "one")
        party.steer("ann", c.Play)
        assert party.refused("ann", c.Add("ann.9", song("one"), override=True)) == "already_playing"

    @pytest.mark.parametrize(
        ("one", "other", "is_same"),
        [
            ({"track": "a:1"}, {"track": "a:1", "title": "Other"}, True),
            ({"track": "a:1"}, {"track": "a:2"}, False),
            ({"track": "a:1", "isrc": "DEZZZ2600001"}, {"track": "b:9", "isrc": "de-zzz-26-00001"}, True),
            ({"track": "a:1", "isrc": "DEZZZ2600001"}, {"track": "a:1", "isrc": "DEZZZ2600002"}, False),
            ({"track": "a:1", "isrc": ""}, {"track": "a:1"}, True),
            ({"track": "isrc:X"}, {"track": "a:1", "isrc": "X"}, True),
        ],
    )
    def test_recordings(self, one: dict[str, str], other: dict[str, str], is_same: bool) -> None:
        assert (recording(one) == recording(other)) == is_same


class TestRecentlyPlayed:
    def test_not_within_the_hour(self) -> None:
        party = Party(None, "bob")
        heard(party, "one")
        over_at = party.jam.played[-1].ended_at
        left = over_at + HOUR - party.now_ms
        assert retry_after(party, "bob", c.Add("bob.9", song("one"))) == ("recently_played", left)
        party.now_ms += left - 1
        assert party.refused("bob", c.Add("bob.9", song("one"))) == "recently_played"
        party.now_ms += 1
        assert party.do("bob", c.Add("bob.9", song("one"))) is not None

    def test_nor_within_twenty_songs(self) -> None:
        party = Party(Settings(limits=Limits(recent_plays=3)), "bob")
        heard(party, "one", "two", "three", "four")
        assert party.refused("bob", c.Add("bob.8", song("two"))) == "recently_played"
        assert party.do("bob", c.Add("bob.9", song("one"))) is not None, "whichever is less"

    def test_host_and_cohost_override(self) -> None:
        party = Party(None, "bob", "cem")
        heard(party, "one")
        again = c.Add("x.9", song("one"), override=True)
        assert party.refused("ann", c.Add("x.9", song("one"))) == "recently_played"
        assert party.refused("bob", again) == "recently_played"
        party.steer("ann", c.Promote, "cem", "cohost")
        assert party.do("cem", again) is not None

    def test_what_nobody_could_play_was_not_heard(self) -> None:
        party = Party(None, "bob")
        party.add("bob", "one")
        party.steer("ann", c.Play)
        party.do("ann", c.Unplayable(1))
        assert party.do("bob", c.Add("bob.9", song("one", isrc="DEZZZ2600001"))) is not None
        assert party.do("bob", c.Add("bob.10", song("one"))) is not None


class TestGuestsLimits:
    def test_five_then_one_a_minute(self) -> None:
        party = Party(Settings(limits=Limits(waiting=50)), "bob")
        for number in range(5):
            party.add("bob", f"b{number}")
        more = c.Add("bob.9", song("more"))
        assert retry_after(party, "bob", more) == ("too_many_adds", MINUTE)
        party.now_ms += MINUTE
        assert party.do("bob", more) is not None
        assert party.refused("bob", c.Add("bob.10", song("yet another"))) == "too_many_adds"

    def test_five_waiting(self) -> None:
        party = Party(Settings(limits=Limits(adds=50)), "bob", "cem")
        for number in range(5):
            party.add("bob", f"b{number}")
        more = c.Add("bob.9", song("more"))
        assert retry_after(party, "bob", more) == ("too_many_waiting", 0)
        party.add("cem", "other")
        party.steer("ann", c.Play)
        assert party.do("bob", more) is not None, "what plays does not wait"

    def test_fifteen_minutes(self) -> None:
        party = Party(None, "bob")
        assert party.add("bob", "long", 15 * 60)
        assert party.refused("bob", c.Add("bob.9", song("longer", 15 * 60 + 1))) == "song_too_long"
        assert party.do("bob", c.Add("bob.9", {"track": "test:unknown"})) is not None

    def test_host_and_cohost_are_exempt(self) -> None:
        party = Party(None, "cem")
        party.steer("ann", c.Promote, "cem", "cohost")
        for user in ("ann", "cem"):
            for number in range(8):
                assert party.add(user, f"{user}{number}", 3_600)

    def test_five_hundred_in_all_bind_everybody(self) -> None:
        party = Party(Settings(limits=Limits(queue=2)), "bob")
        party.steer("ann", c.Fallback, [("f.1", song("fallback"))])
        party.add("ann", "one")
        party.add("ann", "two")
        for user in ("ann", "bob"):
            assert party.refused(user, c.Add("x.9", song("three"))) == "queue_full"
        assert isinstance(party.do("bob", c.Add("x.9", song("one"))), e.Merged)
        party.steer("ann", c.Play)
        assert party.add("bob", "three")

    def test_what_is_refused_costs_nothing(self) -> None:
        party = Party(Settings(limits=Limits(waiting=1)), "bob")
        party.add("bob", "one")
        for number in range(9):
            assert party.refused("bob", c.Add(f"bob.{number + 2}", song(f"{number}"))) == "too_many_waiting"
        assert party.jam.members["bob"].adds.spent_milli == 1_000

    def test_may_be_closed(self) -> None:
        party = Party(Settings(guests_add=False), "bob")
        assert party.refused("bob", c.Add("bob.1", song("one"))) == "forbidden"
        assert party.add("ann", "two")


def fallback(party: Party, *names: str) -> list[str]:
    """Sets one; ids are `f.<name>`."""
    party.steer("ann", c.Fallback, [(f"f.{name}", song(name)) for name in names])
    return [id for id in party.lineup.order() if id.startswith("f.")]


class TestFallback:
    def test_stands_below_people_until_a_vote_lifts_it(self) -> None:
        party = Party(Settings(mode="votes"), "bob", "cem")
        assert fallback(party, "x", "y", "z") == ["f.x", "f.y", "f.z"]
        party.add("bob", "one")
        assert party.lineup.order() == ["bob.1", "f.x", "f.y", "f.z"]
        party.do("cem", c.Vote("f.z", 1))
        party.do("bob", c.Vote("f.z", 1))
        assert party.lineup.order() == ["f.z", "bob.1", "f.x", "f.y"]

    def test_who_adds_one_of_it_makes_it_theirs(self) -> None:
        for mode in ("votes", "queue"):
            party = Party(Settings(mode=mode), "bob", "cem")
            fallback(party, "x", "y")
            party.add("bob", "one")
            party.do("cem", c.Add("cem.9", song("x")))
            assert party.lineup.order() == ["bob.1", "cem.9", "f.y"]

    def test_but_what_is_wanted_already_gets_a_vote(self) -> None:
        for want in (
            lambda party: party.do("cem", c.Vote("f.y", 1)),
            lambda party: party.steer("ann", c.Pin, "f.y"),
        ):
            party = Party(None, "bob", "cem")
            fallback(party, "x", "y")
            want(party)
            assert isinstance(party.do("bob", c.Add("bob.9", song("y"))), e.Merged)

    def test_a_locked_one_stays_next(self) -> None:
        party = Party(Settings(times=Times(lock_next_ms=15_000)), "bob")
        fallback(party, "x", "y")
        party.steer("ann", c.Play)
        party.passes(190_000)
        assert party.jam.next == "f.y"
        party.do("bob", c.Add("bob.9", song("y")))
        assert party.jam.next == "f.y"
        assert party.jam.entries["f.y"].votes == {"bob": 1}

    def test_a_new_one_replaces_what_nobody_wanted(self) -> None:
        party = Party(None, "bob")
        fallback(party, "x", "y", "z")
        party.do("bob", c.Vote("f.z", 1))
        party.add("bob", "one")
        songs = [(f"g.{n}", song(name)) for n, name in enumerate(("one", "v", "v", "z"))]
        party.steer("ann", c.Fallback, songs)
        assert set(party.jam.entries) == {"f.z", "g.1", "bob.1"}, "no recording twice"

    def test_an_empty_one_takes_it_away(self) -> None:
        party = Party()
        fallback(party, "x")
        assert fallback(party) == []
        assert party.steer("ann", c.Fallback, []) is None

    def test_what_people_want_of_old_ones_does_not_pile_up(self) -> None:
        party = Party(Settings(limits=Limits(fallback=3)))
        fallback(party, "a", "b", "c")
        party.steer("ann", c.Pin, "f.b")
        songs = [(f"g.{n}", song(f"{n}")) for n in range(3)]
        assert party.refused("ann", c.Fallback(songs, reign=1)) == "queue_full"
        party.steer("ann", c.Fallback, songs[1:])
        assert set(party.jam.entries) == {"f.b", "g.1", "g.2"}

    def test_its_size_and_ids(self) -> None:
        party = Party(Settings(limits=Limits(fallback=2)), "bob")
        three = [(f"f.{n}", song(f"{n}")) for n in range(3)]
        assert party.refused("ann", c.Fallback(three, reign=1)) == "queue_full"
        assert party.refused("ann", c.Fallback([three[0], three[0]], reign=1)) == "uid_taken"
        party.add("bob", "one")
        assert party.refused("ann", c.Fallback([("bob.1", song("two"))], reign=1)) == "uid_taken"
        assert party.refused("bob", c.Fallback(three[:1], reign=1)) == "forbidden"


@pytest.mark.parametrize("mode", ["votes", "fair", "queue", "host"])
def test_people_come_before_the_fallback_in_every_mode(mode: Mode) -> None:
    party = Party(Settings(mode=mode, down_votes=True), "bob", "cem")
    fallback(party, "x")
    party.add("bob", "one")
    party.do("cem", c.Vote("bob.1", -1))
    party.do("bob", c.Vote("bob.1", -1))
    assert party.lineup.order() == ["bob.1", "f.x"]

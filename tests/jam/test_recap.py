"""What a Jam's recap says, against evenings that are small enough to be counted by hand."""

import pytest

from jam import commands as c
from jam.agreement import Pair, agreement
from jam.due_people import LEFT_GRACE_MS
from jam.recap import Recap, Recapping
from jam.settings import Settings
from jam.state import dump, load, new_jam
from jam.timeline import LEAD_MIN_MS
from tests.jam.party import START, Party

MINUTE = 60_000


def recap(party: Party) -> Recap:
    """Folded from the beginning."""
    recapping = Recapping(new_jam("ann", "Ann", START, party.settings))
    recapping.fold(party.events)
    assert recapping.jam == party.jam
    return recapping.recap()


class Evening(Party):
    """A party that remembers with which settings it began."""

    def __init__(self, *guests: str, **settings: object) -> None:
        self.settings = Settings(**{"mode": "queue", **settings})
        super().__init__(self.settings, *guests)

    def starts(self) -> None:
        self.steer("ann", c.Play)
        # The start is scheduled: from here on time is the song's.
        self.passes(self.jam.timeline.anchor_ms - self.now_ms)


def heard(told: Recap) -> dict[str, int]:
    return {person.user: person.listened_ms for person in told.people}


def test_an_evening_without_music() -> None:
    told = recap(Evening("ben"))
    assert (told.music_ms, told.played, told.skipped, told.liked, told.pairs) == (0, (), (), (), ())
    assert heard(told) == {"ann": 0, "ben": 0}
    assert (told.most_at_once, told.people_in_all, told.status) == (2, 2, "live")
    assert (told.sync.readings, told.sync.p50_us, told.sync.p95_us) == (0, 0, 0)


def test_songs_stand_in_the_order_in_which_they_were_played() -> None:
    party = Evening("ben")
    first, second, third = party.add("ann", "a", 60), party.add("ben", "b", 60), party.add("ann", "c", 60)
    party.do("ben", c.Vote(first, 1))
    party.starts()
    party.passes(70_000)
    party.do("ann", c.Vote(second, 1))
    party.do("ben", c.VoteSkip(2))
    party.passes(20_000)
    told = recap(party)
    assert [(play.play, play.entry, play.ending) for play in told.played] == [
        (1, first, "finished"),
        (2, second, "withdrawn"),
        (3, third, "playing"),
    ]
    assert [(play.added_by, play.votes, play.up) for play in told.played] == [
        ("ann", {"ann": 1, "ben": 1}, 2),
        ("ben", {"ann": 1, "ben": 1}, 2),
        ("ann", {"ann": 1}, 1),
    ]
    assert told.skipped == (2,)
    assert told.liked == (1, 2, 3)
    assert told.played[0].heard_ms == 60_000
    assert sum(play.heard_ms for play in told.played) == told.music_ms


def test_what_cannot_be_played_was_not_heard_by_anybody() -> None:
    party = Evening("ben")
    party.add("ann", "a")
    party.add("ben", "b")
    party.starts()
    party.do("ann", c.Unplayable(1))
    told = recap(party)
    assert [play.ending for play in told.played] == ["failed", "playing"]
    assert told.skipped == ()
    assert told.liked == (2,)
    assert {person.user: person.added for person in told.people} == {"ann": 0, "ben": 1}


def test_previous_takes_the_song_before_back_as_the_jam_does() -> None:
    party = Evening()
    first, second = party.add("ann", "a", 60), party.add("ann", "b", 60)
    party.starts()
    party.passes(61_000)
    assert party.jam.timeline.entry == second
    party.steer("ann", c.Previous, 2)
    party.passes(30_000)
    assert [(play.play, play.entry) for play in recap(party).played] == [(3, first)]
    assert [played.listed.id for played in party.jam.played] == []


def test_music_is_counted_once_and_only_while_it_plays() -> None:
    party = Evening()
    party.add("ann", "a", 60)
    party.add("ann", "b", 60)
    party.starts()
    party.passes(10_000)
    party.steer("ann", c.Pause)
    party.passes(5 * MINUTE)
    party.steer("ann", c.Play)
    party.passes(LEAD_MIN_MS + 30_000)
    party.steer("ann", c.Seek, 1, 50_000)
    party.passes(LEAD_MIN_MS + 15_000)
    party.steer("ann", c.Pause)
    told = recap(party)
    assert [play.heard_ms for play in told.played] == [10_000 + 30_000 + 10_000, 5_000]
    assert told.music_ms == 55_000


def test_everybody_heard_what_was_played_while_they_were_here() -> None:
    party = Evening("ben")
    party.add("ann", "a", 600)
    party.starts()
    party.passes(MINUTE)
    party.join("cyn")
    party.passes(MINUTE)
    party.goes("ben")
    party.passes(2 * MINUTE)
    party.comes("ben")
    party.passes(MINUTE)
    party.do("cyn", c.Leave())
    party.passes(MINUTE)
    party.steer("ann", c.Pause)
    told = recap(party)
    assert told.music_ms == 6 * MINUTE
    assert heard(told) == {"ann": 6 * MINUTE, "ben": 4 * MINUTE + LEFT_GRACE_MS, "cyn": 4 * MINUTE}
    assert [person.name for person in told.people] == ["Ann", "Ben", "Cyn"]
    assert (told.most_at_once, told.people_in_all) == (3, 3)


def test_nobody_heard_anything_while_the_server_was_down() -> None:
    party = Evening()
    party.add("ann", "a", 600)
    party.starts()
    party.passes(MINUTE)
    silent_since = party.jam.at
    party.sleeps(3 * 60 * MINUTE)
    party.passes(0)
    assert party.jam.timeline.reason == "restart"
    told = recap(party)
    assert heard(told) == {"ann": silent_since - party.jam.timeline.started_at}


def test_how_well_all_heard_the_same() -> None:
    party = Evening("ben")
    for number in range(4):
        party.add("ann", str(number), 60)
    for error_us in (40, 90_000, 700):
        party.shows("ben", error_us=error_us)
        party.starts() if not party.jam.timeline.entry else party.steer("ann", c.Next, party.jam.plays)
    told = recap(party)
    assert told.sync.readings == 3
    assert told.sync.p50_us in range(700 * 63 // 64, 701)
    assert told.sync.p95_us in range(90_000 * 63 // 64, 90_001)


@pytest.mark.parametrize(
    ("error_us", "readings"), [(True, 0), ("far", 0), (None, 0), ([], 0), (-1, 1), (2**60, 1)]
)
def test_whatever_a_device_says_an_event_can_be_read_back(error_us: object, readings: int) -> None:
    party = Evening("ben")
    party.add("ann", "a", 60)
    party.shows("ben", error_us=error_us)
    party.starts()  # whatever happens in a party is encoded, and read again
    assert recap(party).sync.readings == readings


def test_a_song_that_is_repeated_is_liked_once() -> None:
    party = Evening(repeat="one")
    party.add("ann", "a", 60)
    party.starts()
    party.passes(125_000)
    told = recap(party)
    assert [play.play for play in told.played] == [1, 2, 3]
    assert told.liked == (1,)


def test_without_its_beginning_a_jam_tells_what_it_remembers() -> None:
    party = Evening("ben")
    for name in "abc":
        party.add("ann", name, 60)
    party.starts()
    party.passes(90_000)
    begun, known = party.jam, len(party.events)
    party.passes(60_000)
    recapping = Recapping(load(dump(begun)))
    recapping.fold(party.events[known:])
    told = recapping.recap()
    assert [play.play for play in told.played] == [1, 2, 3]
    assert (told.since, told.started_at) == (begun.at, START)
    # What was heard before nobody knows.
    assert told.music_ms == party.jam.at - begun.at


def test_who_agrees_with_whom() -> None:
    alike = agreement(
        [
            {"ann": 1, "ben": 1, "cyn": -1},
            {"ann": 1, "ben": 1},
            {"ann": -1, "ben": 1, "cyn": -1},
            {"ben": 1},
            {},
        ]
    )
    assert alike.pairs == (
        Pair(("ann", "ben"), both=3, agreed=2, permille=500),
        Pair(("ann", "cyn"), both=2, agreed=1, permille=333),
    )
    assert alike.closest == {"ann": "ben", "ben": "ann", "cyn": "ann"}


def test_one_song_in_common_makes_nobody_closest() -> None:
    evening = [{"ann": 1, "ben": 1} for _ in range(9)] + [{"ann": 1}, {"ann": 1, "cyn": 1}]
    assert agreement(evening).closest == {"ann": "ben", "ben": "ann", "cyn": "ann"}
    assert agreement(evening[-1:]).pairs == (Pair(("ann", "cyn"), 1, 1, 1000),)


def test_agreement_is_bounded() -> None:
    crowd = [{f"user{number:03}": 1 for number in range(200)}]
    assert len(agreement(crowd).pairs) == 64 * 63 // 2

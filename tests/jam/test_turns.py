from collections.abc import Iterator
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from msgspec.structs import replace

from jam import commands as c
from jam import events as e
from jam.queue import order
from jam.reduce import reduce
from jam.settings import Limits, Settings
from jam.state import Jam
from tests.jam.lives import life
from tests.jam.party import Party
from tests.jam.test_queue import seeds
from tests.ot.strategies import law

ROOMY = Limits(adds=500, waiting=500)


def waiting(jam: Jam) -> list[str]:
    return [id for id in order(jam) if id != jam.timeline.entry]


def taken(jam: Jam, ending: str = "finished") -> Jam:
    """What waits first begins to play."""
    return reduce(
        jam,
        e.Advanced(
            at=jam.at + 1,
            by="",
            play=jam.timeline.play,
            ending=ending,  # type: ignore[arg-type]
            entry=waiting(jam)[0],
            anchor_ms=jam.at + 1,
        ),
    )


def heads(jam: Jam) -> Iterator[str]:
    """Who added what plays, song after song."""
    while waiting(jam):
        jam = taken(jam)
        yield jam.entries[jam.timeline.entry].added_by


def fair(*guests: str) -> Party:
    return Party(Settings(limits=ROOMY), *guests)


@law
@given(seeds)
def test_taking_the_head_never_reorders_the_rest(random: Random) -> None:
    """Whatever was pinned, locked, voted, withdrawn or unplayable before."""
    for moment in life(random, 80, "fair"):
        jam = moment.before.jam
        if jam.settings.mode != "fair" or len(waiting(jam)) < 2:
            continue
        rest = waiting(jam)[1:]
        stays = set(rest)
        assert [id for id in waiting(taken(jam)) if id in stays] == rest


def test_two_hundred_songs_get_the_share_of_five() -> None:
    party = fair("bob", "cem")
    for number in range(200):
        party.add("bob", f"b{number}")
    for number in range(5):
        party.add("cem", f"c{number}")
    played = list(heads(party.jam))
    assert played[:10] == ["bob", "cem"] * 5
    assert played[10:] == ["bob"] * 195


def test_a_newcomer_gets_one_early_turn_and_no_run() -> None:
    party = fair("bob", "cem", "dee")
    for number in range(6):
        party.add("bob", f"b{number}")
        party.add("cem", f"c{number}")
    for _ in range(5):
        party.steer("ann", c.Play)
        party.steer("ann", c.Next, party.jam.timeline.play)
    for number in range(4):
        party.add("dee", f"d{number}")
    played = list(heads(party.jam))
    assert "dee" in played[:3]
    assert ("dee", "dee") not in list(pairwise(played))[:6]


def test_who_waited_long_has_saved_nothing() -> None:
    party = fair("bob", "cem")
    for number in range(10):
        party.add("bob", f"b{number}")
    jam = party.jam
    for _ in range(8):
        jam = taken(jam)
    assert jam.round == 7
    assert jam.served == {"bob": 8}
    party.lineup = type(party.lineup)(jam)
    for number in range(3):
        party.add("cem", f"c{number}")
    assert list(heads(party.jam)) == ["cem", "bob", "cem", "bob", "cem"]


@pytest.mark.parametrize(("ending", "turns"), [("finished", 1), ("skipped", 1), ("next", 1), ("failed", 0)])
def test_what_counts_as_a_turn(ending: str, turns: int) -> None:
    """A song that was voted away was a turn; one that cannot be played was none."""
    party = fair("bob", "cem", "dee")
    for user, name in (("bob", "b1"), ("cem", "c1"), ("dee", "d1"), ("bob", "b2"), ("dee", "d2")):
        party.add(user, name)
    assert waiting(party.jam) == ["bob.1", "cem.2", "dee.3", "bob.4", "dee.5"]
    jam = taken(taken(party.jam), ending)
    assert jam.served == {"cem": 1, **({"bob": 1} if turns else {})}
    assert waiting(jam) == (["dee.3", "bob.4", "dee.5"])


def test_a_failed_song_gives_its_turn_back() -> None:
    party = fair("bob", "cem")
    for user, name in (("bob", "b1"), ("bob", "b2"), ("cem", "c1"), ("cem", "c2")):
        party.add(user, name)
    party.steer("ann", c.Play)
    assert waiting(party.jam) == ["cem.3", "bob.2", "cem.4"]
    party.do("ann", c.Unplayable(1))
    assert party.jam.timeline.entry == "cem.3"
    assert waiting(party.jam) == ["bob.2", "cem.4"]
    assert party.jam.served == {"cem": 1}


def test_and_no_more_than_that_turn() -> None:
    """Two turns were taken out of turn; the third fails; the two count."""
    party = fair("bob", "cem")
    for user, name in (("cem", "c1"), ("bob", "b1"), ("bob", "b2"), ("bob", "b3"), ("cem", "c2")):
        party.add(user, name)
    for play, entry in enumerate(("bob.2", "bob.3", "bob.4")):
        party.steer("ann", c.PlayNow, entry)
        assert party.jam.timeline.play == play + 1
    assert (party.jam.round, party.jam.served) == (0, {"bob": 3})
    party.do("ann", c.Unplayable(3))
    assert party.jam.served == {"bob": 2, "cem": 1}


def test_repeating_costs_nobody_a_turn() -> None:
    party = fair("bob", "cem")
    for user, name in (("bob", "b1"), ("bob", "b2"), ("cem", "c1")):
        party.add(user, name)
    party.steer("ann", c.Play)
    party.steer("ann", c.Next, 1)
    assert party.jam.timeline.entry == "cem.3"
    before = party.jam
    party.steer("ann", c.Previous, 2)
    assert party.jam.timeline.entry == "bob.1"
    assert waiting(party.jam) == ["cem.3", "bob.2"]
    party.steer("ann", c.Next, 3)
    assert (party.jam.timeline.entry, party.jam.served) == ("cem.3", before.served)


def test_other_modes_count_no_turns() -> None:
    party = Party(Settings(mode="votes", limits=ROOMY), "bob")
    for number in range(3):
        party.add("bob", f"b{number}")
    jam = taken(taken(party.jam))
    assert (jam.round, jam.served) == (0, {})
    counted = taken(replace(party.jam, settings=replace(party.jam.settings, mode="fair")))
    assert counted.served == {"bob": 1}


def test_the_fallback_takes_no_turns_until_somebody_wants_it() -> None:
    party = fair("bob")
    party.steer("ann", c.Fallback, [(f"f.{n}", {"track": f"test:f{n}"}) for n in range(3)])
    jam = taken(party.jam)
    assert (jam.timeline.entry, jam.round, jam.served) == ("f.0", 0, {})
    party.do("bob", c.Vote("f.2", 1))
    jam = taken(party.jam)
    assert (jam.timeline.entry, jam.served) == ("f.2", {"": 1})

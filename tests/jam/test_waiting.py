from jam import commands as c
from jam.settings import Settings
from jam.waiting import ASSUMED_MS, estimates
from tests.jam.party import Party

MINUTE = 60_000


def party(**settings: object) -> Party:
    party = Party(Settings(**{"mode": "votes", **settings}), "bob", "cem")
    for user, name, seconds in (("bob", "one", 180), ("cem", "two", 120), ("bob", "three", 60)):
        party.add(user, name, seconds)
    return party


def test_what_stands_before_it_is_added_up() -> None:
    jam = party().jam
    assert estimates(jam, jam.at) == {"bob.1": 0, "cem.2": 3 * MINUTE, "bob.3": 5 * MINUTE}


def test_with_what_remains_of_the_present_song() -> None:
    p = party()
    p.steer("ann", c.Play)
    p.passes(400 + MINUTE)
    assert estimates(p.jam, p.now_ms) == {"cem.2": 2 * MINUTE, "bob.3": 4 * MINUTE}
    p.steer("ann", c.Pause)
    assert estimates(p.jam, p.now_ms + MINUTE)["cem.2"] == 2 * MINUTE


def test_an_unknown_length_is_assumed() -> None:
    p = Party(None, "bob")
    for number in range(2):
        p.do("bob", c.Add(f"bob.{number}", {"track": f"test:{number}"}))
    p.steer("ann", c.Play)
    assert estimates(p.jam, p.now_ms) == {"bob.1": ASSUMED_MS}
    p.passes(400 + 10 * ASSUMED_MS)
    assert estimates(p.jam, p.now_ms) == {"bob.1": 0}


def test_of_a_song_that_is_repeated_nobody_knows_the_end() -> None:
    p = party(repeat="one")
    p.steer("ann", c.Play)
    assert estimates(p.jam, p.now_ms) == {}


def test_votes_change_them() -> None:
    p = party()
    p.do("cem", c.Vote("bob.3", 1))
    assert estimates(p.jam, p.now_ms) == {"bob.3": 0, "bob.1": MINUTE, "cem.2": 4 * MINUTE}

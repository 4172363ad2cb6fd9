"""A list as a Jam's fallback: where it begins, how it is shuffled, and the way back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.errors import Refusal
from collab.jam_ports import JamView
from collab.player_context import (
    beginning_at,
    described,
    entry_of,
    in_own_order,
    index_of,
    is_shuffled,
    shuffling,
    waiting,
)
from jam import commands as c
from jam.lineup import Lineup
from jam.rules import By
from jam.settings import Limits, Mode, Settings
from jam.state import Jam, new_jam
from jam.step import step
from storage.rows import Head

ADA = "ada"
NOW_MS = 1_000_000
MODES: tuple[Mode, ...] = ("votes", "fair", "queue", "host")

Song = dict[str, Any]


def song(name: str) -> Song:
    return {"track": f"demo:{name}", "title": name}


class Evening:
    """A Jam of one person, whose entries get the ids that the server would give."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.jam = new_jam(ADA, "Ada", NOW_MS, settings or Settings())
        self._named = 0

    def do(self, command: c.Command) -> None:
        match command:
            case c.Fallback():
                tracks = [(self._id(), track) for _, track in command.tracks]
                command = c.Fallback(tracks=tracks, reign=command.reign)
            case c.Add():
                command = c.Add(self._id(), command.track)
        decided = step(Lineup(self.jam), command, By(ADA, self.jam.at + 1))
        self.jam = self.jam if decided is None else decided.jam

    def plays(self, names: str, first: int = 0) -> None:
        songs = [song(name) for name in names]
        self.do(beginning_at(self.jam, songs, first))
        entry = entry_of(self.view, songs[first])
        assert entry is not None
        self.do(c.PlayNow(entry, reign=1))

    @property
    def view(self) -> JamView:
        return JamView(Head("d", "jam", "e", 0, 0), self.jam, Lineup(self.jam).order())

    @property
    def order(self) -> str:
        return "".join(self.jam.entries[id].track["title"] for id in self.view.order)

    def _id(self) -> str:
        self._named += 1
        return f"x.{self._named}"


def settled(jam: Jam, seeds: str) -> c.Shuffle:
    return shuffling(jam, ADA, seeds)


class TestBeginning:
    @pytest.mark.parametrize("mode", MODES)
    def test_from_a_song_on(self, mode: Mode) -> None:
        evening = Evening(Settings(mode=mode))
        evening.plays("abcd", 2)
        assert evening.order == "cd"

    def test_what_comes_before_comes_last_where_all_is_repeated(self) -> None:
        evening = Evening(Settings(repeat="all"))
        evening.plays("abcd", 2)
        assert evening.order == "cdab"

    def test_what_people_want_of_the_old_list_stays_and_counts(self) -> None:
        evening = Evening(Settings(limits=Limits(fallback=4)))
        evening.plays("abcd")
        wanted = evening.view.order[2]
        evening.do(c.Vote(wanted, 1))
        command = beginning_at(evening.jam, [song(name) for name in "uvwxyz"], 0)
        assert len(command.tracks) == 2, "beside what plays and what is wanted"
        evening.do(command)
        assert evening.order == "acuv"

    def test_at_least_what_is_to_play(self) -> None:
        evening = Evening(Settings(limits=Limits(fallback=1)))
        evening.plays("a")
        assert [track for _, track in beginning_at(evening.jam, [song("b"), song("c")], 1).tracks] == [
            song("c")
        ]


class TestFinding:
    def test_a_place_in_a_list(self) -> None:
        ours = {"track": "tutti:track:" + "o" * 22}
        songs = [song("a"), ours, song("b"), song("a")]
        assert index_of(songs, 2) == 2
        assert index_of(songs, "demo:a") == 0
        assert index_of(songs, "spotify:track:" + "o" * 22) == 1
        for nowhere in (4, "demo:z"):
            with pytest.raises(Refusal, match="offset"):
                index_of(songs, nowhere)
        with pytest.raises(Refusal, match="offset"):
            index_of([], 0)

    def test_an_entry_by_its_uri_else_by_its_recording(self) -> None:
        evening = Evening()
        evening.do(c.Add("", song("a") | {"isrc": "GBAAA9800322"}))
        evening.do(c.Add("", song("b")))
        assert entry_of(evening.view, song("b")) == "x.2"
        assert entry_of(evening.view, song("c") | {"isrc": "GBAAA9800322"}) == "x.1"
        assert entry_of(evening.view, song("c")) is None

    def test_what_the_jam_knows_of_a_track(self) -> None:
        evening = Evening()
        evening.plays("ab")
        assert described(evening.jam, "demo:b") == song("b")
        evening.do(c.Next(1, reign=1))
        assert described(evening.jam, "demo:a") == song("a"), "also what was played"
        assert described(evening.jam, "demo:c") is None


class TestShuffling:
    @pytest.mark.parametrize("mode", MODES)
    @given(names=st.integers(3, 12).map(lambda count: "abcdefghijkl"[:count]))
    def test_there_and_back(self, mode: Mode, names: str) -> None:
        evening = Evening(Settings(mode=mode))
        evening.plays(names)
        evening.do(c.Add("", song("P")))
        before = evening.order
        assert before[:2] == "aP"
        assert not is_shuffled(evening.jam)
        evening.do(settled(evening.jam, "0123456789abcdef"))
        assert is_shuffled(evening.jam)
        assert evening.order[:2] == "aP", "what plays and what people added stays where it is"
        assert sorted(evening.order) == sorted(before)
        evening.do(in_own_order(evening.jam))
        assert evening.order == before
        assert not is_shuffled(evening.jam)

    def test_the_first_seed_that_changes_something(self) -> None:
        evening = Evening()
        evening.plays("abc")
        tried = [settled(evening.jam, seed) for seed in "0123456789"]
        changing = []
        for command in tried:
            decided = step(Lineup(evening.jam), command, By(ADA, evening.jam.at))
            assert decided is not None
            changing.append(is_shuffled(decided.jam))
        assert True in changing, "some seeds change the order of two"
        assert False in changing, "and some leave it as it is"
        first = changing.index(True)
        assert settled(evening.jam, "0123456789") == tried[first]

    def test_what_people_wanted_of_it_is_theirs(self) -> None:
        evening = Evening()
        evening.plays("abcde")
        evening.do(c.Vote(evening.view.order[3], 1))
        evening.do(c.Pin(evening.view.order[4], reign=1))
        assert [entry.track["title"] for entry in waiting(evening.jam)] == ["b", "c"]

    def test_what_is_repeated_stands_behind_the_rest(self) -> None:
        evening = Evening(Settings(repeat="all"))
        evening.plays("abc")
        evening.do(c.Next(1, reign=1))
        assert evening.order == "bca"
        assert not is_shuffled(evening.jam)

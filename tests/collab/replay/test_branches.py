"""Branches that meet: that real ones end equal, and that it is noticed when they do not."""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random

import msgspec
import pytest
from click.testing import Result
from typer.testing import CliRunner

from collab import playlist
from collab.cli import app
from collab.errors import CannotStart
from collab.replay import branches as branches_module
from collab.replay import witness
from collab.replay.authority import Authority
from collab.replay.branches import Branches
from collab.replay.deck import Deck
from collab.replay.device import Device
from collab.replay.meeting import BRANCHES, EDITS_MAX, meet
from collab.replay.recordings import Recording, Track, read_recordings, read_tracks
from collab.replay.steps import Item, Removal, story_of
from collab.replay.witness import Committed, Unequal
from ot.build import insert_at, move_range, remove_range
from ot.document import Document
from ot.op import IDENTITY
from ot.transform import transform
from tests.integration.crashing import DATA
from tests.ot.mutants import MUTANTS

SEED = 1
HISTORIES, TRACKS = DATA / "histories.jsonl.gz", DATA / "tracks.jsonl.gz"
# The slice: so many of the recorded playlists, so much of each.
PLAYLISTS, VERSIONS = 25, 15

FEW_TRACKS = [Track(str(number), f"Track {number}", ["Somebody"], "", 1000) for number in range(40)]


def invented(seed: int, versions: int = 30) -> Recording:
    """A playlist that is rearranged, added to and cut from version to version."""
    random = Random(seed)
    tracks: list[int] = []
    found = []
    for _ in range(versions):
        start = random.randint(0, len(tracks))
        del tracks[start : start + random.randint(0, 20)]
        tracks += random.choices(range(len(FEW_TRACKS)), k=random.randint(0, 12))
        at = random.randint(0, len(tracks))
        tracks = tracks[at:] + tracks[:at]
        found.append(tuple(tracks))
    return Recording(f"Invented {seed}", "", tuple(found))


def run(tracks: Sequence[Track] = FEW_TRACKS, seed: int = SEED) -> Branches:
    numbers = count()
    return Branches(tracks, seed, lambda: float(next(numbers)), lambda: None)


@pytest.mark.skipif(not HISTORIES.exists(), reason=f"the recorded playlists are not here: {HISTORIES}")
def test_recorded_playlists_end_equal() -> None:
    recordings = read_recordings(HISTORIES, None)
    branches = run(read_tracks(TRACKS))
    for number in Random(SEED).sample(range(len(recordings)), PLAYLISTS):
        recording = recordings[number]
        branches.play(number, replace(recording, versions=recording.versions[:VERSIONS]))
    tally = branches.tally
    assert tally.playlists == PLAYLISTS
    assert tally.longest > 0.9 * EDITS_MAX
    assert tally.met > 0.4 * tally.pairs > 0
    assert tally.edits > tally.ops > tally.branches


def test_invented_playlists_end_equal_and_replay() -> None:
    tallies = []
    for _ in range(2):
        branches = run()
        for number in range(10):
            branches.play(number, invented(number))
        tallies.append(branches.tally)
    assert tallies[0] == tallies[1]
    assert tallies[0].met > 0.4 * tallies[0].pairs > 0


def test_a_playlist_replays_alone() -> None:
    together, alone = run(), run()
    together.play(0, invented(0))
    edits = together.tally.edits
    together.play(1, invented(1))
    alone.play(1, invented(1))
    assert alone.tally.edits == together.tally.edits - edits


def test_a_playlist_in_which_nothing_happened() -> None:
    branches = run()
    branches.play(0, Recording("Nothing", "", ((), ())))
    assert (branches.tally.playlists, branches.tally.meetings) == (1, 0)
    assert len(branches.tally.lines()) == 3


def test_what_a_meeting_is() -> None:
    """Two to four devices, 1 to 200 edits each on the same list, all of them heard by everybody."""
    story = story_of(invented(3, versions=150).versions)
    deck, authority = Deck(story), Authority("Friday")
    items: dict[str, Item] = {}
    fields = {Item(item): FEW_TRACKS[track].fields() for item, track in enumerate(story.tracks)}
    devices = [Device(str(number) * 22, authority.document, items, fields) for number in range(4)]
    random = Random(SEED)
    sizes = set()
    before = authority.document
    while (met := meet(deck, authority, devices, random)).branches:
        assert met.base == before
        assert len(met.branches) <= BRANCHES[1]
        sizes.update(len(branch.edits) for branch in met.branches)
        assert all(device.document == authority.document for device in devices)
        assert all(device.is_synced for device in devices)
        before = authority.document
    assert sizes <= set(range(1, EDITS_MAX + 1))
    assert len(sizes) > 20


def test_what_could_not_be_removed_comes_again() -> None:
    deck = Deck(story_of([[1, 2], [2]]))
    insertion, removal = deck.draw(), deck.draw()
    assert insertion is not None
    assert removal is not None
    assert removal.edit == Removal((Item(0),))
    deck.put_back(removal.edit.items)
    deck.put_back([])
    assert deck.draw() is None
    deck.reshuffle()
    again = deck.draw()
    assert again is not None
    assert again.edit == removal.edit
    assert deck.draw() is None


class TestNotEqual:
    """Each statement of the same thing, made wrong on purpose."""

    BASE = Document([{"uid": uid} for uid in "abc"], {})
    FIRST = (insert_at(3, 1, [{"uid": "x"}]), remove_range(4, 2))
    SECOND = (move_range(3, 0, 1, 2),)

    def told(self) -> list[Committed]:
        first = Committed.of(self.FIRST, self.FIRST)
        return [first, Committed.of(self.SECOND, [transform(self.SECOND[0], first.op, "right")])]

    @pytest.mark.parametrize("way", [witness.at_once, witness.step_by_step, witness.judged])
    def test_all_ways_lead_there(self, way: Callable[[Document, Sequence[Committed]], Document]) -> None:
        assert [entry["uid"] for entry in way(self.BASE, self.told()).entries] == ["x", "a", "c"]

    @pytest.mark.parametrize("way", [witness.at_once, witness.step_by_step])
    def test_another_commit(self, way: Callable[[Document, Sequence[Committed]], Document]) -> None:
        first, second = self.told()
        with pytest.raises(Unequal, match="branch 2"):
            way(self.BASE, [first, replace(second, committed=IDENTITY)])

    def test_an_authority_that_breaks_ties_the_other_way(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(playlist, "transform", lambda a, b, side: transform(a, b, "left"))
        with pytest.raises(Unequal, match="Diverged"):
            run().play(0, invented(0))

    @pytest.mark.parametrize("name", ["at_once", "step_by_step", "judged"])
    def test_a_witness_that_comes_to_another_list(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def elsewhere(base: Document, _: Sequence[Committed]) -> Document:
            return base

        elsewhere.__name__ = name
        monkeypatch.setattr(branches_module, name, elsewhere)
        with pytest.raises(Unequal, match=name):
            run().play(0, invented(0))

    def test_an_entry_that_is_lost(self, monkeypatch: pytest.MonkeyPatch) -> None:
        draw = Deck.draw
        monkeypatch.setattr(Deck, "draw", lambda deck: draw(deck) and draw(deck))
        with pytest.raises(Unequal, match="missing"):
            run().play(0, Recording("Short", "", ((0,), (0, 1), (0, 1, 2))))

    @pytest.mark.parametrize("name", ["rightmost compose"])
    def test_a_planted_fault_in_the_algebra(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        algebra = next(mutant for mutant in MUTANTS if mutant.name == name).algebra
        monkeypatch.setattr(playlist, "compose", algebra.compose)
        with pytest.raises(Unequal):
            run().play(0, invented(0, versions=200))


class TestCommand:
    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[str, str]:
        histories, tracks = tmp_path / "histories.jsonl.gz", tmp_path / "tracks.jsonl"
        lines = [
            msgspec.json.encode(
                {"name": recording.name, "versions": [["2026", tracks] for tracks in recording.versions]}
            )
            for recording in map(invented, range(4))
        ]
        histories.write_bytes(gzip.compress(b"\n".join(lines)))
        tracks.write_bytes(b"\n".join(map(msgspec.json.encode, FEW_TRACKS)))
        return str(histories), str(tracks)

    def branches(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["branches", *arguments])

    def test_says_what_it_did(self, files: tuple[str, str]) -> None:
        result = self.branches(*files, "--seed", "7")
        assert result.exit_code == 0
        seed, merged, speed, share, end = result.stdout.splitlines()
        assert seed == "seed 7, from playlist 0 on"
        assert merged.startswith("4 playlists: ")
        assert " ops/s, " in speed
        assert "collide in a gap or an entry" in share
        assert end.endswith("equal")

    def test_a_failure_names_the_playlist_and_the_seed_and_replays(
        self, files: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(playlist, "transform", lambda a, b, side: transform(a, b, "left"))
        result = self.branches(*files, "--seed", "1", "--start", "1", "--playlists", "2")
        assert result.exit_code == 1
        *_, what, alone = result.stdout.splitlines()
        seed = result.stdout.split()[1].rstrip(",")
        assert what.startswith(f"playlist 1, 'Invented 1', seed {seed}: Diverged: ")
        again = self.branches(*alone.split("tutti branches ")[1].split())
        assert again.exit_code == 1
        assert what in again.stdout

    def test_a_file_that_ends_before(self, files: tuple[str, str]) -> None:
        error = self.branches(*files, "--start", "4").exception
        assert isinstance(error, CannotStart)
        assert "no playlist 4" in str(error)

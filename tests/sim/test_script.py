"""Scripts: what was written down fails as long as its bug is there, and not without it."""

from pathlib import Path

import pytest

from tests.sim.__main__ import main
from tests.sim.outside import Recording, Replay
from tests.sim.script import read, record
from tests.sim.streams import Streams
from tests.sim.workload import JAMS, PLAYLISTS, Workload

REGRESSIONS = sorted((Path(__file__).parent / "regressions").glob("*.jsonl"))


@pytest.mark.parametrize("file", REGRESSIONS, ids=lambda file: file.stem)
def test_a_regression_stays_mended(file: Path) -> None:
    script = read(file)
    assert script.violated(is_mended=True) == ""
    assert not script.bug or script.violated(), "the script shows what the bug breaks"


def test_there_are_regressions() -> None:
    assert len(REGRESSIONS) >= 3


@pytest.mark.parametrize("workload", [PLAYLISTS, JAMS], ids=lambda workload: workload.name)
def test_writing_down_changes_nothing(workload: Workload) -> None:
    streams = Streams(11)
    outside = Recording(streams)
    stories: list[list[str]] = [[], []]
    workload.live(workload.plan(streams, frozenset()), outside, streams, trace=stories[0].append)
    workload.run(11, trace=stories[1].append)
    assert stories[0] == stories[1]
    assert [act.act for act in outside.acts].count("begin") == 1


def test_a_script_outlives_its_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = "--explain --seed 2 --bug dedupe_in_memory_only"
    assert main(command.split()) == 1
    told = capsys.readouterr()
    file = tmp_path / "script.jsonl"
    file.write_text(told.out)
    script = read(file)
    assert script.lines() == told.out
    assert len(script.acts) < 10, "most of what happened had nothing to do with it"
    assert script.violated() == script.violation
    assert main(["--replay", str(file)]) == 1
    assert f"violation: {script.violation}" in capsys.readouterr().out


def test_a_script_of_a_schedule_that_keeps_every_promise() -> None:
    script = record(PLAYLISTS, 2, frozenset(), "")
    assert script.violation == ""
    assert script.play().commits > 0


def test_dice_make_do_with_what_was_drawn() -> None:
    dice = Replay([0.25, 7, "b", 99, "gone", 1])
    assert dice.random() == 0.25
    assert dice.randint(1, 10) == 7
    assert dice.choice("abc") == "b"
    assert dice.randint(1, 10) == 10, "the nearest that there is today"
    assert dice.choice(("x", "y", "z")) == "y", "the middle, since that is gone"
    assert dice.choice((None, True)) is True, "what has no name, by its place"
    assert (dice.random(), dice.randint(0, 4), dice.randbytes(2)) == (0.5, 2, b"\0\0"), "more than was drawn"

"""The simulation in the test run: many schedules, every planted bug, and the tools for a failing seed."""

import json
from pathlib import Path

import pytest

from tests.sim import campaign
from tests.sim.__main__ import main
from tests.sim.campaign import run_on_cores, run_seeds
from tests.sim.shrink import fails, shrink
from tests.sim.workload import PLAYLISTS, UNDO_STORMS

# All of the test run, and so many in each test, so that workers share them.
SCHEDULES, PART = 5_000, 1_000
# Shorter schedules than once: more of them, so that as much is undone as ever.
STORMS = 400
# A planted bug must be caught within this many schedules.
SLICE = 250


@pytest.mark.parametrize("first", range(0, SCHEDULES, PART))
def test_schedules_keep_every_promise(first: int) -> None:
    """`make sim SEED=…` replays one that fails."""
    tally = run_seeds(PLAYLISTS, range(first, first + PART))
    assert tally.violations == []
    assert not tally.coverage.missing(PLAYLISTS.sometimes), "each of these must be seen at least once"
    assert tally.commits >= 15 * PART
    assert 3 * PART <= tally.clients <= 5 * PART
    assert tally.faults >= 3 * PART


def test_storms_of_undo_keep_every_promise() -> None:
    """Four people take back half of what they do; `python -m tests.sim --undo-storm` runs more of them."""
    tally = run_seeds(UNDO_STORMS, range(STORMS))
    assert tally.violations == []
    assert tally.coverage.counts["an edit was undone"] > 3_000
    assert tally.coverage.counts["an entry came back"] > STORMS


@pytest.mark.parametrize("name", PLAYLISTS.bugs)
def test_a_planted_bug_is_caught(name: str) -> None:
    caught = next(
        (seed for seed in range(SLICE) if fails(PLAYLISTS, seed, frozenset(), PLAYLISTS.bugs[name])), None
    )
    assert caught is not None, f"{name} passed {SLICE} schedules"
    assert not fails(PLAYLISTS, caught, frozenset(), None), "without the bug the same schedule passes"


def test_a_seed_replays_to_the_letter() -> None:
    stories: list[list[str]] = [[], []]
    reports = [PLAYLISTS.run(11, trace=story.append) for story in stories]
    assert reports[0] == reports[1]
    assert stories[0] == stories[1]
    assert len(stories[0]) > 50


def test_a_failing_seed_is_shrunk() -> None:
    bug = PLAYLISTS.bugs["unknown_taken_as_committed"]
    seed = next(seed for seed in range(SLICE) if fails(PLAYLISTS, seed, frozenset(), bug))
    needless = shrink(PLAYLISTS, seed, bug)
    assert needless, "some fault of that schedule had nothing to do with it"
    assert fails(PLAYLISTS, seed, needless, bug)


def test_the_same_is_seen_on_any_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = range(9)
    alone = run_seeds(PLAYLISTS, seeds)
    monkeypatch.setattr(campaign, "SLICE", 3)
    seen: list[int] = []
    together = run_on_cores(PLAYLISTS, seeds, 2, None, lambda tally: seen.append(tally.schedules))
    assert seen == [3, 6, 9]
    assert (together.commits, together.averages()) == (alone.commits, alone.averages())
    assert together.coverage.counts == alone.coverage.counts


def test_a_run_says_how_to_replay_what_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    summary = tmp_path / "summary.json"
    command = "--seed 0 --schedules 20 --jobs 1 --bug unknown_taken_as_committed --summary"
    assert main([*command.split(), str(summary)]) == 1
    told = json.loads(summary.read_text())
    first = told["violations"][0]
    assert (
        first["again"]
        == f"python -m tests.sim --seed {first['seed']} --trace --bug unknown_taken_as_committed"
    )
    assert f"seed {first['seed']}: {first['violation']}" in capsys.readouterr().out
    assert told["schedules"] == 20
    assert main(first["again"].split()[3:]) == 1


def test_a_run_that_finds_nothing_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--schedules", "3", "--jobs", "1"]) == 0
    assert "3 schedules, " in capsys.readouterr().out

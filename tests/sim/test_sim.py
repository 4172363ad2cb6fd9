"""The simulation in the test run: many schedules, every planted bug, and the tools for a failing seed."""

import pytest

from tests.sim.coverage import Coverage
from tests.sim.oracle import Violation
from tests.sim.shrink import fails, shrink
from tests.sim.workload import PLAYLISTS, UNDO_STORMS
from tests.sim.world import Report

SCHEDULES = 2_000
STORMS = 300
# A planted bug must be caught within this many schedules.
SLICE = 250


def test_schedules_keep_every_promise() -> None:
    coverage = Coverage()
    reports: list[Report] = []
    for seed in range(SCHEDULES):
        try:
            reports.append(PLAYLISTS.run(seed, coverage=coverage))
        except Violation as violation:
            pytest.fail(f"make sim SEED={seed} replays this: {violation}")
    assert not coverage.missing(PLAYLISTS.sometimes), "the workload must show each of these at least once"
    assert sum(report.commits for report in reports) >= 15 * SCHEDULES
    assert 3 * SCHEDULES <= sum(report.clients for report in reports) <= 5 * SCHEDULES
    assert sum(report.faults for report in reports) >= 3 * SCHEDULES


def test_storms_of_undo_keep_every_promise() -> None:
    """Four people take back half of what they do; `python -m tests.sim --undo-storm` runs more of them."""
    coverage = Coverage()
    for seed in range(STORMS):
        try:
            UNDO_STORMS.run(seed, coverage=coverage)
        except Violation as violation:
            pytest.fail(f"python -m tests.sim --undo-storm --seed {seed} replays this: {violation}")
    assert coverage.counts["an edit was undone"] > 10 * STORMS
    assert coverage.counts["an entry came back"] > STORMS


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

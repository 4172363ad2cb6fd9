"""Simulated Jams in the test run: some schedules, every planted bug, and the tools for a failing seed."""

import pytest

from tests.sim.campaign import run_seeds
from tests.sim.jams.bugs import JAM_BUGS
from tests.sim.shrink import fails, shrink
from tests.sim.workload import JAMS

# A slice; `make sim JAMS=1 SCHEDULES=3000` runs them all.
SCHEDULES = 600
# A planted bug must be caught within this many schedules.
SLICE = 250


def test_schedules_keep_every_promise() -> None:
    """`make sim JAMS=1 SEED=…` replays one that fails."""
    tally = run_seeds(JAMS, range(SCHEDULES))
    assert tally.violations == []
    assert not tally.coverage.missing(JAMS.sometimes), "the workload must show each of these at least once"
    assert tally.commits >= 15 * SCHEDULES
    assert 3 * SCHEDULES <= tally.clients <= 5 * SCHEDULES
    assert tally.faults >= 3 * SCHEDULES


@pytest.mark.parametrize("name", JAM_BUGS)
def test_a_planted_bug_is_caught(name: str) -> None:
    bug = JAM_BUGS[name]
    caught = next((seed for seed in range(SLICE) if fails(JAMS, seed, frozenset(), bug)), None)
    assert caught is not None, f"{name} passed {SLICE} schedules"
    assert not fails(JAMS, caught, frozenset(), None), "without the bug the same schedule passes"


def test_a_seed_replays_to_the_letter() -> None:
    stories: list[list[str]] = [[], []]
    reports = [JAMS.run(11, trace=story.append) for story in stories]
    assert reports[0] == reports[1]
    assert stories[0] == stories[1]
    assert len(stories[0]) > 50


def test_a_failing_seed_is_shrunk() -> None:
    bug = JAM_BUGS["kick_keeps_the_keys"]
    seed = next(seed for seed in range(SLICE) if fails(JAMS, seed, frozenset(), bug))
    needless = shrink(JAMS, seed, bug)
    assert needless, "some fault of that schedule had nothing to do with it"
    assert fails(JAMS, seed, needless, bug)

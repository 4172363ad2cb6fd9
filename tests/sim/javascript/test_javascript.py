"""Two languages in one room: half of the devices of these schedules have the JavaScript SDK."""

import pytest

from tests.clients.javascript import needs_programs
from tests.sim.campaign import run_seeds
from tests.sim.javascript.program import program
from tests.sim.workload import JAVASCRIPT

# All of the test run, and so many in each test; `python -m tests.sim --javascript` runs more of them.
SCHEDULES, PART = 150, 75
# What it takes to have been through everything: stores and their reading, new ids, moves to other nodes.
ASKED = {
    "connected", "disconnected", "edit", "enter", "move", "outgoing", "prepare", "receive", "renew", "show",
    "standby_look", "standby_outgoing", "standby_receive", "stay", "take_back", "take_uid", "take_write",
}  # fmt: skip

pytestmark = needs_programs


@pytest.mark.parametrize("first", range(0, SCHEDULES, PART))
def test_two_languages_keep_every_promise(first: int) -> None:
    asked = program().asked
    asked.clear()
    tally = run_seeds(JAVASCRIPT, range(first, first + PART))
    assert tally.violations == []
    assert tally.commits >= 10 * PART
    assert set(asked) == ASKED
    assert tally.coverage.counts["digests were compared"] > PART


def test_a_seed_replays_to_the_letter() -> None:
    stories: list[list[str]] = [[], []]
    reports = [JAVASCRIPT.run(11, trace=story.append) for story in stories]
    assert reports[0] == reports[1]
    assert stories[0] == stories[1]
    assert any("in JavaScript" in line for line in stories[0])

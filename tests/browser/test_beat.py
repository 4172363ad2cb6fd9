"""Browsers hear the beat of a Jam, and the tool that says so sees what was planted.

How close they are and how exact the tool is, `python -m benchmarks beat` says (docs/SYNC.md): here the
machine may be busy with anything.
"""

import numpy as np

from benchmarks.beat.benchmark import play
from benchmarks.beat.evening import LISTENERS, RULES, Setting
from benchmarks.beat.proof import prove
from benchmarks.jam_model.network import LAN
from tests.clients.javascript import needs_javascript

# Far more than the tool is wrong by, and less than the error that is planted.
NEAR_MS = 20.0
# Clocks are wrong by an hour, and the songs are longer.
SAME_MS = 1_000.0


async def test_the_tool_sees_in_browsers_what_was_planted() -> None:
    [late] = await prove([200.0])
    assert abs(late.error_ms) < NEAR_MS


@needs_javascript
async def test_three_browsers_play_what_the_jam_plays() -> None:
    evening = await play(Setting(LAN, next(iter(RULES)), "1"), seconds=4)
    first, *_ = evening.parts
    assert len(evening.courses) == LISTENERS
    for course in evening.courses:
        heard = course.of(first)
        assert len(heard.ms) > 0
        ahead_ms = heard.ahead_ms - (first.position_ms - first.from_ms)
        assert np.abs(np.median(ahead_ms)) < SAME_MS

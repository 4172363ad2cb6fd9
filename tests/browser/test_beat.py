"""Two browsers that play the same at known distances, and the tool that measures how far they are apart.

How exact it is, a quiet machine says (docs/SYNC.md): here it may be busy with anything.
"""

from benchmarks.beat.proof import prove

# Far more than the tool is wrong by, and less than the error that is planted.
NEAR_MS = 20.0


async def test_the_tool_sees_in_browsers_what_was_planted() -> None:
    [together, late] = await prove([0.0, 200.0])
    assert abs(together.error_ms) < NEAR_MS
    assert abs(late.error_ms) < NEAR_MS

"""How fast edits are made.

Turns at a steady rate, shared by all editors; without a rate, at once. Who comes late has not saved up
turns. Knows the loop's clock. Does not know edits.
"""

import asyncio


class Pace:
    """`edits_s` turns a second, or as many as anybody wants (None)."""

    def __init__(self, edits_s: float | None) -> None:
        self._step_s = 0.0 if edits_s is None else 1 / edits_s
        self._next_s = 0.0

    async def turn(self) -> None:
        if not self._step_s:
            # Others have their turn, and what was edited so far may leave.
            await asyncio.sleep(0)
            return
        now_s = asyncio.get_running_loop().time()
        at_s = max(now_s, self._next_s)
        self._next_s = at_s + self._step_s
        await asyncio.sleep(at_s - now_s)

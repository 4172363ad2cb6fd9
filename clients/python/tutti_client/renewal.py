"""When a new token is asked for.

Three times in a token's life, at a pace that does not change when none comes: so an issuer that is away for a
third of that life costs nobody their session, and meanwhile hears no more questions than on good days. Each
client has a pace of its own, a little. Pure: `now_ms` is the server's wall time, and the random number is an
argument.
"""

from typing import Final

# Of a token's life, between two questions. The third comes before it ends, however the pace is.
STEP: Final = 0.3
# The pace differs by so much of itself, up and down.
SPREAD: Final = 0.1
ASKS: Final = 3


class Renewal:
    """Of one client's tokens, one after the other. Nothing is due before `ends` was called once."""

    def __init__(self) -> None:
        self._life_ms = 0
        self._due_ms: list[int] = []

    def ends(self, at_ms: int, now_ms: int, random: float) -> None:
        """The server said when the present token ends. All tokens are taken to live as long as any of them
        did: this one may have been used for a while. `random` is at least 0 and below 1."""
        self._life_ms = max(self._life_ms, at_ms - now_ms)
        self._plan(at_ms, now_ms, random)

    def took(self, now_ms: int, random: float) -> None:
        """There is a new token, just made."""
        self._plan(now_ms + self._life_ms, now_ms, random)

    def due_ms(self) -> int | None:
        """When to ask next; None: not before the server says that the token is about to end."""
        return self._due_ms[0] if self._due_ms else None

    def asked(self, now_ms: int) -> None:
        """Whatever came of it."""
        self._due_ms = [due_ms for due_ms in self._due_ms if due_ms > now_ms]

    def _plan(self, ends_ms: int, now_ms: int, random: float) -> None:
        step_ms = self._life_ms * STEP * (1 - SPREAD + 2 * SPREAD * random)
        began_ms = ends_ms - self._life_ms
        self._due_ms = [int(began_ms + step_ms * count) for count in range(1, ASKS + 1)]
        self.asked(now_ms)

"""API tokens, looked up each time as long as the database answers.

Revoking one works at once, so nothing is believed for long; but when the database fails or is silent, what it
said of a token within the last minute still serves who only reads. Knows the store, a breaker and the last
answers. Does not know what a token grants.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from collab.breakers import Breaker
from storage.store import ApiToken, People, StoreError

LAST_ANSWER_MS: Final = 60_000
# Some 300 bytes each; programs are few.
_ANSWERS_MAX: Final = 10_000


class ApiLookup:
    def __init__(self, people: People, breaker: Breaker, now_ms: Callable[[], int]) -> None:
        self._people = people
        self._breaker = breaker
        self._now_ms = now_ms
        # The newest last.
        self._answers: OrderedDict[str, tuple[int, ApiToken]] = OrderedDict()

    async def __call__(self, token_id: str, *, reads_only: bool) -> ApiToken | None:
        """The token's row, None if there is none. Raises StoreError if the database does not answer, and for
        reads also no good answer of the last minute is there."""
        try:
            found = await self._breaker.ask(lambda: self._people.api_token(token_id))
        except StoreError:
            asked_ms, last = self._answers.get(token_id, (0, None))
            if not reads_only or last is None or self._now_ms() - asked_ms > LAST_ANSWER_MS:
                raise
            return last
        self._answers.pop(token_id, None)
        if found is not None:
            self._answers[token_id] = (self._now_ms(), found)
            if len(self._answers) > _ANSWERS_MAX:
                self._answers.popitem(last=False)
        return found

"""Whose a client id is.

A client id belongs to the user who first used it, for ever, so an answer once given stays good and nothing is
asked twice: who comes back to the node they were on needs no database for that. For others it is asked, for
all who come at the same time together, and through a breaker, so that thousands who come back at once do not
pile up before a database that fails. Knows the store, a breaker and answers. Does not know tokens.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from collab.breakers import Breaker
from collab.inquiry import Inquiry
from storage.store import Store

# Some 250 bytes each; as many as there may be sockets on a node, and those that were there before.
_ANSWERS_MAX: Final = 20_000


class ClientOwners:
    def __init__(self, store: Store, breaker: Breaker) -> None:
        self._store = store
        self._breaker = breaker
        self._inquiry = Inquiry(self._fetch)
        # The newest last. That nobody has used an id yet is not kept: somebody may, a moment later.
        self._answers: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, client: str) -> str | None:
        """The user whose it is, None if it is nobody's yet. Raises StoreError if the database does not answer
        and it was not known before."""
        known = self._answers.get(client)
        if known is not None:
            self._answers.move_to_end(client)
            return known
        [owner] = await self._inquiry.ask(client)
        if owner is not None:
            self._answers[client] = owner
            if len(self._answers) > _ANSWERS_MAX:
                self._answers.popitem(last=False)
        return owner

    async def _fetch(self, clients: Sequence[str]) -> dict[str, str]:
        return await self._breaker.ask(lambda: self._store.client_owners(clients))

"""How submissions ended.

Of each client the last outcome counts, and is kept in the store for ever. A room remembers those of clients
who are there and of the last thousands who were, and spares the store the question; without its row a resend
would be taken for something new, so a row in use is never forgotten. Knows rows; the room knows who is there.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from weakref import WeakMethod

from storage.rows import Settled

# Rows of clients that come back are read from the store again; this many spare the read.
SETTLED_KEPT = 4096


class Outcomes:
    """The newest row of each client. `in_use` names the clients whose rows must stay."""

    def __init__(self, in_use: Callable[[], Iterable[str]]) -> None:
        # A room that ends goes without a search for garbage, which comes late: nothing in it holds it.
        self._in_use = WeakMethod(in_use)
        self._rows: OrderedDict[str, Settled] = OrderedDict()
        self._forget_at = 2 * SETTLED_KEPT

    def __contains__(self, client: str) -> bool:
        return client in self._rows

    def get(self, client: str) -> Settled | None:
        return self._rows.get(client)

    def last_seq(self, client: str) -> int:
        """The last seq that was settled, 0 if none was."""
        row = self._rows.get(client)
        return row.seq if row else 0

    def learn(self, row: Settled) -> None:
        """Takes a row unless a newer one of its client is known."""
        known = self._rows.get(row.client_id)
        if known is None or known.changes <= row.changes:
            self._rows[row.client_id] = row
        self._rows.move_to_end(row.client_id)
        if len(self._rows) > self._forget_at:
            self.forget()

    def forget(self) -> None:
        """Keeps the newest `SETTLED_KEPT` rows and those in use; rare enough to look at all of them."""
        ask = self._in_use()
        in_use = frozenset(ask()) if ask is not None else frozenset()
        for client in list(self._rows)[:-SETTLED_KEPT]:
            if client not in in_use:
                del self._rows[client]
        self._forget_at = len(self._rows) + SETTLED_KEPT

    def clear(self) -> None:
        """Another epoch: seqs count anew."""
        self._rows.clear()

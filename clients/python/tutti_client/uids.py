"""Names for new entries.

An entry's uid is `<client id>.<n>`, and no n is ever used twice, whichever playlist it went to. Shared by
all replicas that submit under one client id. Knows the client id. Does not draw it: ids are arguments.
"""


class Uids:
    """Counts from 1. A new client id means a new `Uids`."""

    __slots__ = ("_taken", "client")

    def __init__(self, client: str) -> None:
        self.client = client
        self._taken = 0

    def take(self) -> str:
        """The next uid."""
        self._taken += 1
        return f"{self.client}.{self._taken}"

    def owns(self, uid: str) -> bool:
        """Whether the uid carries this client id."""
        return uid.startswith(self.client + ".")

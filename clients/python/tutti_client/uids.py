"""Names for new entries.

An entry's uid is `<client id>.<n>`, and no n is ever used twice, whichever playlist it went to. Shared by
all replicas that submit under one client id. Knows the client id. Does not draw it: ids are arguments.
"""


class Uids:
    """Counts from 1. A new client id means a new `Uids`."""

    __slots__ = ("client", "taken")

    def __init__(self, client: str, taken: int = 0) -> None:
        """`taken`: how many an earlier life of this client took."""
        self.client = client
        self.taken = taken

    def take(self) -> str:
        """The next uid."""
        self.taken += 1
        return f"{self.client}.{self.taken}"

    def owns(self, uid: str) -> bool:
        """Whether the uid carries this client id."""
        return uid.startswith(self.client + ".")

"""The queue's order."""

from jam.state import Jam


def order(jam: Jam) -> list[str]:
    """Ids of the entries, what plays first."""
    return sorted(jam.entries, key=lambda entry: jam.entries[entry].added_seq)

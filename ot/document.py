"""A playlist as the algebra sees it: entries in order, and attributes."""

from typing import Final, final

from msgspec import Struct

from ot.value import Entry, Value


@final
class Document(Struct, frozen=True, gc=False):
    """State at one version. Both members are treated as immutable; `apply` makes new ones."""

    entries: list[Entry]
    attributes: dict[str, Value]


EMPTY: Final = Document([], {})

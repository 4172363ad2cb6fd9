"""What a change to a playlist is.

An op is a run-length list of components that walks the old list from left to right, and a map of attributes
to set. Knows the components, their wire form and their normal form (equality of normal forms is equality of
lists). Does not know how ops meet, nor the list that an op is for: `check` compares the two.

Two things are never normalised away, because `transform` needs them: the order of producing and consuming
components within one gap, and moves that change nothing.
"""

from collections.abc import Sequence
from typing import Final, NoReturn, TypeAlias, final

from msgspec import Struct

from ot.value import INTEGER_MAX, Edits, Entry, Value, is_text, is_value, same

# Composed offline work of 10,000 mixed edits has some 12,000 components; twice that is room enough.
COMPONENTS_MAX: Final = 25_000


class OpError(ValueError):
    """An op that must not be applied. `code` is op_malformed, op_too_large, op_length or op_drops; the
    message is one sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


# Without `gc`: a component holds trees of plain values, which cannot lead back to it.


@final
class Keep(Struct, frozen=True, gc=False):
    """`n` entries stay, each with the fields set. `edits` is None or not empty; a None in it deletes."""

    n: int
    edits: Edits | None = None


@final
class Remove(Struct, frozen=True, gc=False):
    """`n` entries go."""

    n: int


@final
class Pick(Struct, frozen=True, gc=False):
    """`n` entries are lifted, with the fields set, to be dropped elsewhere. The j-th entry picked in old
    order has the number j."""

    n: int
    edits: Edits | None = None


@final
class Insert(Struct, frozen=True, gc=False):
    """New entries stand here."""

    entries: tuple[Entry, ...]


@final
class Drop(Struct, frozen=True, gc=False):
    """The entries with pick numbers `start` … `start + n - 1` stand here."""

    start: int
    n: int


Component: TypeAlias = Keep | Remove | Pick | Insert | Drop


@final
class Op(Struct, frozen=True, gc=False):
    """One change. `components` is empty when the list stays as it is, whatever its length; otherwise keep,
    remove and pick cover the old list exactly. In `attributes` a None deletes."""

    components: tuple[Component, ...] = ()
    attributes: dict[str, Value] = {}


IDENTITY: Final = Op()


def is_identity(op: Op) -> bool:
    """Whether the op says nothing at all. A move to where the entries already stand does say something."""
    return not op.components and not op.attributes


class Builder:
    """Takes components from left to right and keeps them in normal form: none empty, neighbours merged."""

    __slots__ = ("_components", "_entries")

    def __init__(self) -> None:
        self._components: list[Component] = []
        # The insert under construction. Joining tuples instead would be quadratic in a run of small inserts.
        self._entries: list[Entry] = []

    def keep(self, n: int, edits: Edits | None = None) -> None:
        if not n:
            return
        if self._entries:
            self._close_insert()
        components = self._components
        if components:
            last = components[-1]
            if type(last) is Keep and _same_edits(last.edits, edits):
                components[-1] = Keep(last.n + n, last.edits)
                return
        components.append(Keep(n, edits or None))

    def remove(self, n: int) -> None:
        if not n:
            return
        if self._entries:
            self._close_insert()
        components = self._components
        if components:
            last = components[-1]
            if type(last) is Remove:
                components[-1] = Remove(last.n + n)
                return
        components.append(Remove(n))

    def pick(self, n: int, edits: Edits | None = None) -> None:
        if not n:
            return
        if self._entries:
            self._close_insert()
        components = self._components
        if components:
            last = components[-1]
            if type(last) is Pick and _same_edits(last.edits, edits):
                components[-1] = Pick(last.n + n, last.edits)
                return
        components.append(Pick(n, edits or None))

    def insert(self, entries: Sequence[Entry]) -> None:
        self._entries.extend(entries)

    def drop(self, start: int, n: int) -> None:
        if not n:
            return
        if self._entries:
            self._close_insert()
        components = self._components
        if components:
            last = components[-1]
            if type(last) is Drop and last.start + last.n == start:
                components[-1] = Drop(last.start, last.n + n)
                return
        components.append(Drop(start, n))

    def add(self, component: Component) -> None:
        """Any component, as it stands."""
        if type(component) is Keep:
            self.keep(component.n, component.edits)
        elif type(component) is Remove:
            self.remove(component.n)
        elif type(component) is Insert:
            self.insert(component.entries)
        elif type(component) is Pick:
            self.pick(component.n, component.edits)
        else:
            self.drop(component.start, component.n)

    def components(self) -> tuple[Component, ...]:
        """What was taken so far; empty if that is one plain keep."""
        if self._entries:
            self._close_insert()
        components = self._components
        if len(components) == 1:
            only = components[0]
            if type(only) is Keep and only.edits is None:
                return ()
        return tuple(components)

    def _close_insert(self) -> None:
        self._components.append(Insert(tuple(self._entries)))
        self._entries.clear()


def encode(op: Op) -> dict[str, object]:
    """The wire form, of builtins only, ready for MessagePack or JSON. Shares entries with the op."""
    wire: dict[str, object] = {}
    if op.components:
        wire["l"] = [_encode_component(component) for component in op.components]
    if op.attributes:
        wire["a"] = op.attributes
    return wire


def decode(wire: object, *, components_max: int = COMPONENTS_MAX) -> Op:
    """An op in normal form from what a decoder made of bytes that anybody may have sent.

    Counts are never expanded: the cost is bounded by the size of `wire`. The op shares its entries and
    values. Raises OpError op_malformed or op_too_large. A member that this version does not know is refused
    and not ignored: half an edit must not be applied.
    """
    if type(wire) is not dict or not wire.keys() <= {"l", "a"}:
        _malformed("An op is a map with `l`, `a`, or both.")
    components = wire.get("l", [])
    if type(components) is not list:
        _malformed("`l` is a list of components.")
    if len(components) > components_max:
        raise OpError("op_too_large", f"An op has at most {components_max} components.")
    attributes = wire.get("a", {})
    if type(attributes) is not dict or not _are_members(attributes, may_delete=True):
        _malformed("`a` is a map of attribute names to values.")
    builder = Builder()
    uids: set[str] = set()
    consumed = 0
    for component in components:
        consumed += _decode_component(component, builder, uids)
        if consumed > INTEGER_MAX:
            _malformed("The counts of an op exceed 2^53 - 1 together.")
    return Op(builder.components(), attributes)


def _encode_component(component: Component) -> list[object]:
    if type(component) is Keep:
        return ["k", component.n, component.edits] if component.edits else ["k", component.n]
    if type(component) is Remove:
        return ["r", component.n]
    if type(component) is Insert:
        return ["i", list(component.entries)]
    if type(component) is Pick:
        return ["p", component.n, component.edits] if component.edits else ["p", component.n]
    return ["d", component.start, component.n]


def _decode_component(wire: object, builder: Builder, uids: set[str]) -> int:
    """Adds one component; returns how many entries of the old list it covers."""
    if type(wire) is not list or not 2 <= len(wire) <= 3:
        _malformed("A component is a list of its letter and its arguments.")
    letter, argument = wire[0], wire[1]
    if letter == "i":
        if len(wire) != 2 or type(argument) is not list or not argument:
            _malformed("An insert holds a list of at least one entry.")
        for entry in argument:
            _check_entry(entry, uids)
        builder.insert(argument)
        return 0
    if letter == "d":
        if len(wire) != 3 or not _is_count(wire[2]) or type(argument) is not int:
            _malformed("A drop holds a first pick number and a count.")
        if not 0 <= argument <= INTEGER_MAX - wire[2]:
            _malformed("A drop's pick numbers lie between 0 and 2^53 - 1.")
        builder.drop(argument, wire[2])
        return 0
    if not _is_count(argument):
        _malformed("A count is an integer from 1 to 2^53 - 1.")
    n: int = argument
    if letter == "r":
        if len(wire) != 2:
            _malformed("A remove holds nothing but its count.")
        builder.remove(n)
        return n
    edits = wire[2] if len(wire) == 3 else None
    if edits is not None and not (
        type(edits) is dict and "uid" not in edits and _are_members(edits, may_delete=True)
    ):
        _malformed("Edits are a map of members to values, and a uid is never edited.")
    if letter == "k":
        builder.keep(n, edits or None)
    elif letter == "p":
        builder.pick(n, edits or None)
    else:
        _malformed("A component is one of k, r, p, i and d.")
    return n


def _check_entry(entry: object, uids: set[str]) -> None:
    if type(entry) is not dict or not _are_members(entry, may_delete=False):
        _malformed("An entry is a map of member names to values, none of them null or a float.")
    uid = entry.get("uid")
    if type(uid) is not str or not uid:
        _malformed("An entry has a uid, a string that is not empty.")
    if uid in uids:
        _malformed("An op inserts no uid twice.")
    uids.add(uid)


def _are_members(members: dict[object, object], *, may_delete: bool) -> bool:
    for name, value in members.items():
        if not is_text(name) or not name:
            return False
        if not is_value(value) and not (may_delete and value is None):
            return False
    return True


def _is_count(number: object) -> bool:
    return type(number) is int and 0 < number <= INTEGER_MAX


def _same_edits(one: Edits | None, other: Edits | None) -> bool:
    if not one or not other:
        return not one and not other
    return one is other or same(one, other)


def _malformed(message: str) -> NoReturn:
    raise OpError("op_malformed", message)

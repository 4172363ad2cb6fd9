"""Which part of an answer somebody asked for.

`fields` of the Spotify Web API: names with commas between, parts of a part in brackets or behind a dot, and a
group that begins with an exclamation mark names what is left out:

    total,items(added_at,track(name,album(!images)))       tracks.items.track.name

Knows names. Does not know any answer: what nobody asked for need not be made (`masked`), and what was made
can be cut (`Mask.cut`). Pure.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from collab.errors import Refusal

FIELDS_CHARS_MAX: Final = 2_000
# No answer is deeper; a recursive reader needs a bound.
DEPTH_MAX: Final = 12

_TOKEN: Final = re.compile(r"\s*([A-Za-z0-9_]+|[(),.!]|$)")

Source = TypeVar("Source")


@dataclass(frozen=True, slots=True)
class Mask:
    """`names` are the members that are wanted, each with its own mask; if it `leaves_out`, they are those
    that are not, each with what of it goes."""

    names: Mapping[str, "Mask"] = field(default_factory=dict)
    leaves_out: bool = False

    def below(self, name: str) -> "Mask | None":
        """What is wanted of a member; None: not even its name."""
        mask = self.names.get(name)
        if not self.leaves_out:
            return mask
        if mask is None:
            return EVERYTHING
        return mask if mask.names else None

    def cut(self, value: Any) -> Any:
        """What is wanted of something made already; lists entry by entry."""
        if self is EVERYTHING:
            return value
        if isinstance(value, list):
            return [self.cut(item) for item in value]
        if isinstance(value, dict):
            wanted = ((name, self.below(name), member) for name, member in value.items())
            return {name: below.cut(member) for name, below, member in wanted if below is not None}
        return value


EVERYTHING: Final = Mask(leaves_out=True)


def masked(
    members: Mapping[str, Callable[[Source, Mask], Any]], source: Source, mask: Mask
) -> dict[str, Any]:
    """An object of those members that are wanted; no other one's maker is called."""
    if mask is EVERYTHING:
        return {name: make(source, mask) for name, make in members.items()}
    wanted = ((name, make, mask.below(name)) for name, make in members.items())
    return {name: below.cut(make(source, below)) for name, make, below in wanted if below is not None}


def read_fields(text: str) -> Mask:
    """The mask that `fields` means; nothing at all asks for everything. Raises Refusal `bad_request`."""
    if len(text) > FIELDS_CHARS_MAX:
        raise Refusal("bad_request", f"`fields` has at most {FIELDS_CHARS_MAX:,} characters.")
    if not text.strip():
        return EVERYTHING
    return _Reader(text).whole()


class _Reader:
    """Reads one text, from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = next(self._tokens)

    def whole(self) -> Mask:
        mask = self._group(0)
        if self._next:
            raise _malformed()
        return mask

    def _group(self, depth: int, leaves_out: bool = False) -> Mask:
        """Names with commas between. Inside a group that leaves out, all do."""
        if depth > DEPTH_MAX:
            raise _malformed()
        leaves_out = self._took("!") or leaves_out
        names: dict[str, Mask] = {}
        while True:
            # A mark before a later name says nothing new where names are left out; elsewhere what nobody
            # named is left out anyway.
            is_wanted = not self._took("!") or leaves_out
            name, mask = self._member(depth, leaves_out)
            if is_wanted:
                names[name] = _joined(names[name], mask) if name in names else mask
            if not self._took(","):
                return Mask(names, leaves_out)

    def _member(self, depth: int, leaves_out: bool) -> tuple[str, Mask]:
        name = self._next
        if not name or name in "(),.!":
            raise _malformed()
        self._step()
        if self._took("."):
            if depth + 1 > DEPTH_MAX:
                raise _malformed()
            inner, mask = self._member(depth + 1, leaves_out)
            return name, Mask({inner: mask}, leaves_out)
        if self._took("("):
            mask = self._group(depth + 1, leaves_out)
            if not self._took(")"):
                raise _malformed()
            return name, mask
        return name, _GONE if leaves_out else EVERYTHING

    def _took(self, token: str) -> bool:
        if self._next != token:
            return False
        self._step()
        return True

    def _step(self) -> None:
        self._next = next(self._tokens)


# A leaf of what is left out: there is nothing below it that stays.
_GONE: Final = Mask()


def _joined(one: Mask, other: Mask) -> Mask:
    """Of a member that was named twice, both parts."""
    if one is EVERYTHING or other is EVERYTHING:
        return EVERYTHING
    if one is _GONE or other is _GONE:
        return _GONE
    if one.leaves_out != other.leaves_out:
        # One names what it wants, the other what it does not: the second allows more.
        return one if one.leaves_out else other
    names = dict(one.names)
    for name, mask in other.names.items():
        names[name] = _joined(names[name], mask) if name in names else mask
    return Mask(names, one.leaves_out)


def _tokens(text: str) -> Iterator[str]:
    """The tokens, then empty ones for ever."""
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise _malformed()
        at = found.end()
        yield found[1]
        if not found[1]:
            break
    while True:
        yield ""


def _malformed() -> Refusal:
    return Refusal("bad_request", "`fields` has the form `total,items(added_at,track(name))`.")

"""Every op on a short list.

Each fate of each entry, every way to drop what is lifted, and up to so many new entries in any gaps, before,
between and after the drops. Without edits: a member is either set or not, whatever the list does, and the
random rounds set plenty.
"""

from collections.abc import Iterator
from functools import cache
from itertools import combinations_with_replacement, product
from typing import TypeAlias

from ot.document import Document
from ot.op import Builder, Insert, Keep, Op, Pick
from ot.value import Entry

_Gap: TypeAlias = tuple[int | Entry, ...]
_Gaps: TypeAlias = tuple[_Gap, ...]


@cache
def every_op(length: int, name: str, new_max: int = 1) -> tuple[Op, ...]:
    """All ops on a list of `length` entries; `name` begins the uids of what they insert."""
    ops = []
    for fates in product("krp", repeat=length):
        for new in range(new_max + 1):
            for where in combinations_with_replacement(range(length + 1), new):
                for gaps in _with_drops(_inserted(where, length, name), fates.count("p")):
                    ops.append(_built(fates, gaps))
    return tuple(ops)


def list_of(length: int) -> Document:
    """A list of as many entries."""
    return Document([{"uid": f"d{index}"} for index in range(length)], {})


def length_after(op: Op, length: int) -> int:
    """The length of the list after an op that fits it; the identity has no components."""
    if not op.components:
        return length
    kept = sum(part.n for part in op.components if type(part) is Keep or type(part) is Pick)
    return kept + sum(len(part.entries) for part in op.components if type(part) is Insert)


def _inserted(where: tuple[int, ...], length: int, name: str) -> _Gaps:
    """Gaps with a new entry for each place in `where`."""
    gaps: list[_Gap] = [()] * (length + 1)
    for number, gap in enumerate(where):
        gaps[gap] = (*gaps[gap], {"uid": f"{name}{number}"})
    return tuple(gaps)


def _with_drops(gaps: _Gaps, picks: int) -> Iterator[_Gaps]:
    """The pick numbers put into the gaps in every way: each into every place that the ones before left."""
    if not picks:
        yield gaps
        return
    for filled in _with_drops(gaps, picks - 1):
        for index, gap in enumerate(filled):
            for place in range(len(gap) + 1):
                dropped = (*gap[:place], picks - 1, *gap[place:])
                yield (*filled[:index], dropped, *filled[index + 1 :])


def _built(fates: tuple[str, ...], gaps: _Gaps) -> Op:
    builder = Builder()
    for index, gap in enumerate(gaps):
        for produced in gap:
            if isinstance(produced, int):
                builder.drop(produced, 1)
            else:
                builder.insert([produced])
        if index < len(fates):
            {"k": builder.keep, "r": builder.remove, "p": builder.pick}[fates[index]](1)
    return Op(builder.components())

"""Every op on a short list: each fate of each entry, at most one new entry a gap, every way to drop."""

from collections.abc import Iterator
from functools import cache
from itertools import product

from ot.op import Builder, Op
from ot.value import Entry

Gaps = list[list[int | Entry]]


@cache
def every_op(length: int, name: str) -> tuple[Op, ...]:
    """All ops on a list of `length` entries; `name` begins the uids of what they insert."""
    ops = []
    for fates in product("krp", repeat=length):
        for inserting in product((False, True), repeat=length + 1):
            gaps: Gaps = [[{"uid": f"{name}{gap}"}] if new else [] for gap, new in enumerate(inserting)]
            ops += [_built(fates, filled) for filled in _with_drops(gaps, fates.count("p"))]
    return tuple(ops)


def _with_drops(gaps: Gaps, picks: int) -> Iterator[Gaps]:
    """The pick numbers put into the gaps in every way: each into every place that the ones before left."""
    if not picks:
        yield gaps
        return
    for filled in _with_drops(gaps, picks - 1):
        for index, gap in enumerate(filled):
            for place in range(len(gap) + 1):
                yield [*filled[:index], [*gap[:place], picks - 1, *gap[place:]], *filled[index + 1 :]]


def _built(fates: tuple[str, ...], gaps: Gaps) -> Op:
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

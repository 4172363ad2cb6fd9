"""What is put to the test.

The laws speak of an `Algebra` and not of our functions, so the same laws judge ours, one with a planted
fault, and another implementation behind a pipe. Knows which functions there are; the first five are those of
the conformance filter, the rest only a library has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ot.apply import apply
from ot.build import diff
from ot.check import check
from ot.compact import compact
from ot.compose import compose, compose_all
from ot.cursor import follow
from ot.digest import digest
from ot.document import Document
from ot.index import Indexed
from ot.invert import invert
from ot.op import Op
from ot.transform import Side, transform


@dataclass(frozen=True, slots=True)
class Algebra:
    """An implementation."""

    apply: Callable[[Document, Op], Document]
    compose: Callable[[Op, Op], Op]
    transform: Callable[[Op, Op, Side], Op]
    invert: Callable[[Op, Document], Op]
    digest: Callable[[Document], str]
    check: Callable[[Op, int], int]
    compose_all: Callable[[Sequence[Op]], Op]
    follow: Callable[[int, Op, Side], int]
    compact: Callable[[Op, Document], Op]
    diff: Callable[[Document, Document], Op]
    look_up: Callable[[Op, Op, Side], Op]


def _look_up(small: Op, block: Op, side: Side) -> Op:
    """`transform`, looked up even where walking would be cheaper."""
    return Indexed(block, lookup_cost=0).rebase(small, side)


OURS: Final = Algebra(
    apply=apply,
    compose=compose,
    transform=transform,
    invert=invert,
    digest=digest,
    check=check,
    compose_all=compose_all,
    follow=follow,
    compact=compact,
    diff=diff,
    look_up=_look_up,
)

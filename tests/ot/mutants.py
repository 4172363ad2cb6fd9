"""Algebras with a fault, to see that the harness finds it.

Each is a mistake that is easy to make and easy to miss: ten ordinary cases (`ordinary`) pass. The first five
pass the diamond, too, and break law L. They wrap our functions; the others are planted in a copy of the
second statement, `ot/judge.py`, which is a whole algebra and does not change when the first is made faster.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from ot import judge
from ot.apply import apply
from ot.build import diff
from ot.compact import compact
from ot.compose import compose
from ot.conformance import decode_document, encode_document
from ot.cursor import follow
from ot.document import Document
from ot.fuzz.algebra import OURS, Algebra
from ot.index import Indexed
from ot.mirror import mirror
from ot.op import Builder, Component, Drop, Insert, Keep, Op, decode, encode
from ot.transform import Side, transform


@dataclass(frozen=True)
class Mutant:
    name: str
    algebra: Algebra


# -- those that pass the diamond and break law L -------------------------------------------------------------


def rightmost(a: Op, b: Op) -> Op:
    """What stands where entries went is put behind it, not before it."""
    return mirror(compose(mirror(a), mirror(b)))


def later_left(a: Op, b: Op, side: Side) -> Op:
    """In a gap the later party stands left."""
    return mirror(transform(mirror(a), mirror(b), side))


def insert_first(op: Op) -> Op:
    """Always insert before remove."""
    return _stretches(op, lambda component: type(component) not in (Insert, Drop))


def remove_first(op: Op) -> Op:
    """Always remove before insert."""
    return _stretches(op, lambda component: type(component) in (Insert, Drop))


def without_idle_moves(op: Op) -> Op:
    """Moves that change nothing are left out."""
    length = judge.covered(encode(op))
    return compact(op, Document([{"uid": f"{index}"} for index in range(length)], {}))


def _stretches(op: Op, key: Callable[[Component], bool]) -> Op:
    """The components between two keeps, sorted."""
    builder = Builder()
    waiting: list[Component] = []
    for component in (*op.components, None):
        if component is None or type(component) is Keep:
            for one in sorted(waiting, key=key):
                builder.add(one)
            waiting.clear()
        if component is not None:
            (builder.add if type(component) is Keep else waiting.append)(component)
    return Op(builder.components(), op.attributes)


def _always(after: Callable[[Op], Op]) -> Algebra:
    """Every op that is computed is rewritten."""
    return replace(
        OURS,
        compose=lambda a, b: after(compose(a, b)),
        transform=lambda a, b, side: after(transform(a, b, side)),
    )


BREAK_LAW_L = (
    Mutant("rightmost compose", replace(OURS, compose=rightmost)),
    Mutant("later-left ties", replace(OURS, transform=later_left)),
    Mutant("insert before remove in a gap", _always(insert_first)),
    Mutant("remove before insert in a gap", _always(remove_first)),
    Mutant("moves that change nothing are elided", _always(without_idle_moves)),
)


def shortest(op: Op, document: Document) -> Op:
    """Compact that asks only for the result."""
    return Op(diff(document, apply(document, op)).components, op.attributes)


# -- those that the other laws find --------------------------------------------------------------------------


def planted(*faults: tuple[str, str]) -> Algebra:
    """The second statement with each text, which stands there once, replaced by another."""
    source = inspect.getsource(judge)
    for right, wrong in faults:
        assert source.count(right) == 1, f"plant it anew, {right!r} is not there once"
        source = source.replace(right, wrong)
    module: Any = ModuleType("judge_with_a_fault")
    exec(compile(source, module.__name__, "exec"), module.__dict__)
    return replace(
        OURS,
        apply=lambda document, op: decode_document(module.apply(encode_document(document), encode(op))),
        compose=lambda a, b: decode(module.compose(encode(a), encode(b))),
        transform=lambda a, b, side: decode(module.transform(encode(a), encode(b), side)),
        invert=lambda op, document: decode(module.invert(encode_document(document), encode(op))),
        digest=lambda document: module.digest(encode_document(document)),
    )


MUTANTS = (
    *BREAK_LAW_L,
    Mutant(
        "of two moves the first wins",
        planted(
            ('== "p" and not later:', '== "p" and later:'),
            ('("kp" if later else "k")', '("k" if later else "kp")'),
        ),
    ),
    Mutant(
        "of one field both think that they win",
        planted(("mine.edits[index] if later else _without(mine.edits[index], ", "(mine.edits[index]) or (")),
    ),
    Mutant(
        "of one attribute the first wins",
        planted(("mine.attributes if later else _without", "mine.attributes if not later else _without")),
    ),
    Mutant(
        "an insert dies inside a removed range",
        planted(
            (
                "            if not isinstance(produced, int) or theirs",
                "            if not isinstance(produced, int) and theirs.fates[index - 1 : index + 1] == "
                "['r', 'r']:\n                continue\n"
                "            if not isinstance(produced, int) or theirs",
            )
        ),
    ),
    Mutant(
        "a removal forgets an entry that was moved",
        planted(
            (
                "                meet(produced)\n",
                "                meet(produced)\n"
                "                result.fates[-1] = result.fates[-1].replace('r', 'k')\n",
            )
        ),
    ),
    Mutant(
        "an edit does not follow a moved entry",
        planted(
            (
                "                meet(produced)\n",
                "                meet(produced)\n                result.edits[-1] = {}\n",
            )
        ),
    ),
    Mutant(
        "a moved block comes in the old order",
        planted(
            (
                "        for produced in mine.gaps[index]:\n            # A removed",
                "        new = [item for item in mine.gaps[index] if not isinstance(item, int)]\n"
                "        moved = [item for item in mine.gaps[index] if isinstance(item, int)]\n"
                "        for produced in new + sorted(moved):\n            # A removed",
            )
        ),
    ),
    Mutant(
        "composing, the earlier edit wins",
        planted(
            (
                "{**one.edits[index], **two.edits[at[index]]}",
                "{**two.edits[at[index]], **one.edits[index]}",
            )
        ),
    ),
    Mutant(
        "composing, the edit of a new entry that is moved is lost",
        planted(("bring(middle[produced], two.edits[produced])", "bring(middle[produced], {})")),
    ),
    Mutant(
        "taking back does not delete what was added",
        planted(
            (
                "{name: members.get(name) for name in edits}",
                "{name: members[name] for name in edits if name in members}",
            )
        ),
    ),
    Mutant(
        "removed entries come back in reverse",
        planted(("result.gaps[-1].append(old[index])", "result.gaps[-1].insert(0, old[index])")),
    ),
    Mutant(
        "a block that was turned round is not turned back",
        planted(
            (
                "    result.gaps = _with_indexes(result.gaps, places)\n    return respell(result)\n\n\n"
                "def digest",
                "    turned = dict(zip(sorted(places), sorted(places.values()), strict=True))\n"
                "    result.gaps = _with_indexes(result.gaps, turned)\n    return respell(result)\n\n\n"
                "def digest",
            )
        ),
    ),
    Mutant(
        "null is a value and does not delete",
        planted((".items() if value is not None}", ".items()}")),
    ),
    Mutant(
        "True is 1",
        planted(("canonical(last[2:]) == canonical(component[2:])", "last[2:] == component[2:]")),
    ),
    Mutant(
        "the digest does not see the order",
        planted(('    hashes = b"".join(', '    parts.sort()\n    hashes = b"".join(')),
    ),
    Mutant(
        "a cursor does not know its side",
        replace(OURS, follow=lambda position, op, side: follow(position, op, "right")),
    ),
    Mutant("compact moves what was kept", replace(OURS, compact=shortest)),
    Mutant(
        "looking up, the later party stands left of what it meets",
        replace(OURS, look_up=lambda small, block, side: Indexed(block, lookup_cost=0).rebase(small, "left")),
    ),
)

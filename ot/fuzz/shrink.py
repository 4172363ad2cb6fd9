"""A failing case made small.

Tries one simplification after the other (an op that does nothing, one entry fewer, one removal less) and
keeps each that fails still, until none does. What a simplification changes about a list is carried into the
ops that follow, entry by entry, by uid. Knows the judge's way to spell an op. Does not know which law fails:
the caller says whether a case does.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from ot import judge
from ot.document import Document
from ot.fuzz.case import Case, applied, judged
from ot.op import IDENTITY, Op, decode, encode

# A case has some hundred simplifications, and rarely do more than fifty in a row succeed.
TRIES_MAX: Final = 10_000


def smaller(fails: Callable[[Case], bool], case: Case) -> Case:
    """A case that fails too, and of which no simplification does."""
    tries = 0
    found: Case | None = case
    while found is not None:
        case, found = found, None
        for candidate in _simplifications(case):
            tries += 1
            if tries > TRIES_MAX:
                return case
            if fails(candidate):
                found = candidate
                break
    return case


def _simplifications(case: Case) -> Iterator[Case]:
    """The case in every way a little simpler, the great steps first. Each takes something away, so that no
    chain of them is endless."""
    ops = {name: op for name, op in _ops(case).items() if op != IDENTITY}
    for name in ops:
        yield _with(case, case.document, {name: IDENTITY})
    for document in _simpler_documents(case.document):
        yield _with(case, document, {})
    befores = {"a": case.document, "b": case.document, "a2": case.after_a, "a3": case.after_a2}
    for name, op in ops.items():
        for simpler in _simpler_ops(op, len(befores[name].entries)):
            yield _with(case, case.document, {name: simpler})
    if case.cursor:
        yield replace(case, cursor=case.cursor - 1)
    if case.side == "right":
        yield replace(case, side="left")


def _ops(case: Case) -> dict[str, Op]:
    return {"a": case.a, "b": case.b, "a2": case.a2, "a3": case.a3}


def _with(case: Case, document: Document, changed: dict[str, Op]) -> Case:
    """The case on another document and with some ops changed, the rest fitted to what that makes of it."""
    ops = {**_ops(case), **changed}
    a, b = (_fitted(ops[name], case.document, document) for name in ("a", "b"))
    after_a = applied(document, a)
    a2 = _fitted(ops["a2"], case.after_a, after_a)
    a3 = _fitted(ops["a3"], case.after_a2, applied(after_a, a2))
    return judged(document, a, b, a2, a3, min(case.cursor, len(document.entries)), case.side)


def _fitted(op: Op, before: Document, now: Document) -> Op:
    """An op for `before` as one for `now`: what stands in both meets the same fate, the rest stays."""
    if before == now:
        return op
    spelled = judge.spell_out(encode(op), len(before.entries))
    places = {str(entry["uid"]): place for place, entry in enumerate(now.entries)}
    indexes = [places.get(str(entry["uid"])) for entry in before.entries]
    fitted = judge.Spelled(attributes=spelled.attributes)
    for _ in now.entries:
        fitted.consume("k", {})
    waiting: list[judge.Produced] = []  # of the gaps before entries that are not here any more
    for index, place in enumerate([*indexes, len(now.entries)]):
        for produced in spelled.gaps[index]:
            if not isinstance(produced, int):
                waiting.append(produced)
            elif (moved := indexes[produced]) is not None:
                waiting.append(moved)
        if place is not None:
            fitted.gaps[place] += waiting
            waiting = []
            if index < len(indexes):
                fitted.fates[place] = spelled.fates[index]
                fitted.edits[place] = spelled.edits[index]
    return decode(judge.respell(fitted))


def _simpler_documents(document: Document) -> Iterator[Document]:
    for index in range(len(document.entries)):
        yield Document(document.entries[:index] + document.entries[index + 1 :], document.attributes)
    if document.attributes:
        yield Document(document.entries, {})
    for index, entry in enumerate(document.entries):
        if len(entry) > 1:
            plain = {"uid": entry["uid"]}
            yield Document(
                [*document.entries[:index], plain, *document.entries[index + 1 :]], document.attributes
            )


def _simpler_ops(op: Op, length: int) -> Iterator[Op]:
    def spelled() -> judge.Spelled:
        return judge.spell_out(encode(op), length)

    for name in op.attributes:
        yield Op(op.components, {other: value for other, value in op.attributes.items() if other != name})
    whole = spelled()
    for index, fate in enumerate(whole.fates):
        if fate != "k":
            simpler = spelled()
            simpler.fates[index] = "k"
            simpler.gaps = [[produced for produced in gap if produced != index] for gap in simpler.gaps]
            yield decode(judge.respell(simpler))
        for name in whole.edits[index]:
            simpler = spelled()
            del simpler.edits[index][name]
            yield decode(judge.respell(simpler))
    for index, gap in enumerate(whole.gaps):
        for place, produced in enumerate(gap):
            if isinstance(produced, int):
                continue
            simpler = spelled()
            del simpler.gaps[index][place]
            yield decode(judge.respell(simpler))
            if len(produced) > 1:
                simpler = spelled()
                simpler.gaps[index][place] = {"uid": produced["uid"]}
                yield decode(judge.respell(simpler))

"""The conformance vectors of the algebra: what a filter is asked (`ot/conformance.py`), and what it answers.

The answers are the judge's, so that the code which is judged by them has no part in them. Of a line that is
refused only the code is given: sentences may improve.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, Literal

from ot import judge
from ot.conformance import encode_document
from ot.document import Document
from ot.fuzz.case import Case, draw
from ot.op import encode
from ot.value import INTEGER_MAX
from tests.ot.letters import edit, insert, letters, move, remove
from tests.vectors.awkward import members

Vector = dict[str, Any]

ROUNDS = 260
LENGTH_MAX = 5
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")

# As `docs/OT.md` has them.
WORKED = {
    "two blocks that overlap": (move("bcd"), move("cde", "a")),
    "a new entry inside a moved block": (move("bcd"), insert("X", "d")),
    "a removal inside a moved block": (move("bcd"), remove("c")),
    "a move into a moved block": (move("bcd"), move("h", "d")),
    "two blocks into each other": (move("bc", "g"), move("fg", "c")),
    "a new entry inside a removed block": (remove("bcd"), insert("X", "d")),
    "two appended": (insert("X"), insert("Y")),
    "appended and moved to the front": (insert("X"), move("h", "a")),
    "one entry to both ends": (move("b", "a"), move("b")),
    "one field set twice": (edit("c", 1), edit("c", 2)),
    "an edit of a removed entry": (edit("c", 1), remove("bcd")),
    "an edit of a moved entry": (edit("c", 1), move("bcd")),
}


def algebra(random: Random) -> Iterator[Vector]:
    """Questions and answers: worked examples, random ones, and what is refused."""
    for name, (one, other) in WORKED.items():
        for side in SIDES:
            yield _transform(f"{name}, {side}", encode(one), encode(other), side)
            yield _transform(f"{name}, turned round, {side}", encode(other), encode(one), side)
        yield _apply(f"{name}: apply", encode_document(letters()), encode(one))
    for number in range(ROUNDS):
        yield from _drawn(number, draw(random, number * (LENGTH_MAX + 1) // ROUNDS), random)
    for name, request, code in _refused():
        yield {"name": f"refused: {name}", "given": request, "expected": {"error": {"code": code}}}


def _drawn(number: int, case: Case, random: Random) -> Iterator[Vector]:
    document, a, b, a2 = encode_document(case.document), encode(case.a), encode(case.b), encode(case.a2)
    for side in SIDES:
        yield _transform(f"transform {number}, {side}", a, b, side)
        yield _transform(f"transform {number}, turned round, {side}", b, a, side)
    yield _compose(f"compose {number}", a, a2)
    # Law L: a third party gets the same over both at once.
    yield _transform(f"transform over two {number}", b, judge.compose(a, a2), "right")
    yield _apply(f"apply {number}", document, a)
    yield _invert(f"invert {number}", document, a)
    yield _invert(f"invert two {number}", document, judge.compose(a, a2))
    if number % 4 == 0:
        awkward = Document([{**members(random, 2), **entry} for entry in case.document.entries], {})
        yield _digest(f"digest {number}", encode_document(awkward))
        yield _apply(f"apply to awkward members {number}", encode_document(awkward), b)


def _transform(name: str, a: Vector, b: Vector, side: Literal["left", "right"]) -> Vector:
    given = {"fn": "transform", "a": a, "b": b, "side": side}
    return {"name": name, "given": given, "expected": {"op": judge.transform(a, b, side)}}


def _compose(name: str, a: Vector, b: Vector) -> Vector:
    given = {"fn": "compose", "a": a, "b": b}
    return {"name": name, "given": given, "expected": {"op": judge.compose(a, b)}}


def _apply(name: str, document: Vector, op: Vector) -> Vector:
    given = {"fn": "apply", "doc": document, "op": op}
    return {"name": name, "given": given, "expected": {"doc": judge.apply(document, op)}}


def _invert(name: str, document: Vector, op: Vector) -> Vector:
    given = {"fn": "invert", "doc": document, "op": op}
    return {"name": name, "given": given, "expected": {"op": judge.invert(document, op)}}


def _digest(name: str, document: Vector) -> Vector:
    return {
        "name": name,
        "given": {"fn": "digest", "doc": document},
        "expected": {"digest": judge.digest(document)},
    }


def _refused() -> Iterator[tuple[str, object, str]]:
    """Requests that cannot be answered, with the code of the error."""
    yield "no map", [], "request_malformed"
    yield "no function", {}, "request_malformed"
    yield "a function that is none", {"fn": "sing"}, "request_malformed"
    yield "no side", {"fn": "transform", "a": {}, "b": {}}, "request_malformed"
    yield "a side that is none", {"fn": "transform", "a": {}, "b": {}, "side": "middle"}, "request_malformed"
    yield "no ops", {"fn": "compose"}, "op_malformed"
    yield "a null op", {"fn": "compose", "a": {}, "b": None}, "op_malformed"
    x = {"uid": "x"}
    bad_ops: dict[str, Any] = {
        "a member that is unknown": {"x": 1},
        "components that are no list": {"l": {}},
        "attributes that are no map": {"a": []},
        "a letter that is none": {"l": [["x", 1]]},
        "a component that is no list": {"l": ["k"]},
        "an empty component": {"l": [[]]},
        "a count of nothing": {"l": [["k", 0]]},
        "a negative count": {"l": [["r", -1]]},
        "a count that is true": {"l": [["k", True]]},
        "a count above 2^53 - 1": {"l": [["k", 2**53]]},
        "counts above 2^53 - 1 together": {"l": [["k", INTEGER_MAX], ["r", 1]]},
        "a remove with edits": {"l": [["r", 1, {"note": 1}]]},
        "an edit of the uid": {"l": [["k", 1, {"uid": "y"}]]},
        "edits that are no map": {"l": [["p", 1, []], ["d", 0, 1]]},
        "an insert of nothing": {"l": [["i", []]]},
        "an entry without a uid": {"l": [["i", [{"track": "t"}]]]},
        "an entry with a uid that is no string": {"l": [["i", [{"uid": 1}]]]},
        "an entry with a null": {"l": [["i", [{**x, "note": None}]]]},
        "a uid twice": {"l": [["i", [x]], ["k", 1], ["i", [x]]]},
        "a drop without a count": {"l": [["p", 1], ["d", 0]]},
        "a drop from before the first": {"l": [["p", 1], ["d", -1, 1]]},
        "an attribute without a name": {"a": {"": 1}},
        "a value that is nested too deep": {"a": {"x": [[[[[]]]]]}},
        "an integer above 2^53 - 1": {"a": {"x": 2**53}},
    }
    for name, op in bad_ops.items():
        yield name, {"fn": "compose", "a": op, "b": {}}, "op_malformed"
    document = {"entries": [{"uid": "a"}, {"uid": "b"}], "attributes": {}}
    for fn in ("apply", "invert"):
        for name, op, code in (
            ("too short", {"l": [["r", 1]]}, "op_length"),
            ("too long", {"l": [["k", 1], ["r", 2]]}, "op_length"),
            ("a pick that is not dropped", {"l": [["p", 2]]}, "op_drops"),
            ("a drop that is not picked", {"l": [["d", 0, 1], ["r", 2]]}, "op_drops"),
            (
                "a pick that is dropped twice",
                {"l": [["d", 0, 1], ["p", 1], ["d", 0, 1], ["r", 1]]},
                "op_drops",
            ),
        ):
            yield f"{fn}, {name}", {"fn": fn, "doc": document, "op": op}, code
    one, two = {"l": [["r", 1]]}, {"l": [["r", 2]]}
    for side in SIDES:
        yield f"other lengths, {side}", {"fn": "transform", "a": one, "b": two, "side": side}, "op_length"
    yield "a second op for another list", {"fn": "compose", "a": two, "b": one}, "op_length"
    bad_documents: dict[str, Any] = {
        "no document": None,
        "no entries": {"attributes": {}},
        "entries that are no list": {"entries": {}, "attributes": {}},
        "an entry that is no map": {"entries": ["a"], "attributes": {}},
        "no uid": {"entries": [{"track": "t"}], "attributes": {}},
        "a null member": {"entries": [{"uid": "a", "note": None}], "attributes": {}},
        "a null attribute": {"entries": [], "attributes": {"name": None}},
        "attributes that are no map": {"entries": [], "attributes": []},
        "a list nested too deep": {"entries": [{"uid": "a", "x": [[[[[]]]]]}], "attributes": {}},
    }
    for name, bad in bad_documents.items():
        yield f"{name}, digest", {"fn": "digest", "doc": bad}, "document_malformed"
        yield f"{name}, apply", {"fn": "apply", "doc": bad, "op": {}}, "document_malformed"

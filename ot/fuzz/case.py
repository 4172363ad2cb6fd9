"""What a law is tried on.

A `Case` is drawn once, and each law takes from it what it needs. It carries what its ops must lead to, from
the generator or else from the judge, never from the algebra on trial. As JSON it is a file that somebody can
read, keep by name and try again.
"""

from dataclasses import dataclass

from ot import judge
from ot.conformance import decode_document, encode_document
from ot.document import Document
from ot.fuzz import generate
from ot.fuzz.draws import Draws
from ot.op import Op, decode, encode
from ot.transform import Side


@dataclass(frozen=True, slots=True)
class Case:
    """`a` and `b` are concurrent, on `document`; `a2` follows `a`, and `a3` follows `a2`. The rest is what
    they must lead to, and a cursor in `document` with its side."""

    document: Document
    a: Op
    b: Op
    a2: Op
    a3: Op
    after_a: Document
    after_b: Document
    after_a2: Document
    after_a3: Document
    cursor: int
    side: Side


def draw(draws: Draws, length_max: int) -> Case:
    """A case on a list of up to `length_max` entries, as the generator says what its ops do."""
    uids = generate.Uids()
    document = generate.document(draws, uids, draws.randint(0, length_max))
    a, after_a = generate.op(draws, uids, document)
    b, after_b = generate.op(draws, uids, document)
    a2, after_a2 = generate.op(draws, uids, after_a)
    a3, after_a3 = generate.op(draws, uids, after_a2)
    cursor = draws.randint(0, len(document.entries))
    side: Side = draws.choice(("left", "right"))
    return Case(document, a, b, a2, a3, after_a, after_b, after_a2, after_a3, cursor, side)


def judged(document: Document, a: Op, b: Op, a2: Op, a3: Op, cursor: int, side: Side) -> Case:
    """A case of which only the judge says what its ops do."""
    after_a = applied(document, a)
    after_b = applied(document, b)
    after_a2 = applied(after_a, a2)
    after_a3 = applied(after_a2, a3)
    return Case(document, a, b, a2, a3, after_a, after_b, after_a2, after_a3, cursor, side)


def applied(document: Document, op: Op) -> Document:
    """What the judge says that `op` makes of a document."""
    return decode_document(judge.apply(encode_document(document), encode(op)))


def encode_case(case: Case) -> dict[str, object]:
    """The case as builtins, ready for JSON."""
    return {
        "document": encode_document(case.document),
        "a": encode(case.a),
        "b": encode(case.b),
        "a2": encode(case.a2),
        "a3": encode(case.a3),
        "cursor": case.cursor,
        "side": case.side,
    }


def decode_case(wire: dict[str, object]) -> Case:
    """The case that `encode_case` wrote down. Raises ValueError or KeyError if it is none."""
    cursor, side = wire["cursor"], wire["side"]
    if type(cursor) is not int or (side != "left" and side != "right"):
        raise ValueError("A case has a cursor, and a side that is left or right.")
    document = decode_document(wire["document"])
    a, b, a2, a3 = (decode(wire[name]) for name in ("a", "b", "a2", "a3"))
    return judged(document, a, b, a2, a3, cursor, "left" if side == "left" else "right")

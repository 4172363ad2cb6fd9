"""What equal means, to the letter.

Python's `==` takes True for 1 and JSON does not, so ops and documents are compared as JSON. Knows that, and
normal form.
"""

import json
from itertools import pairwise

from ot import judge
from ot.conformance import encode_document
from ot.document import Document
from ot.op import Drop, Insert, Keep, Op, Pick, encode
from ot.value import Edits


class Broken(Exception):
    """A law does not hold; the message says what was found and what it should have been."""


def same_document(what: str, found: Document, expected: Document) -> None:
    """Raises Broken unless the documents are equal."""
    if found is not expected:
        same_json(what, encode_document(found), encode_document(expected))


def same_op(what: str, found: Op, expected: Op) -> None:
    """Raises Broken unless the ops are equal to the letter."""
    if found is not expected:
        same_json(what, encode(found), encode(expected))


def same_json(what: str, found: object, expected: object) -> None:
    """Raises Broken unless both are the same JSON."""
    if json.dumps(found, sort_keys=True) != json.dumps(expected, sort_keys=True):
        raise Broken(f"{what}: found {judge.canonical(found)}, expected {judge.canonical(expected)}")


def is_normal(op: Op) -> bool:
    """Normal form, read off the components: none empty, equal neighbours merged, no lone plain keep."""
    for component in op.components:
        match component:
            case Insert(entries):
                if not entries:
                    return False
            case Keep(n, edits) | Pick(n, edits):
                if n < 1 or edits == {}:
                    return False
            case _ if component.n < 1:
                return False
    for one, other in pairwise(op.components):
        if type(one) is Drop and type(other) is Drop:
            if one.start + one.n == other.start:
                return False
        elif type(one) is type(other) and judge.canonical(_edits(one)) == judge.canonical(_edits(other)):
            return False
    return (
        op.components == ()
        or op.components[1:] != ()
        or _edits(op.components[0]) is not None
        or (type(op.components[0]) is not Keep)
    )


def _edits(component: object) -> Edits | None:
    return component.edits if isinstance(component, Keep | Pick) else None

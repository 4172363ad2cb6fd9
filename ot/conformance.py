"""`python -m ot.conformance`: our algebra as a filter, to compare any other one with.

JSON lines in, one JSON line out for each, flushed at once:

    {"fn": "transform", "a": OP, "b": OP, "side": "left" | "right"}   →  {"op": OP}
    {"fn": "compose", "a": OP, "b": OP}                               →  {"op": OP}
    {"fn": "apply", "doc": DOC, "op": OP}                             →  {"doc": DOC}
    {"fn": "invert", "doc": DOC, "op": OP}                            →  {"op": OP}
    {"fn": "digest", "doc": DOC}                                      →  {"digest": "…"}

with ops as on the wire and DOC = `{"entries": [{"uid": …, …}, …], "attributes": {…}}`. `doc` of invert is the
document before the op. A line that asks nothing sensible gives `{"error": {"code": …, "message": …}}`, and
the filter goes on. Codes are those of `ot.op.OpError`, and `request_malformed` and `document_malformed`.
Other members of a request are ignored.
"""

import json
import sys
from typing import BinaryIO, Final, NoReturn

from ot.apply import apply
from ot.check import check
from ot.compose import compose
from ot.digest import digest
from ot.document import Document
from ot.invert import invert
from ot.op import Drop, Insert, Op, OpError, decode, encode
from ot.transform import transform
from ot.value import is_text, is_value

# An op of 25,000 components beside a long list; a longer line is an error, and is not kept.
LINE_BYTES_MAX: Final = 16 * 1024 * 1024


class RequestError(ValueError):
    """A line that is no request. `code` is request_malformed or document_malformed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def answer(line: bytes) -> dict[str, object]:
    """What the filter says to one line; never raises."""
    try:
        return _answered(_parsed(line))
    except (RequestError, OpError) as error:
        return {"error": {"code": error.code, "message": error.message}}


def filter_lines(source: BinaryIO, sink: BinaryIO) -> None:
    """Answers each line of `source` on `sink`, until it ends."""
    while line := source.readline(LINE_BYTES_MAX):
        if len(line) == LINE_BYTES_MAX and not line.endswith(b"\n"):
            while not line.endswith(b"\n") and (line := source.readline(LINE_BYTES_MAX)):
                pass
            line = b""  # a line that is too long is answered as one that is not JSON
        sink.write(json.dumps(answer(line), separators=(",", ":")).encode() + b"\n")
        sink.flush()


def decode_document(wire: object) -> Document:
    """A document from what JSON made of bytes that anybody may have sent. Raises RequestError."""
    if type(wire) is not dict or type(wire.get("entries")) is not list:
        _malformed_document("A document is a map with a list of entries and a map of attributes.")
    attributes = wire.get("attributes", {})
    if not _are_members(attributes):
        _malformed_document("Attributes are a map of names to values, none of them null or a float.")
    for entry in wire["entries"]:
        if not _are_members(entry):
            _malformed_document("An entry is a map of member names to values, none of them null or a float.")
        if type(entry.get("uid")) is not str or not entry["uid"]:
            _malformed_document("An entry has a uid, a string that is not empty.")
    return Document(wire["entries"], attributes)


def encode_document(document: Document) -> dict[str, object]:
    """The document as it travels, of builtins only. Shares entries with it."""
    return {"entries": document.entries, "attributes": document.attributes}


def _parsed(line: bytes) -> dict[str, object]:
    try:
        request = json.loads(line, object_pairs_hook=_map, parse_float=_no_number, parse_constant=_no_number)
    except RecursionError:
        raise RequestError("request_malformed", "The line is nested too deep.") from None
    except ValueError as error:
        raise RequestError(
            "request_malformed", f"The line is not JSON as it is used here: {error}."
        ) from None
    if type(request) is not dict:
        raise RequestError("request_malformed", "A request is a map with `fn` and its arguments.")
    return request


def _answered(request: dict[str, object]) -> dict[str, object]:
    match request.get("fn"):
        case "transform":
            return {"op": encode(_transformed(request))}
        case "compose":
            a, b = decode(request.get("a")), decode(request.get("b"))
            length = _length(a if a.components else b)
            check(b, check(a, length))
            return {"op": encode(compose(a, b))}
        case "apply":
            document, op = _document_and_op(request)
            return {"doc": encode_document(apply(document, op))}
        case "invert":
            document, op = _document_and_op(request)
            return {"op": encode(invert(op, document))}
        case "digest":
            return {"digest": digest(decode_document(request.get("doc")))}
        case _:
            raise RequestError(
                "request_malformed", "`fn` is one of transform, compose, apply, invert and digest."
            )


def _transformed(request: dict[str, object]) -> Op:
    a, b, side = decode(request.get("a")), decode(request.get("b")), request.get("side")
    if side != "left" and side != "right":
        raise RequestError("request_malformed", "`side` is left or right.")
    length = _length(a if a.components else b)
    check(a, length)
    check(b, length)
    return transform(a, b, "left" if side == "left" else "right")


def _document_and_op(request: dict[str, object]) -> tuple[Document, Op]:
    document, op = decode_document(request.get("doc")), decode(request.get("op"))
    check(op, len(document.entries))
    return document, op


def _length(op: Op) -> int:
    """The length of the list that the op is for; 0 if it fits every list."""
    return sum(
        component.n
        for component in op.components
        if type(component) is not Insert and type(component) is not Drop
    )


def _are_members(members: object) -> bool:
    return type(members) is dict and all(
        is_text(name) and name and is_value(value) for name, value in members.items()
    )


def _map(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a map names a member twice")
    return members


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"numbers are whole, and {text} is not")


def _malformed_document(message: str) -> NoReturn:
    raise RequestError("document_malformed", message)


if __name__ == "__main__":
    filter_lines(sys.stdin.buffer, sys.stdout.buffer)

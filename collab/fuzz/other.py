"""Another implementation of the algebra, behind a pipe.

Any program that is a conformance filter (`ot/conformance.py`: JSON lines in, JSON lines out) can be put to
the laws. It is started when it is first asked, and again after it ended or said nothing for too long; either
breaks the law that asked.
"""

import json
import os
import selectors
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from collab.errors import CannotStart
from ot.conformance import decode_document, encode_document
from ot.document import Document
from ot.fuzz.algebra import OURS, Algebra
from ot.fuzz.expect import Broken, same_json
from ot.op import Op, decode, encode
from ot.transform import Side

# A case is a few hundred bytes; who needs longer for one is stuck.
PATIENCE_S: Final = 10.0
_READ_BYTES: Final = 64 * 1024


class Other:
    """A filter, asked one line at a time. Close it in the end."""

    def __init__(self, command: Sequence[str], patience_s: float = PATIENCE_S) -> None:
        self._command = command
        self._patience_s = patience_s
        self._process: subprocess.Popen[bytes] | None = None
        self._unread = b""
        try:
            self._started()
        except OSError as error:
            raise CannotStart(f"{command[0]} cannot be started: {error.strerror}.") from None

    def algebra(self) -> Algebra:
        """The filter's functions as an algebra; those that a filter does not have are ours."""
        return replace(
            OURS,
            apply=self._apply,
            compose=self._compose,
            transform=self._transform,
            invert=self._invert,
            digest=self._digest,
        )

    def close(self) -> None:
        """Ends the program."""
        if self._process is not None:
            with suppress(OSError):
                self._process.kill()
            self._process.communicate()
            self._process = None

    def _apply(self, document: Document, op: Op) -> Document:
        answer = self._ask({"fn": "apply", "doc": encode_document(document), "op": encode(op)}, "doc")
        return decode_document(answer)

    def _compose(self, a: Op, b: Op) -> Op:
        return _op(self._ask({"fn": "compose", "a": encode(a), "b": encode(b)}, "op"))

    def _transform(self, a: Op, b: Op, side: Side) -> Op:
        return _op(self._ask({"fn": "transform", "a": encode(a), "b": encode(b), "side": side}, "op"))

    def _invert(self, op: Op, document: Document) -> Op:
        return _op(self._ask({"fn": "invert", "doc": encode_document(document), "op": encode(op)}, "op"))

    def _digest(self, document: Document) -> str:
        return str(self._ask({"fn": "digest", "doc": encode_document(document)}, "digest"))

    def _ask(self, request: dict[str, object], wanted: str) -> object:
        """The member `wanted` of the answer. Raises Broken if there is none."""
        try:
            line = self._line(json.dumps(request).encode() + b"\n")
            answer = json.loads(line)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise Broken(f"{request} is answered by no line of JSON: {error}") from None
        if not isinstance(answer, dict) or wanted not in answer:
            raise Broken(f"{request} is answered by {answer}")
        return answer[wanted]

    def _line(self, request: bytes) -> bytes:
        process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(request)
        process.stdin.flush()
        deadline = time.monotonic() + self._patience_s
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                if not selector.select(deadline - time.monotonic()):
                    raise TimeoutError(f"nothing for {self._patience_s:g} seconds")
                read = os.read(process.stdout.fileno(), _READ_BYTES)
                if not read:
                    raise EOFError("the program has ended")
                self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._unread = b""
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._process


def _op(wire: object) -> Op:
    op = decode(wire)
    same_json("an answer in normal form", wire, encode(op))
    return op

"""Whether two replicas of a Jam are equal.

SHA-256 over canonical JSON: keys by code point at every depth, no spaces, only `"`, `\\` and U+0000–U+001F
escaped (the last as `\\u00xx`), UTF-8 as it stands. Any language can do the same.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from jam.state import Jam

DIGEST_DIGITS = 16
_encode = msgspec.json.Encoder(order="sorted").encode
# What the encoder writes shorter than the canonical form does.
_SHORT = {rb"\n": rb"\u000a", rb"\r": rb"\u000d", rb"\t": rb"\u0009", rb"\b": rb"\u0008", rb"\f": rb"\u000c"}
_ESCAPES = re.compile(rb"\\.")


def digest(jam: Jam) -> str:
    """16 hex digits of the snapshot."""
    return _of(jam)


def order_digest(order: Sequence[str]) -> str:
    """16 hex digits of the ids of the entries in the queue's order."""
    return _of(order)


def canonical_json(value: Any) -> bytes:
    """What is hashed."""
    text = _encode(value)
    if b"\\" in text:
        text = _ESCAPES.sub(lambda found: _SHORT.get(found[0], found[0]), text)
    return text


def _of(value: Any) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()[:DIGEST_DIGITS]

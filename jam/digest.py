"""Whether two replicas of a Jam are equal.

SHA-256 over canonical JSON: keys by code point at every depth, no spaces, only `"`, `\\` and U+0000–U+001F
escaped (the last as `\\u00xx`), UTF-8 as it stands. Any language can do the same.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from jam.state import Jam, dump

DIGEST_DIGITS = 16
# What `json` writes shorter than the canonical form does.
_SHORT = {"\\n": "\\u000a", "\\r": "\\u000d", "\\t": "\\u0009", "\\b": "\\u0008", "\\f": "\\u000c"}
_ESCAPES = re.compile(r"\\(?:\\|\"|u[0-9a-f]{4}|[nrtbf])")


def digest(jam: Jam) -> str:
    """16 hex digits of the snapshot."""
    return _of(dump(jam))


def order_digest(order: Sequence[str]) -> str:
    """16 hex digits of the ids of the entries in the queue's order."""
    return _of(list(order))


def _of(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if "\\" in text:
        text = _ESCAPES.sub(lambda found: _SHORT.get(found[0], found[0]), text)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_DIGITS]

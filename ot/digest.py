"""Whether two replicas hold the same state, in 16 characters.

The canonical JSON is fixed in `docs/PROTOCOL.md`, byte for byte, so that every client computes the same:
keys by code point at every depth, no spaces, integers in plain decimal, `"` and `\\` escaped by a backslash,
control characters always as `\\u00xx`, UTF-8, not normalised. Knows that JSON and SHA-256.
"""

import re
from hashlib import sha256
from typing import Final

import msgspec

from ot.document import Document
from ot.value import Entry, Value

DIGEST_LENGTH: Final = 16

_ENTRY_HASH_BYTES: Final = 8
_plain_json: Final = msgspec.json.Encoder(order="sorted").encode
_ESCAPED = re.compile(r'["\\\x00-\x1f]')


class Digester:
    """Digests of one document as it changes.

    Remembers the hash of each entry of the last document: an edit makes one new entry and shares the others,
    so a digest of a slowly changing list hashes only what changed. Holds that last list, and nothing older.
    """

    __slots__ = ("_entries", "_hashes")

    def __init__(self) -> None:
        # Keyed by id(): holding the entries is what keeps an id from being given to another one.
        self._entries: list[Entry] = []
        self._hashes: dict[int, bytes] = {}

    def digest(self, document: Document) -> str:
        """16 lower-case hex digits: of the SHA-256 over the first 8 bytes of the SHA-256 of each entry in
        order, then of the attributes."""
        entries = document.entries
        ids = list(map(id, entries))
        found = list(map(self._hashes.get, ids))
        hashes = [known or _hash(entry) for known, entry in zip(found, entries, strict=True)]
        self._hashes = dict(zip(ids, hashes, strict=True))
        self._entries = entries
        return sha256(b"".join(hashes) + _hash(document.attributes)).hexdigest()[:DIGEST_LENGTH]


def digest(document: Document) -> str:
    """The digest of a document that nobody remembers."""
    return Digester().digest(document)


def canonical_json(value: Value) -> str:
    """The JSON that is hashed."""
    if type(value) is str:
        return _quoted(value)
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is dict:
        return "{" + ",".join(f"{_quoted(key)}:{canonical_json(value[key])}" for key in sorted(value)) + "}"
    if type(value) is list:
        return "[" + ",".join(map(canonical_json, value)) + "]"
    return str(value)


def _hash(value: Entry) -> bytes:
    # Where nothing is escaped the library's JSON is the canonical one, in a tenth of the time.
    text = _plain_json(value)
    if b"\\" in text:
        text = canonical_json(value).encode()
    return sha256(text).digest()[:_ENTRY_HASH_BYTES]


def _quoted(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return f"\\u{ord(character):04x}" if character < " " else "\\" + character

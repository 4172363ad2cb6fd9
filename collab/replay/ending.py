"""Whether a playlist ended the same for everybody.

Compares what its editors' replicas hold with a fresh socket's snapshot, by digest, and with what HTTP shows.
HTTP has times in whole seconds and its own names for things: what it shows must be the snapshot in that
shape. Pure. Does not know how any of them was read.
"""

from collections.abc import Sequence
from typing import Any

from collab.http_ports import DocumentView
from collab.http_requests import Page
from collab.http_shapes import items_json
from collab.replay.web import Read
from ot.digest import digest
from ot.document import Document
from storage.rows import Head


def differences(replicas: Sequence[str], fresh: Document, read: Read) -> list[str]:
    """What differs, a clause each; empty if all are the same. `replicas` are their digests."""
    found: list[str] = []
    wanted = digest(fresh)
    for editor, replica in enumerate(replicas, 1):
        if replica != wanted:
            found.append(f"the replica of editor {editor} has the digest {replica}, not {wanted}")
    if read.name != fresh.attributes["name"]:
        found.append("HTTP shows another name")
    if read.items != _shown(read.base, fresh):
        found.append("HTTP shows other entries")
    return found


def _shown(base: str, document: Document) -> list[dict[str, Any]]:
    head = Head("", "playlist", "", version=0, changes=0)
    view = DocumentView(head, "owner", document.entries, document.attributes)
    items: list[dict[str, Any]] = items_json(base, view, Page(0, len(document.entries)))["items"]
    return items

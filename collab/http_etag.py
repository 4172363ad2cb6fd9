"""Whether whoever asks has the answer already (RFC 9110, section 13.1.2). Pure."""

from collections.abc import Mapping
from typing import Final

# An answer of the API is for whoever asked; it may be kept, and is asked about each time.
ASKED_EACH_TIME: Final = "private, no-cache"


def is_known(headers: Mapping[str, str], etag: str) -> bool:
    """Whether `If-None-Match` names this answer, or any; a mark for weakness says nothing here."""
    asked = headers.get("if-none-match")
    if asked is None:
        return False
    return any(tag.strip().removeprefix("W/") in ("*", etag) for tag in asked.split(","))

"""From bytes to lines.

Knows encodings: files say UTF-8 or UTF-16 by a mark at their beginning; without one they are UTF-8, or, as
long as Windows wrote playlists, its Western code page. Does not know what the lines mean.
"""

import codecs
import io
from collections.abc import Iterator
from typing import Final

from collab.formats.listing import Unreadable

# What is longer was written by no program that writes playlists.
LINE_CHARS_MAX: Final = 64 * 1024
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decoded(content: bytes) -> str:
    """The text without its mark. Raises Unreadable for what is no text."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _as(content[len(mark) :], encoding)
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = _as(content, "cp1252")
    return _without_nul(text)


def _as(content: bytes, encoding: str) -> str:
    try:
        return _without_nul(content.decode(encoding))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable("This is no text that can be read; save the file as UTF-8.", line) from None


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise Unreadable("This is no text.", text[: text.index("\0")].count("\n") + 1)
    return text


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line without its end, and its number. Raises Unreadable at one that is too long."""
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if len(line) > LINE_CHARS_MAX:
            raise Unreadable(f"The line has more than {LINE_CHARS_MAX} characters.", number)
        yield number, line.removesuffix("\n")

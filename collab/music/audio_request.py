"""What of a file a request wants: all of it, a part, or nothing because it has it already.

The conditions of RFC 9110 section 13 and the ranges of its section 14, for a file that has a strong validator
and no date. Several ranges that make one stretch are answered as that; other lists of ranges, and what is no
range at all, get the whole file, as the RFC allows: no player asks for scattered pieces, and nobody can make
the server do so. Pure: header lines in, an answer out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

# More ranges than a player could want; a longer list is not looked through.
RANGES_MAX: Final = 16
# Beyond any file; a position with more digits is there, too.
_DIGITS_MAX: Final = 18
_BEYOND: Final = 10**_DIGITS_MAX

_ENTITY_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_RANGE: Final = re.compile(r"(\d*)-(\d*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `start` up to, and without, `end`."""

    start: int
    end: int


# What is answered without a byte of the file: it is as the client has it (304), it is not as the client
# wants it (412), or it has no such part (416).
Bodiless = Literal["not_modified", "precondition_failed", "unsatisfiable"]


def wanted(method: str, headers: Mapping[str, str], size: int, etag: str) -> Part | Bodiless | None:
    """None: all of it. `headers` find names in any case; `etag` is strong, with its quotes."""
    if not _allows("if-match", headers, etag):
        return "precondition_failed"
    unless = headers.get("if-none-match")
    if unless is not None and _names(unless, etag, weakly=True):
        return "not_modified"
    # Ranges are defined for GET alone (section 14.2).
    if method != "GET" or headers.get("if-range", etag).strip() != etag:
        return None
    return _part(headers.get("range", ""), size)


def _allows(name: str, headers: Mapping[str, str], etag: str) -> bool:
    tags = headers.get(name)
    return tags is None or _names(tags, etag, weakly=False)


def _names(tags: str, etag: str, *, weakly: bool) -> bool:
    """Whether a list of entity tags names this one."""
    listed = _ENTITY_TAG.findall(tags)
    return tags.strip() == "*" or etag in listed or (weakly and f"W/{etag}" in listed)


def _part(ranges: str, size: int) -> Part | Literal["unsatisfiable"] | None:
    unit, _, listed = ranges.partition("=")
    specs = [spec.strip() for spec in listed.split(",", RANGES_MAX)]
    if unit.strip().lower() != "bytes" or len(specs) > RANGES_MAX:
        return None
    parts = []
    for spec in filter(None, specs):
        matched = _RANGE.fullmatch(spec)
        part = None if matched is None else _stretch(matched[1], matched[2], size)
        if part is None:
            return None
        parts.append(part)
    there = sorted((part for part in parts if part.start < part.end), key=lambda part: part.start)
    if not there:
        return "unsatisfiable" if parts else None
    end = there[0].end
    for part in there:
        if part.start > end:
            return None
        end = max(end, part.end)
    return Part(there[0].start, end)


def _stretch(first: str, last: str, size: int) -> Part | None:
    """Empty for what lies beyond the end; None for what is no range."""
    if first:
        start, end = _number(first), _number(last) + 1 if last else size
        return None if last and end <= start else Part(start, min(end, size))
    # The last so many bytes.
    return Part(max(0, size - _number(last)), size) if last else None


def _number(digits: str) -> int:
    return int(digits) if len(digits) <= _DIGITS_MAX else _BEYOND

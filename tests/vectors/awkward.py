"""Strings and numbers that tell implementations apart.

JavaScript counts UTF-16 units, sorts by them, and has its own idea of which characters JSON escapes; Python
counts code points. Whoever treats one of these wrongly computes another digest or another length.
"""

from random import Random
from typing import Any, Final

TEXTS: Final = (
    "",
    "a",
    "Für Elise",  # composed
    "Fu\u0308r Elise",  # decomposed: not normalised, so another string
    'she said "hm"',
    "back\\slash",
    "slash/",  # some encoders write \/
    "line\nbreak\r\n\ttab",
    "\x00\x01\x08\x0c\x1f",
    "\x7f\x80\x9f",  # control characters that are not escaped
    "\u2028\u2029",  # line ends in JavaScript, not in JSON
    "\ufeffbom",
    "\u200d\u200b\u00ad",
    "\ud7ff\ue000\uffff",  # the neighbours of the surrogates
    "\U0001f3b5",  # one code point, two UTF-16 units
    "\U0001f469\u200d\U0001f3a4",
    "\U0010ffff",
    "שלום \u202eמלך",
    "東京事変",
    "<script>&amp;</script>",
    "%00%22",
    "${x} {0} %s",
    "null",
    "1e3",
)

# Sorted by code point "\uffff" comes first, by UTF-16 unit "\U00010000" does.
KEYS: Final = (
    *(text for text in TEXTS if text),
    "\U00010000",
    "Z",
    "ä",
    "10",
    "9",
    "__proto__",
    "constructor",
)

INTEGERS: Final = (0, 1, -1, 127, 128, 255, 256, 65_535, 65_536, 2**31, 2**32, 2**53 - 1, -(2**53 - 1))


def text(random: Random) -> str:
    return "".join(random.choice(TEXTS) for _ in range(random.randint(1, 3)))


def value(random: Random, depth: int = 2) -> Any:
    """What a member of an entry may hold; null only inside lists and maps."""
    kind = random.randrange(7 if depth else 4)
    if kind == 0:
        return random.choice((True, False))
    if kind == 1:
        return random.choice(INTEGERS)
    if kind in (2, 3):
        return text(random)
    if kind == 4:
        return [_inner(random, depth - 1) for _ in range(random.randrange(4))]
    return members(random, random.randrange(4), depth - 1, inner=True)


def members(random: Random, count: int, depth: int = 2, *, inner: bool = False) -> dict[str, Any]:
    """A map with up to `count` awkward keys, in no order."""
    make = _inner if inner else value
    return {random.choice(KEYS): make(random, depth) for _ in range(count)}


def _inner(random: Random, depth: int) -> Any:
    return None if random.random() < 0.2 else value(random, depth)

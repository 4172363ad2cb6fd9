"""What people type for a code, and which code that is."""

from collections.abc import Iterator
from random import Random
from typing import Any

from jam.codes import ALPHABET, LENGTH, normalise, shown

Vector = dict[str, Any]

CODE = "K7QX2MBD"
TYPED = (
    CODE, "k7qx-2mbd", "  k7 qx\t2m bd\n", "K7QX–2MBD", "K7QX — 2MBD", "K7QX\u20112MBD", "K7QX\u22122MBD",
    "K7QX\u00a02MBD", "k7qx_2mbd", "K7QX·2MBD", "\u200bK7QX\u00ad2MBD\u2060\ufeff", "Ｋ７ＱＸ－２ＭＢＤ",
    "K7QX\x1c2MBD\x85", "-".join(CODE), "", "-", "K7QX2MB", "K7QX2MBDD", "K7QX2MB0", "K7QX2MBI", "K7QX2MB!",
    "K7QX2MB\0", "K7QX2MBД", "K7QX2Mß", "K7QX2Mſ", "\u212a7QX2MBD", "K7QX2MBD\u0301", CODE + " " * 56,
    CODE + " " * 57, "K7QX2MBD\U0001f3b5",
)  # fmt: skip
SEPARATORS = ("", "", "", " ", "-", ".", "\u2009", "\u200d", "\u3000", "x", "I")


def codes(random: Random) -> Iterator[Vector]:
    """Given is what was typed; expected, the code and how it is shown, or null."""
    for number, typed in enumerate(TYPED):
        yield _typed(f"typed {number}", typed)
    for number in range(40):
        symbols = (
            random.choice(ALPHABET + ALPHABET.lower()) + random.choice(SEPARATORS) for _ in range(LENGTH)
        )
        yield _typed(f"random {number}", "".join(symbols))


def code_answer(typed: str) -> Vector | None:
    code = normalise(typed)
    return None if code is None else {"code": code, "shown": shown(code)}


def _typed(name: str, typed: str) -> Vector:
    return {"name": name, "given": typed, "expected": code_answer(typed)}

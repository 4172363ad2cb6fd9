"""The code that people type to come in.

Eight symbols, said over a table and typed on a phone: no vowels, so that no code is a word, and nothing that
looks like something else (0 and O, 1 and I). 28^8 codes are 3.8 × 10¹¹; with a thousand Jams open, one guess
in 378 million finds one, and guesses are counted (`collab.failures`). Knows how a code is made, shown and
read. Draws nothing: random bytes are an argument.
"""

import unicodedata
from collections.abc import Iterable
from typing import Final

ALPHABET: Final = "23456789BCDFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 8

# Bytes from here on are thrown away: 256 is no multiple of 28, so `byte % 28` alone would prefer the first
# four symbols. Below it each symbol has exactly nine bytes.
_FAIR_BELOW: Final = 256 - 256 % len(ALPHABET)
_SYMBOLS: Final = frozenset(ALPHABET)
# What people put between symbols besides spaces and every kind of dash.
_SEPARATORS: Final = frozenset("._:,;/|+·•−")
# More than anybody types around eight symbols; what is longer need not be looked at.
TYPED_MAX: Final = 64


def code_from(random_bytes: Iterable[int]) -> str:
    """A code, each as likely as any other. Takes only as many bytes as it needs: mostly 8, one more for each
    that is thrown away. Raises ValueError if they run out, so give it an endless stream."""
    symbols: list[str] = []
    for byte in random_bytes:
        if byte < _FAIR_BELOW:
            symbols.append(ALPHABET[byte % len(ALPHABET)])
            if len(symbols) == LENGTH:
                return "".join(symbols)
    raise ValueError("the random bytes ran out before the code was whole")


def normalise(text: str) -> str | None:
    """The code that somebody typed: in capitals, without what stands between its symbols. None if it is no
    code. Letters of full width, as Japanese keyboards write them, are read as their plain forms."""
    if len(text) > TYPED_MAX:
        return None
    symbols = [symbol for symbol in unicodedata.normalize("NFKC", text) if not _is_separator(symbol)]
    # Checked before `upper`, which makes two plain letters of some others (ß, ŉ).
    if len(symbols) != LENGTH or not all(map(str.isascii, symbols)):
        return None
    code = "".join(symbols).upper()
    return code if _SYMBOLS.issuperset(code) else None


def shown(code: str) -> str:
    """`K7QX-2MBD`: two halves are easier to read aloud than eight symbols."""
    half = LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def _is_separator(symbol: str) -> bool:
    """Spaces, dashes, and the invisible characters that come along when text is copied."""
    return symbol.isspace() or symbol in _SEPARATORS or unicodedata.category(symbol) in ("Pd", "Cf")

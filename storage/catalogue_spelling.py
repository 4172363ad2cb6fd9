"""Which words somebody may have meant who made a typing error.

Trigrams find words that have much in common with what was typed; of these the nearest count. Pure. Knows
letters and distances. Does not know where the words come from, nor how many tracks have them.
"""

from collections.abc import Iterable
from typing import Final

# Below this a word has too many neighbours for any of them to be what was meant.
LETTERS_MIN: Final = 3
# One error in a short word, two in one of more letters than that.
_SHORT: Final = 5
SPELLINGS_MAX: Final = 8
_GRAM: Final = 3


def grams(word: str) -> list[str]:
    """The trigrams of a word, with its beginning as one: it is the part that is typed first."""
    padded = " " * (_GRAM - 1) + word
    return sorted({padded[at : at + _GRAM] for at in range(len(word))})


def swaps(word: str) -> list[str]:
    """The word with two neighbouring letters swapped, in every place: it may leave no trigram as it was."""
    return sorted({word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)})


def errors_max(word: str) -> int:
    if len(word) < LETTERS_MIN:
        return 0
    return 1 if len(word) <= _SHORT else 2


def closest(word: str, candidates: Iterable[str], *, is_beginning: bool) -> tuple[str, ...]:
    """The candidates with the fewest errors between them and `word`, if these are few enough: in their
    order, at most SPELLINGS_MAX. Where somebody is still typing the nearest beginning counts, and among
    equals the whole word."""
    most = errors_max(word)
    near: dict[tuple[int, int], list[str]] = {}
    for candidate in candidates:
        whole, beginning = distances(word, candidate)
        errors = beginning if is_beginning else whole
        if errors <= most:
            near.setdefault((errors, whole), []).append(candidate)
    return tuple(near[min(near)][:SPELLINGS_MAX]) if near else ()


def distances(typed: str, word: str) -> tuple[int, int]:
    """How many letters to add, drop, change, or swap with their neighbour lead from `typed` to `word`, and to
    the beginning of it that is nearest ("optimal string alignment")."""
    before: list[int] = []
    row = list(range(len(word) + 1))
    for at, letter in enumerate(typed, 1):
        earlier, before, row = before, row, [at]
        for to, other in enumerate(word, 1):
            fewest = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != other))
            if at > 1 and to > 1 and letter == word[to - 2] and typed[at - 2] == other:
                fewest = min(fewest, earlier[to - 2] + 1)
            row.append(fewest)
    return row[-1], min(row)

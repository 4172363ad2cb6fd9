from collections import Counter
from collections.abc import Iterator
from itertools import chain, count, product, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jam.codes import ALPHABET, LENGTH, code_from, normalise, shown

CODES = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


def test_the_alphabet_has_no_vowels_and_no_lookalikes() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 28
    assert not set(ALPHABET) & set("01AEIOUL")


class TestWithoutBias:
    """Why no code is likelier than another: a byte gives one symbol or none, whatever stands beside it, and
    each symbol has nine bytes. So each of the 28^8 codes has 9^8 runs of eight bytes that give it, and a byte
    that gives none only moves the run on."""

    def test_each_symbol_has_nine_bytes_wherever_it_stands(self) -> None:
        for place in range(LENGTH):
            got: Counter[str] = Counter()
            for byte in range(256):
                stream = iter([1] * place + [byte] + [1] * (LENGTH - place))
                code = code_from(stream)
                assert code[:place] + code[place + 1 :] == ALPHABET[1] * (LENGTH - 1)
                # The last of the nine is taken only in place of one that was thrown away.
                got[code[place] if next(stream, None) else ""] += 1
            assert got == {**dict.fromkeys(ALPHABET, 9), "": 4}

    def test_what_is_thrown_away_leaves_no_trace(self) -> None:
        fair = list(range(100, 100 + LENGTH))
        for thrown, place in product(range(252, 256), range(LENGTH)):
            assert code_from([*fair[:place], thrown, *fair[place:]]) == code_from(fair)

    def test_symbols_do_not_depend_on_each_other(self) -> None:
        for one, other in product(range(0, 252, 9), repeat=2):
            code = code_from([one, other] * 4)
            assert (code[0], code[1]) == (ALPHABET[one % 28], ALPHABET[other % 28])


def test_takes_no_more_bytes_than_it_needs() -> None:
    stream: Iterator[int] = chain([255, 252], count())
    assert code_from(stream) == ALPHABET[:LENGTH]
    assert next(stream) == LENGTH


@pytest.mark.parametrize("drawn", [b"", b"1234567", bytes([255] * 100)])
def test_bytes_that_run_out(drawn: bytes) -> None:
    with pytest.raises(ValueError, match="ran out"):
        code_from(drawn)


def test_is_shown_in_two_halves() -> None:
    assert shown("K7QX2MBD") == "K7QX-2MBD"


@pytest.mark.parametrize(
    "typed",
    [
        "K7QX2MBD",
        "K7QX-2MBD",
        "k7qx-2mbd",
        "  k7 qx\t2m bd\n",
        "K7QX–2MBD",
        "K7QX — 2MBD",
        "K7QX\u20112MBD",
        "K7QX\u22122MBD",
        "K7QX\u00a02MBD",
        "k7qx_2mbd",
        "k7qx.2mbd",
        "k7qx/2mbd",
        "K7QX·2MBD",
        "\u200bK7QX\u00ad2MBD\u2060\ufeff",
        "Ｋ７ＱＸ－２ＭＢＤ",
        "-".join("K7QX2MBD"),
    ],
)
def test_is_read_as_people_type_it(typed: str) -> None:
    assert normalise(typed) == "K7QX2MBD"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "K7QX2MB",
        "K7QX2MBDD",
        "K7QX2MB0",
        "K7QX2MBO",
        "K7QX2MBI",
        "K7QX2MBL",
        "K7QX2MBA",
        "K7QX2MB!",
        "K7QX2MB\0",
        "K7QX2MBД",
        "K7QX2Mß",  # upper-cased it is SS
        "K7QX2MBß",
        "K7QX2MBD\u0301",
        "K7QX2MBD" + " " * 100,
        "K7QX2MBD" * 100_000,
    ],
)
def test_refuses_what_is_no_code(typed: str) -> None:
    assert normalise(typed) is None


@given(CODES)
def test_reads_what_it_shows(code: str) -> None:
    assert normalise(shown(code)) == normalise(shown(code).lower()) == code


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_refused(text: str) -> None:
    code = normalise(text)
    assert code is None or (len(code) == LENGTH and set(code) <= set(ALPHABET))


@given(st.binary(max_size=40))
def test_what_is_made_is_a_code(drawn: bytes) -> None:
    code = code_from(chain(drawn, repeat(0)))
    assert normalise(code) == code

"""Typing errors, by example and by law."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.catalogue_spelling import SPELLINGS_MAX, closest, distances, errors_max, grams, swaps

words = st.text("abc", max_size=6)


@pytest.mark.parametrize(
    ("typed", "word", "whole", "beginning"),
    [
        ("", "", 0, 0),
        ("metallica", "metallica", 0, 0),
        ("metalica", "metallica", 1, 1),
        ("bjrok", "bjork", 1, 1),
        ("metali", "metallica", 3, 1),
        ("hello", "help", 2, 2),
        ("abc", "", 3, 3),
        ("", "abc", 3, 0),
    ],
)
def test_distances(typed: str, word: str, whole: int, beginning: int) -> None:
    assert distances(typed, word) == (whole, beginning)


@given(words, words)
def test_laws_of_distance(one: str, other: str) -> None:
    whole, beginning = distances(one, other)
    assert (whole == 0) == (one == other)
    assert distances(other, one)[0] == whole
    assert abs(len(one) - len(other)) <= whole <= max(len(one), len(other))
    assert beginning == min(distances(one, other[:end])[0] for end in range(len(other) + 1))


@given(words.filter(lambda word: len(word) > 1))
def test_swaps_are_one_error(word: str) -> None:
    for swapped in swaps(word):
        assert sorted(swapped) == sorted(word)
        assert distances(swapped, word)[0] <= 1


def test_grams_have_the_beginning_of_a_word_but_not_its_end() -> None:
    assert grams("bjork") == ["  b", " bj", "bjo", "jor", "ork"]
    assert set(grams("bjo")) < set(grams("bjork"))
    assert grams("") == []


def test_short_words_stand_for_themselves() -> None:
    assert [errors_max("x" * letters) for letters in range(1, 8)] == [0, 0, 1, 1, 1, 2, 2]
    assert closest("hx", ["hi", "hey"], is_beginning=False) == ()


def test_only_the_nearest_count_and_the_whole_word_before_its_beginning() -> None:
    known = ["hero", "hello", "help", "held", "yellow"]
    assert closest("helo", known, is_beginning=False) == ("hero", "hello", "help", "held")
    assert closest("yelow", known, is_beginning=False) == ("yellow",)
    assert closest("bjrok", ["broken", "broke", "bjork"], is_beginning=True) == ("bjork",)
    assert closest("hypreb", ["hyperballad", "hype"], is_beginning=True) == ("hyperballad",)
    assert closest("xylophone", known, is_beginning=True) == ()
    assert closest("cat", [f"ca{letter}" for letter in "bcdefghijk"], is_beginning=False) == tuple(
        f"ca{letter}" for letter in "bcdefghi"[:SPELLINGS_MAX]
    )

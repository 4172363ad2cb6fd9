"""The words of tracks and queries, by example and by law."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.catalogue_words import (
    FIELD_WORDS_MAX,
    QUERY_WORDS_MAX,
    WORD_CHARS_MAX,
    place_of,
    query_words,
    spellings,
    track_words,
    words_of,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Björk – Jóga", ["bjork", "joga"]),
        ("Don’t Stop 'Til You Get Enough", ["dont", "stop", "til", "you", "get", "enough"]),
        ("R.E.M. / M.I.A", ["rem", "mia"]),
        ("Vol.2, No. 5", ["vol", "2", "no", "5"]),
        ("Røyksopp ŁÓDŹ Ænima Straße", ["royksopp", "lodz", "aenima", "strasse"]),
        ("İSTANBUL", ["istanbul"]),
        ("東京・事変 ライブ", ["東", "京", "事", "変", "ラ", "イ", "フ"]),
        ("ＦＵＬＬ ﬁsh ２", ["full", "fish", "2"]),
        ("_ snake_case _", ["snake", "case"]),
        ("soft\u00adhyphen zero\u200bwidth \u202eturned", ["softhyphen", "zerowidth", "turned"]),
        ("हिन्दी", ["हनद"]),
        ("!!! ??? 🎵", []),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(st.text())
def test_a_word_is_letters_and_digits_and_stays_as_it_is(text: str) -> None:
    words = words_of(text)
    for word in words:
        assert word.isalnum()
        assert 1 <= len(word) <= WORD_CHARS_MAX
        assert not any(sign in word for sign in "\"'*:&|!()\\ \0")
    assert words_of(" ".join(words)) == words


@given(st.text(max_size=400))
def test_a_query_has_few_words_each_once(text: str) -> None:
    words = query_words(text)
    assert len(words) == len(set(words)) <= QUERY_WORDS_MAX


def test_what_nobody_wrote_is_cut() -> None:
    assert query_words("long " + "x" * 100_000) == ("long", "x" * WORD_CHARS_MAX)
    many = " ".join(map(str, range(1_000)))
    assert len(track_words(many, (many,), many).split()) == 3 * FIELD_WORDS_MAX


def test_a_track_has_each_word_once_where_it_stands() -> None:
    marked = track_words("Love, love me", ("Me & You", "You"), "Love")
    assert marked.split() == ["1love", "1me", "2me", "2you", "3love"]
    assert spellings(marked) == {"love", "me", "you"}
    assert track_words("?", (), "") == ""


def test_short_titles_come_first_and_every_track_has_its_place() -> None:
    titles = ["", "A", "Go", "G.O.D.", "Hello", "Hello!", "Hello you", "x" * 40 + " " + "y" * 40]
    places = [place_of("id", title) for title in titles]
    assert places == sorted(places)
    assert places[4] == places[5], "what is no word has no length"
    assert len({place_of(str(number), "Hello") for number in range(1_000)}) == 1_000
    assert all(0 <= place_of(str(number), "z " * 100) < 2**63 for number in range(100))

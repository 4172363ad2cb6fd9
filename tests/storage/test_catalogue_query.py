"""Matches, as they are written and as they are ranked."""

from hypothesis import given
from hypothesis import strategies as st

from storage.catalogue_query import Match, matches, rank


def test_one_word_goes_from_the_whole_title_to_any_beginning() -> None:
    assert [match.tsquery() for match in matches([("love",)])] == [
        "('1love')",
        "('1love':*)",
        "('1love' | '2love')",
        "('1love':* | '2love':*)",
        "('1love' | '2love' | '3love')",
        "('1love':* | '2love':* | '3love':*)",
    ]


def test_of_several_words_the_last_may_be_half() -> None:
    assert [match.fts5() for match in matches([("love",), ("me", "my")])[:3]] == [
        '("1love") AND ("1me" OR "1my")',
        '("1love") AND ("1me" * OR "1my" *)',
        '("1love" *) AND ("1me" * OR "1my" *)',
    ]


def finds(match: Match, marked: str) -> bool:
    """As the databases do it."""
    tokens = [token for token in marked.split() if token[0] in match.fields]

    def has(number: int, spelling: str) -> bool:
        if number < match.whole:
            return any(token[1:] == spelling for token in tokens)
        return any(token[1:].startswith(spelling) for token in tokens)

    return all(any(has(number, word) for word in words) for number, words in enumerate(match.words))


words = st.text("ab", min_size=1, max_size=3)
spelled = st.lists(st.lists(words, min_size=1, max_size=2).map(tuple), min_size=1, max_size=3)
tracks = st.lists(st.tuples(st.sampled_from("123"), words).map("".join), max_size=6).map(" ".join)


@given(spelled, tracks, tracks)
def test_the_rank_is_that_of_the_first_match_that_finds(
    typed: list[tuple[str, ...]], one: str, other: str
) -> None:
    tried = matches(typed)
    firsts = []
    for marked in (one, other):
        found = [number for number, match in enumerate(tried) if finds(match, marked)]
        assert not found or found[-1] == len(tried) - 1, "the last finds all that the others do"
        firsts.append(found[0] if found else len(tried))
    if max(firsts) < len(tried):
        ranks = [rank(typed, marked) for marked in (one, other)]
        assert (ranks[0] < ranks[1], ranks[0] == ranks[1]) == (firsts[0] < firsts[1], firsts[0] == firsts[1])

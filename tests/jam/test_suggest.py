"""Suggestions from co-occurrence: against the cosine as a textbook writes it, and what stays bounded."""

from collections import defaultdict
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jam import suggest as module
from jam.suggest import CoOccurrence, Reason

Baskets = dict[str, list[str]]

TRACKS = st.sampled_from("abcdefghij")
BASKETS = st.dictionaries(st.sampled_from("123456"), st.lists(TRACKS, max_size=8), max_size=6)


def index(baskets: Baskets) -> CoOccurrence:
    co = CoOccurrence()
    for name, tracks in baskets.items():
        co.add_basket(name, tracks)
    return co


def cosines(baskets: Baskets, asked: set[str]) -> dict[str, float]:
    """The score of each track, from the matrix itself."""
    sets = [set(tracks) for tracks in baskets.values() if tracks]
    standing = {track: [row for row in sets if track in row] for row in sets for track in row}
    scores: dict[str, float] = defaultdict(float)
    for one in asked & standing.keys():
        for other in standing.keys() - asked:
            together = sum(1 / len(row) for row in standing[one] if other in row)
            scores[other] += together / sqrt(len(standing[one]) * len(standing[other]))
    return {track: score for track, score in scores.items() if score}


@given(BASKETS, st.sets(TRACKS))
def test_the_scores_are_the_cosines(baskets: Baskets, asked: set[str]) -> None:
    expected = cosines(baskets, asked)
    found = index(baskets).suggest(asked, (), 20)
    assert {suggestion.track for suggestion in found} == expected.keys()
    for suggestion in found:
        assert suggestion.score / 1e6 == pytest.approx(expected[suggestion.track], rel=1e-4, abs=1e-5)
    scores = [suggestion.score for suggestion in found]
    assert scores == sorted(scores, reverse=True)


@given(BASKETS, st.sets(TRACKS))
def test_a_reason_counts_the_baskets_in_which_both_stand(baskets: Baskets, asked: set[str]) -> None:
    for suggestion in index(baskets).suggest(asked, (), 20):
        together = {
            track: sum({track, suggestion.track} <= set(tracks) for tracks in baskets.values())
            for track in asked
        }
        assert suggestion.reasons
        assert [reason.baskets for reason in suggestion.reasons] == [
            together[reason.track] for reason in suggestion.reasons
        ]
        assert len(suggestion.reasons) == min(3, sum(count > 0 for count in together.values()))


@given(st.lists(st.tuples(st.sampled_from("1234"), st.lists(TRACKS), st.lists(TRACKS)), max_size=12))
def test_changes_lead_to_what_building_anew_gives(changes: list[tuple[str, list[str], list[str]]]) -> None:
    co, baskets = CoOccurrence(), dict[str, list[str]]()
    for name, added, removed in changes:
        if not added and not removed:
            co.remove_basket(name)
            baskets.pop(name, None)
            continue
        before = {track for tracks in baskets.values() for track in tracks}
        gone = co.change(name, added, removed)
        kept = [track for track in baskets.get(name, []) if track not in removed]
        baskets[name] = list(dict.fromkeys([*kept, *added]))
        now = {track for tracks in baskets.values() for track in tracks}
        assert sorted(gone) == sorted(before - now)
        assert {track for track in "abcdefghij" if track in co} == now
    anew = index(dict(sorted(baskets.items())))
    for asked in ("a", "bc", "defg"):
        assert co.suggest(asked, "h", 20) == anew.suggest(asked, "h", 20)
    assert len(co) == len(anew)


def test_the_strongest_reason_comes_first() -> None:
    co = index({"1": ["a", "b", "x"], "2": ["a", "x"], "3": ["a", "c", "x"], "4": ["b", "y", "z"]})
    [best] = co.suggest("abc", (), 1)
    assert (best.track, best.reasons) == ("x", (Reason("a", 3), Reason("c", 1), Reason("b", 1)))
    assert co.baskets_with("a", "x") == {"1", "2", "3"}
    assert co.baskets_with("a", "nothing") == set()


def test_what_stands_everywhere_is_no_suggestion_for_anything() -> None:
    baskets = {str(n): ["hit", f"other {n}"] for n in range(50)}
    co = index({**baskets, "mine": ["a", "close", "hit"]})
    assert [suggestion.track for suggestion in co.suggest("a", (), 2)] == ["close", "hit"]


def test_what_is_excluded_or_asked_with_is_not_suggested() -> None:
    co = index({"1": ["a", "b", "c", "d"]})
    assert [suggestion.track for suggestion in co.suggest(["a", "b", "unheard"], {"c"}, 9)] == ["d"]
    assert co.suggest(["unheard"], (), 9) == []


def test_one_basket_alone_suggests_nothing_to_those_it_does_not_trust() -> None:
    co = index({"1": ["a", "b", "c"], "2": ["a", "b"], "mine": ["a", "d"]})
    asked = {suggestion.track for suggestion in co.suggest("a", (), 9, trusted={"mine"}, baskets_min=2)}
    assert asked == {"b", "d"}


def test_equal_ones_come_by_name() -> None:
    co = index({"1": ["a", "d", "c", "b"]})
    assert [suggestion.track for suggestion in co.suggest("a", (), 2)] == ["b", "c"]


def test_the_basket_changed_longest_ago_makes_room() -> None:
    co = CoOccurrence(entries_max=6)
    for name in "123":
        assert co.add_basket(name, [f"{name}a", f"{name}b"]) == []
    co.change("1", ["1c"], ["1a"])
    assert sorted(co.add_basket("4", ["4a"])) == ["2a", "2b"]
    assert len(co) == 3
    assert sorted(co.add_basket("5", [f"5{n}" for n in range(7)])) == sorted(
        ["1b", "1c", "3a", "3b", "4a", *(f"5{n}" for n in range(7))]
    )
    assert len(co) == 0


def test_a_question_reads_a_bounded_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BASKETS_READ_MAX", 3)
    monkeypatch.setattr(module, "TRACKS_READ_MAX", 4)
    co = index({"1": ["rare", "x"], "2": ["common", "y"], "3": ["common", "z"], "4": ["common", "w", "rare"]})
    found = co.suggest(["rare", "common"], (), 9)
    assert [suggestion.track for suggestion in found] == ["w", "x"], "the closest two baskets were read"
    monkeypatch.setattr(module, "BASKETS_READ_MAX", 1)
    [best, _] = co.suggest(["rare", "common"], (), 9)
    assert best.reasons == (Reason("rare", 1),), "what is common was not looked at"

"""Which part of an answer is made: the grammar of `fields`, and that it is cut as it is made."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.errors import Refusal
from collab.field_mask import DEPTH_MAX, EVERYTHING, FIELDS_CHARS_MAX, Mask, masked, read_fields

ANSWER: dict[str, Any] = {
    "a": 1,
    "b": {"c": 2, "d": {"e": 3, "f": [4]}},
    "items": [{"track": {"name": "x", "album": {"name": "y", "id": "z"}}, "at": 5}, {"track": None, "at": 6}],
}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ("a", {"a": 1}),
        (" a , b.c ", {"a": 1, "b": {"c": 2}}),
        ("b", {"b": ANSWER["b"]}),
        ("b.d.e", {"b": {"d": {"e": 3}}}),
        ("b(c,d(f))", {"b": {"c": 2, "d": {"f": [4]}}}),
        ("b.c,b.d.e", {"b": {"c": 2, "d": {"e": 3}}}),
        ("b.c,b", {"b": ANSWER["b"]}),
        ("items.at", {"items": [{"at": 5}, {"at": 6}]}),
        ("items(track.name)", {"items": [{"track": {"name": "x"}}, {"track": None}]}),
        ("items.track(album(!name))", {"items": [{"track": {"album": {"id": "z"}}}, {"track": None}]}),
        ("!items", {"a": 1, "b": ANSWER["b"]}),
        ("!items,b", {"a": 1}),
        ("!items,!b", {"a": 1}),
        ("!items,b.d.e", {"a": 1, "b": {"c": 2, "d": {"f": [4]}}}),
        ("!items,b(c,d(e))", {"a": 1, "b": {"d": {"f": [4]}}}),
        ("!items,b.c,b.d", {"a": 1, "b": {}}),
        ("!items,b.c,b", {"a": 1}),
        ("a,!b", {"a": 1}),
        ("a,b(!c),b(d)", {"a": 1, "b": {"d": ANSWER["b"]["d"]}}),
        ("a.anything", {"a": 1}),
        ("none", {}),
        ("", ANSWER),
        ("  ", ANSWER),
    ],
)
def test_what_is_wanted_is_cut_out(fields: str, wanted: dict[str, Any]) -> None:
    assert read_fields(fields).cut(ANSWER) == wanted


MALFORMED = [",", "a,", ",a", "a,,b", "(", ")", "a(", "a()", "a(b", "a)b", "a(b))", "a.", ".a", "a..b", "!"]
TOO_DEEP = ["a(" * (DEPTH_MAX + 2) + "b" + ")" * (DEPTH_MAX + 2), "a." * (DEPTH_MAX + 2) + "b"]


@pytest.mark.parametrize(
    "fields",
    [*MALFORMED, *TOO_DEEP, "a!b", "a b", "a-b", "ä", "a(b)c", "a.b(c).d", "a" * (FIELDS_CHARS_MAX + 1)],
)
def test_what_means_nothing(fields: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_fields(fields)
    assert refused.value.code == "bad_request"


@given(st.text(alphabet="ab(),.! ", max_size=60))
def test_any_text_is_read_or_refused(fields: str) -> None:
    try:
        mask = read_fields(fields)
    except Refusal:
        return
    cut = mask.cut(ANSWER)
    assert mask.cut(cut) == cut, "what was cut once is as it is wanted"


def _masks(depth: int) -> st.SearchStrategy[str]:
    name = st.sampled_from(["a", "b", "c"])
    if depth == 0:
        return name
    inner = st.lists(_masks(depth - 1), min_size=1, max_size=3).map(",".join)
    group = st.tuples(name, st.sampled_from(["", "!"]), inner).map(
        lambda made: f"{made[0]}({made[1]}{made[2]})"
    )
    return st.one_of(name, group)


def _maker(member: Any) -> Callable[[list[int], Mask], Any]:
    """Makes a member; a leaf leaves a trace in the source."""

    def make(made: list[int], mask: Mask) -> Any:
        if isinstance(member, dict):
            return masked(_makers(member), made, mask)
        made.append(member)
        return member

    return make


def _makers(value: dict[str, Any]) -> dict[str, Callable[[list[int], Mask], Any]]:
    return {name: _maker(member) for name, member in value.items()}


@given(st.lists(_masks(2), min_size=1, max_size=3).map(",".join), st.sampled_from(["", "!"]))
def test_what_is_made_under_a_mask_is_what_would_be_cut(fields: str, mark: str) -> None:
    numbers = iter(range(100))
    tree = {x: {y: {z: next(numbers) for z in "abc"} for y in "abc"} for x in "abc"}
    mask = read_fields(mark + fields)
    made: list[int] = []
    answer = masked(_makers(tree), made, mask)
    assert answer == mask.cut(tree)
    assert len(made) == len(_leaves(answer)), "nothing is made that nobody asked for"


def _leaves(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [leaf for member in value.values() for leaf in _leaves(member)]
    return [value]


def test_everything_is_made_without_a_look() -> None:
    assert EVERYTHING.below("any") is EVERYTHING
    assert Mask().below("any") is None

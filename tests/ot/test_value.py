import pytest

from ot.value import VALUE_DEPTH_MAX, edited, is_value, same


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [0, -(2**53) + 1, 2**53 - 1, True, "", "ü🎵", [], {}, [None, [1]], {"": None}, nested(VALUE_DEPTH_MAX)],
)
def test_values(value: object) -> None:
    assert is_value(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        "\ud800",
        b"bytes",
        (1,),
        {1},
        [1.5],
        {"a": "\udfff"},
        {1: 1},
        {"\ud800": 1},
        {None: 1},
        nested(VALUE_DEPTH_MAX + 1),
    ],
)
def test_no_values(value: object) -> None:
    assert not is_value(value)


def test_true_is_not_one() -> None:
    assert not same(True, 1)
    assert not same([0, {"a": [False]}], [0, {"a": [0]}])
    assert same([0, {"a": [False], "b": None}], [0, {"b": None, "a": [False]}])
    assert not same("1", 1)


def test_edits_set_and_delete_in_a_new_entry() -> None:
    entry = {"uid": "u", "note": "old", "title": "t"}
    assert edited(entry, {"note": None, "isrc": 1, "album": None}) == {"uid": "u", "title": "t", "isrc": 1}
    assert entry["note"] == "old"

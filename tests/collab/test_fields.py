"""The field table: what may stand in an entry and in an attribute."""

from typing import Any

import pytest

from collab.errors import Refusal
from collab.fields import DESCRIPTION_BYTES_MAX, check_attributes, check_edits, check_entry

GOOD: dict[str, Any] = {"uid": "c.1", "track": "spotify:track:4uLU6hMCjMI75M1A2tKUQC"}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"title": "Été", "artists": ["a", "b"], "album": "", "duration_ms": 0, "isrc": "USRC17607839"},
        {"note": "n" * 500, "added_by": "u", "added_at": 1, "was": "c.0"},
        {"title": "t" * DESCRIPTION_BYTES_MAX},
        {"tempo": 12_050, "key": "12B", "energy": 0},
        {"title": "t" * DESCRIPTION_BYTES_MAX, "key": "1A"},
    ],
)
def test_a_good_entry(fields: dict[str, Any]) -> None:
    check_entry(GOOD | fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"colour": "red"},
        {"track": "no-uri"},
        {"track": 1},
        {"title": 5},
        {"artists": "one"},
        {"artists": [1]},
        {"artists": ["a"] * 51},
        {"duration_ms": -1},
        {"duration_ms": True},
        {"isrc": "short"},
        {"tempo": 120},
        {"tempo": True},
        {"tempo": 100_001},
        {"key": "13A"},
        {"key": "Am"},
        {"key": 8},
        {"energy": 101},
        {"energy": "50"},
        {"note": "n" * 501},
        {"title": "t" * DESCRIPTION_BYTES_MAX, "album": "a"},
        {"title": "é" * (DESCRIPTION_BYTES_MAX // 2), "album": "a"},
    ],
)
def test_a_bad_entry(fields: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        check_entry(GOOD | fields)
    assert refused.value.code == "entry_invalid"


def test_an_entry_without_a_track() -> None:
    with pytest.raises(Refusal, match="track"):
        check_entry({"uid": "c.1"})


@pytest.mark.parametrize(
    "edits", [{"note": None}, {"title": "x", "note": "y"}, {"artists": None}, {"tempo": 9_000, "key": None}]
)
def test_a_good_edit(edits: dict[str, Any]) -> None:
    check_edits(edits, [GOOD])


@pytest.mark.parametrize("field", ["uid", "track", "added_by", "added_at", "was", "colour"])
def test_what_cannot_be_edited(field: str) -> None:
    with pytest.raises(Refusal):
        check_edits({field: "a:b"}, [GOOD])


def test_a_description_is_bounded_together_with_what_stands() -> None:
    entry = GOOD | {"title": "t" * (DESCRIPTION_BYTES_MAX - 1)}
    check_edits({"album": "a"}, [entry])
    with pytest.raises(Refusal, match="description"):
        check_edits({"album": "ab"}, [entry])
    check_edits({"album": "ab", "title": None}, [entry])


def test_attributes() -> None:
    check_attributes({"name": "Mix", "description": None, "public": True, "image": "https://x"})
    for bad in ({"name": ""}, {"name": None}, {"public": 1}, {"rating": "5"}, {"description": 3}):
        with pytest.raises(Refusal) as refused:
            check_attributes(bad)
        assert refused.value.code == "attribute_invalid"

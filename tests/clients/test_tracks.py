"""What a caller may put into a playlist."""

from typing import Any

import pytest

from tutti_client.errors import InvalidEdit
from tutti_client.tracks import as_list, check_attribute, check_field, make_entry

URI = "tutti:track:1"
ENTRY = make_entry(URI, "C.1", "ann", 5)


def test_one_track_or_several() -> None:
    assert as_list(URI) == [URI]
    assert as_list({"track": URI}) == [{"track": URI}]
    assert as_list(track for track in (URI, URI)) == [URI, URI]


def test_an_entry_says_who_put_it_there_when() -> None:
    assert ENTRY == {"uid": "C.1", "track": URI, "added_by": "ann", "added_at": 5}
    forged = {"track": URI, "title": "x", "uid": "other", "added_by": "ben", "added_at": 1}
    assert make_entry(forged, "C.2", "ann", 5) == {**ENTRY, "uid": "C.2", "title": "x"}


@pytest.mark.parametrize(
    "track",
    [
        "no uri",
        {},
        {"title": "x"},
        {"track": URI, "colour": "blue"},
        {"track": URI, "duration_ms": 1.5},
        {"track": URI, "duration_ms": -1},
        {"track": URI, "artists": "one"},
        {"track": URI, "title": "\ud800"},
        {"track": URI, "title": None},
        {"track": URI, "title": "x" * 3000},
    ],
)
def test_what_the_server_would_refuse_is_refused_here(track: Any) -> None:
    with pytest.raises(InvalidEdit):
        make_entry(track, "C.1", "ann", 5)


@pytest.mark.parametrize(
    ("field", "value"),
    [("uid", "x"), ("track", URI), ("added_by", "ben"), ("colour", "blue"), ("note", 1), ("title", 0.5)],
)
def test_fields_that_cannot_be_set(field: str, value: Any) -> None:
    with pytest.raises(InvalidEdit):
        check_field(ENTRY, field, value)


def test_fields_that_can_be_set() -> None:
    check_field(ENTRY, "note", "mine")
    check_field(ENTRY, "note", None)
    check_attribute("name", "Friday")
    check_attribute("description", None)


@pytest.mark.parametrize(("name", "value"), [("name", ""), ("name", None), ("public", 1), ("colour", "blue")])
def test_attributes_that_cannot_be_set(name: str, value: Any) -> None:
    with pytest.raises(InvalidEdit) as raised:
        check_attribute(name, value)
    assert raised.value.code == "attribute_invalid"

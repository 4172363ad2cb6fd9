"""What a suggestion says, and how it becomes an entry."""

from typing import Any

import msgspec
import pytest

from tutti_client.suggestions import NamedTrack, Reason, Suggestion
from tutti_client.tracks import make_entry


@pytest.mark.parametrize(
    ("name", "lists", "mine", "text"),
    [
        ("Teardrop", 9, 3, "in 3 of your playlists with Teardrop"),
        ("Teardrop", 9, 1, "in 1 of your playlists with Teardrop"),
        ("Teardrop", 9, 0, "in 9 playlists here with Teardrop"),
        ("", 2, 0, "in 2 playlists here with demo:1"),
    ],
)
def test_a_reason_in_words(name: str, lists: int, mine: int, text: str) -> None:
    assert str(Reason(NamedTrack("demo:1", name), lists, mine, ())) == text


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            {
                "name": "Angel",
                "artists": [{"name": "Massive Attack", "type": "artist"}],
                "album": {"name": "Mezzanine", "type": "album"},
                "duration_ms": 379_000,
                "external_ids": {"isrc": "GBAAA9800322"},
            },
            {
                "title": "Angel",
                "artists": ["Massive Attack"],
                "album": "Mezzanine",
                "duration_ms": 379_000,
                "isrc": "GBAAA9800322",
            },
        ),
        ({"name": "", "artists": [], "album": None, "duration_ms": 0, "external_ids": {}}, {}),
    ],
)
def test_a_suggestion_can_be_appended(more: dict[str, Any], expected: dict[str, Any]) -> None:
    found = {"track": {"uri": "demo:2", "id": "2", **more}, "score": 5, "reasons": []}
    suggestion = msgspec.convert(found, Suggestion)
    assert suggestion.track == {"track": "demo:2", **expected}
    assert make_entry(suggestion.track, "C.1", "ann", 5)["track"] == "demo:2"

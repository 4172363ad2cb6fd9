"""What a document says about which tracks go together."""

from typing import Any

from msgspec.structs import replace

from collab.baskets import DESCRIPTION_BYTES_MAX, READERS, Basket, described
from collab.codec import pack_body
from collab.playlist import empty_playlist
from jam.events import Added, encode_event
from jam.settings import Settings
from jam.state import Entry, Played, dump, new_jam
from ot.build import insert_at, remove_range, set_attribute
from ot.op import encode
from storage.rows import Head, Loaded, OpRow, Snapshot

Json = dict[str, Any]


def basket(kind: str, state: Json, *changes: Json) -> Basket:
    rows = tuple(
        OpRow(version, "client", version, "ada", 0, pack_body(body))
        for version, body in enumerate(changes, 1)
    )
    head = Head("document", kind, "epoch", len(rows), len(rows))
    return READERS[kind](Loaded(head, Snapshot(0, pack_body(state)), rows, {}))


def song(number: int, **fields: Any) -> Json:
    return {"uid": f"c.{number}", "track": f"demo:{number}", "added_by": "ada", "added_at": 1, **fields}


def test_a_playlist_is_read_with_what_happened_since_its_snapshot() -> None:
    state = {**empty_playlist({"name": "Friday"}), "entries": [song(1, title="One"), song(2), song(2)]}
    ops = (insert_at(3, 3, [song(3)]), remove_range(4, 0), set_attribute("name", "Saturday"))
    read = basket("playlist", state, *map(encode, ops))
    assert read.name == "Saturday"
    assert list(read.tracks) == ["demo:2", "demo:3"]


def test_a_description_says_nothing_of_a_person() -> None:
    about = {"title": "One", "artists": ["A", "B"], "album": "All", "duration_ms": 5, "isrc": "USRC17607839"}
    entry = song(1, **about, note="for Mia", tempo=12_000, was="c.0")
    read = basket("playlist", {**empty_playlist({"name": "x"}), "entries": [entry]})
    assert described(read.tracks["demo:1"]) == about


def test_a_long_description_is_left_out() -> None:
    entries = [song(1, title="t" * DESCRIPTION_BYTES_MAX), song(2, title="short")]
    read = basket("playlist", {**empty_playlist({"name": "x"}), "entries": entries})
    assert [described(packed) for packed in read.tracks.values()] == [{}, {"title": "short"}]


def test_a_jam_is_what_people_brought() -> None:
    def entry(number: int, **more: Any) -> Entry:
        track = {"track": f"demo:{number}", "title": str(number)}
        return Entry(f"c.{number}", track, "ada", 1, number, number, **more)

    queue = [entry(1), entry(2, fallback=True), entry(3, fallback=True, votes={"mia": 1})]
    jam = replace(
        new_jam("ada", "Ada", 1, Settings(name="Party")),
        entries={waiting.id: waiting for waiting in queue},
        adds=3,
        played=(
            Played(1, "demo:4", entry(4), 1, 2, "finished"),
            Played(2, "demo:5", entry(5, fallback=True), 2, 3, "finished"),
        ),
    )
    added = Added(at=2, by="ada", entry="c.6", track={"track": "demo:6", "title": "6"})
    read = basket("jam", dump(jam), encode_event(added))
    assert read.name == "Party"
    assert sorted(read.tracks) == ["demo:1", "demo:3", "demo:4", "demo:6"]
    assert described(read.tracks["demo:6"]) == {"title": "6"}

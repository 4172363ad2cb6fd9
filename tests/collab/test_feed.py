"""What is told of an op leads whoever knows no algebra to the same playlist."""

import json

from hypothesis import given

from collab import http_event_shapes
from collab.feed import KEPT_BYTES_MAX, Feed
from collab.http_event_shapes import CHANGES_MAX, op_event, state_pieces
from collab.ids import server_client
from collab.messages import Row
from ot.document import Document
from ot.fuzz.case import Case
from ot.op import encode
from ot.value import Entry
from storage.rows import Head
from tests.integration.events import Event, Page
from tests.ot.strategies import cases, law

HEAD = Head("playlist", "playlist", "epoch", 7, 9)


def parsed(text: bytes) -> Event:
    lines = text.decode().rstrip("\n").split("\n")
    fields = dict(line.split(": ", 1) for line in lines)
    assert text.endswith(b"\n\n")
    assert len(fields) == len(lines) == 3
    return Event(fields["event"], fields["id"], json.loads(fields["data"]))


def begun(document: Document) -> Feed:
    feed = Feed()
    feed.begin(HEAD, document)
    return feed


@law
@given(case=cases)
def test_doing_as_the_events_say_keeps_the_playlist(case: Case) -> None:
    feed, page = begun(case.document), Page()
    page.take(parsed(b"".join(state_pieces("epoch", 7, "viewer", case.document))))
    for version, (op, after) in enumerate(
        [(case.a, case.after_a), (case.a2, case.after_a2), (case.a3, case.after_a3)], 8
    ):
        event = feed.hear(Row(version, "client", version, "Ann", encode(op)))
        assert event is not None
        page.take(parsed(event))
        assert (page.entries, page.attributes) == (after.entries, after.attributes)
        assert page.snapshot_id == f"epoch.{version}"


def test_an_op_is_worked_out_once() -> None:
    feed = begun(Document([], {}))
    row = Row(8, "client", 1, "Ann", {"a": {"name": "Friday"}})
    assert feed.hear(row) is feed.hear(row)
    feed.begin(HEAD, Document([], {"name": "Friday"}))
    assert feed.version == 7, "another state was loaded"


def test_only_so_much_is_kept() -> None:
    feed = begun(Document([], {}))
    rows = [Row(n, "client", n, "Ann", {"a": {"description": str(n) * 8_000}}) for n in range(8, 140)]
    told = [feed.hear(row) for row in rows]
    assert sum(len(event or b"") for event in told) > KEPT_BYTES_MAX
    assert feed.hear(rows[0]) is None
    assert feed.hear(rows[-1]) is told[-1]


def test_what_the_server_made_is_said_to_be() -> None:
    feed = begun(Document([], {}))
    event = feed.hear(Row(8, server_client("client"), 1, "Ann", {"a": {"name": "Friday"}}))
    assert event is not None
    data = parsed(event).data
    assert data["by_server"] is True
    assert data["author"]["id"] == "Ann"
    assert "display_name" not in data["author"]


def test_a_large_state_leaves_in_pieces() -> None:
    entries: list[Entry] = [
        {"uid": f"client.{n}", "track": "spotify:track:1", "title": f"Song\n{n}"} for n in range(3_000)
    ]
    pieces = list(state_pieces("epoch", 7, "", Document(entries, {"name": "Friday"})))
    assert len(pieces) > 3
    assert max(map(len, pieces)) < 2 * http_event_shapes.PIECE_BYTES
    event = parsed(b"".join(pieces))
    assert event.data["role"] is None
    assert event.data["entries"] == entries


def test_too_many_changes_are_no_event() -> None:
    feed = begun(Document([], {}))
    entries = [{"uid": f"client.{n}", "track": "t:1"} for n in range(CHANGES_MAX + 1)]
    assert feed.hear(Row(8, "client", 1, "Ann", {"l": [["i", entries]]})) is None
    assert len(feed.document.entries) == CHANGES_MAX + 1
    assert op_event("epoch", 8, "Ann", False, [], {}) is not None

"""What may be put into lists where there is a catalogue, and what a room asks of it before it decides."""

from typing import Any

import pytest

from collab.effects import FetchSongs, RoomTask
from collab.errors import Refusal
from collab.ids import server_client
from collab.jam_kind import JamKind, empty_jam
from collab.kind import Author
from collab.playlist import Playlist
from collab.songs import Admission, Songs, id_of_uri, track_uri, tracks_in
from collab.waiting import TRACKS_AT_ONCE, Waiting
from jam import commands as c
from jam import events as e
from jam.settings import Settings
from ot.build import insert_at, remove_range, set_attribute
from ot.value import Entry
from storage.rows import Commit
from tests.collab.rooms import NOW_MS, Table, client_id, entry

A, B = client_id("A"), client_id("B")
HERE, THERE, GONE = "H" * 22, "T" * 22, "G" * 22
FOREIGN = "spotify:track:x"


def song(track_id: str) -> Entry:
    return {"track": track_uri(track_id), "title": "As it is", "artists": ["Ada"], "duration_ms": 60_000}


CATALOGUE: Songs = {track_id: song(track_id) for track_id in (HERE, THERE)}


def of(track: str, number: int = 1, client: str = A, **fields: Any) -> Entry:
    return entry(client, number) | {"track": track_uri(track) if ":" not in track else track} | fields


# -- URIs -------------------------------------------------------------------------------------------------


def test_a_uri_of_ours() -> None:
    assert id_of_uri(track_uri(HERE)) == HERE
    for other in (None, 1, "", HERE, "tutti:track:", "tutti:track:x", FOREIGN, track_uri(HERE) + "x"):
        assert id_of_uri(other) is None
    assert tracks_in([song(HERE), song(HERE), {"track": FOREIGN}, {}]) == {HERE}


# -- playlists --------------------------------------------------------------------------------------------


class Closed(Table):
    """A room of a server whose operator named a music folder."""

    kind = Playlist(admission=Admission.CLOSED)
    catalogue = CATALOGUE

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.asked: list[frozenset[str]] = []

    def do(self, task: RoomTask) -> None:
        if isinstance(task, FetchSongs):
            self.asked.append(task.tracks)
            found = {id: song for id, song in self.catalogue.items() if id in task.tracks}
            self.room.receive_songs(task, found)
        else:
            super().do(task)

    def insert(self, connection: str, seq: int, *entries: Entry) -> None:
        length = len(self.uids)
        self.submit(connection, seq, self.room.head.version, insert_at(length, length, entries))

    @property
    def tracks(self) -> list[object]:
        return [entry["track"] for entry in self.room.state.view()["entries"]]


@pytest.fixture
def table() -> Closed:
    table = Closed()
    table.enter("a", A)
    table.enter("b", B, "bob")
    return table


def test_a_track_of_the_catalogue_is_taken(table: Closed) -> None:
    table.insert("a", 1, of(HERE), of(THERE, 2))
    table.work()
    assert table.tracks == [track_uri(HERE), track_uri(THERE)]
    assert table.asked == [{HERE, THERE}]


@pytest.mark.parametrize("track", [GONE, FOREIGN])
def test_an_unknown_one_is_refused_with_all_that_came_with_it(table: Closed, track: str) -> None:
    table.insert("a", 1, of(HERE), of(track, 2))
    table.work()
    assert (table.refusal("a").code, table.refusal("a").retryable) == ("unknown_track", False)
    assert table.tracks == []
    # The seq is settled: sent again it has the same outcome, and the next one counts on.
    table.insert("a", 1, of(HERE), of(track, 2))
    table.work()
    assert table.refusal("a").code == "unknown_track"
    table.insert("a", 2, of(HERE, 3))
    table.work()
    assert table.tracks == [track_uri(HERE)]


def test_what_names_no_track_asks_nothing(table: Closed) -> None:
    table.submit("a", 1, 0, set_attribute("name", "y"))
    table.insert("b", 1, of(FOREIGN, client=B, added_by="bob"))
    table.work()
    assert table.asked == []


def test_order_is_that_of_arrival(table: Closed) -> None:
    """Who needs no lookup does not overtake their own submission that does."""
    table.insert("a", 1, of(HERE))
    table.submit("a", 2, 0, set_attribute("name", "y"))
    table.work()
    assert table.versions("a") == [1, 2]
    assert table.asked == [{HERE}]


def test_who_comes_while_one_is_looked_up_does_not_hold_it_up(table: Closed) -> None:
    table.insert("a", 1, of(HERE))
    task = table.next()
    assert isinstance(task, FetchSongs)
    table.insert("b", 1, of(THERE, client=B, added_by="bob"))
    table.do(task)
    commit = table.next()
    assert isinstance(commit, Commit)
    assert len(commit.ops) == 1
    table.do(commit)
    table.work()
    assert table.asked == [{HERE}, {THERE}]
    assert len(table.tracks) == 2


def test_what_another_node_found_a_moment_ago_is_known(table: Closed) -> None:
    """Whatever this node knew: the question is asked anew for each submission."""
    table.insert("a", 1, of(GONE))
    table.catalogue = {**CATALOGUE, GONE: song(GONE)}
    table.work()
    assert table.tracks == [track_uri(GONE)]


def test_an_answer_outlives_a_lost_race(table: Closed) -> None:
    other = table.another()
    other.enter("x", client_id("X"))
    other.submit("x", 1, 0, set_attribute("name", "theirs"))
    table.insert("a", 1, of(HERE))
    table.do(table.next() or pytest.fail("a lookup comes first"))
    commit = table.next()
    assert isinstance(commit, Commit)
    other.work()
    table.do(commit)
    table.work()
    assert table.tracks == [track_uri(HERE)]
    assert table.asked == [{HERE}]


def test_what_stands_in_the_list_may_stand_there_again(table: Closed) -> None:
    table.insert("a", 1, of(HERE))
    table.work()
    table.catalogue = {}
    table.insert("a", 2, of(HERE, 2), of(HERE, 3))
    table.work()
    assert table.tracks == [track_uri(HERE)] * 3


def test_an_undo_brings_back_what_is_gone(table: Closed) -> None:
    table.insert("a", 1, of(HERE))
    table.work()
    table.submit("a", 2, 1, remove_range(1, 0, 1))
    table.work()
    table.catalogue = {}
    table.insert("a", 3, of(HERE, 2))
    table.work()
    assert table.refusal("a").code == "unknown_track"
    table.insert("a", 4, of(HERE, 3, was=f"{A}.1"))
    table.work()
    assert table.tracks == [track_uri(HERE)]


def test_the_server_restores_whatever_stood_there() -> None:
    draft = Closed.kind.load({"entries": [], "attributes": {"name": "x"}, "removed": []}).draft()
    server = Author("bob", server_client(client_id("S")), NOW_MS)
    assert draft.accept(insert_at(0, 0, [of(GONE), of(FOREIGN, 2)]), server) is not None


def test_without_a_closed_catalogue_anything_goes() -> None:
    for admission in (Admission.ANY, Admission.OPEN):
        kind = Playlist(admission=admission)
        op = insert_at(0, 0, [of(GONE), of(FOREIGN, 2)])
        assert kind.tracks(op) == frozenset()
        draft = kind.load({"entries": [], "attributes": {"name": "x"}, "removed": []}).draft()
        assert draft.accept(op, Author("ann", A, NOW_MS)) == op


def test_a_lookup_is_bounded_and_names_whole_submissions() -> None:
    def waiting(*numbers: int) -> Waiting:
        table = Closed()
        table.enter("a", A)
        for seq, number in enumerate(numbers, 1):
            table.insert("a", seq, *[of(f"{n:022}", n) for n in range(number)])
        return table.room._waiting

    def asked(queue: Waiting) -> int:
        lookup = queue.lookup()
        return 0 if lookup is None else len(lookup.tracks)

    assert asked(waiting()) == 0
    assert asked(waiting(3, 5)) == 5
    assert asked(waiting(TRACKS_AT_ONCE + 1, 3)) == TRACKS_AT_ONCE + 1
    assert asked(waiting(3, TRACKS_AT_ONCE)) == 3


# -- Jams -------------------------------------------------------------------------------------------------


def decide(admission: Admission, command: c.Command, known: Songs = CATALOGUE) -> e.Event | None:
    kind = JamKind(admission)
    state = kind.load(empty_jam("ann", "Ann", NOW_MS, Settings()))
    songs = {id: known[id] for id in kind.tracks(command) if id in known}
    return state.draft().accept(command, Author("ann", A, NOW_MS, "Ann", songs=songs))


def add(track: Entry) -> c.Add:
    return c.Add(f"{A}.1", track)


def fallback(*tracks: Entry) -> c.Fallback:
    return c.Fallback([(f"{A}.{number}", track) for number, track in enumerate(tracks, 1)], reign=1)


def code_of(admission: Admission, command: c.Command) -> str:
    with pytest.raises(Refusal) as caught:
        decide(admission, command)
    return caught.value.code


CLAIMED: Entry = {"track": track_uri(HERE), "title": "Claimed", "artists": ["Mallory"], "duration_ms": 1}


@pytest.mark.parametrize("admission", [Admission.OPEN, Admission.CLOSED])
def test_the_catalogue_says_what_a_song_is(admission: Admission) -> None:
    event = decide(admission, add(CLAIMED))
    assert isinstance(event, e.Added)
    assert event.track == song(HERE)
    event = decide(admission, fallback(CLAIMED))
    assert isinstance(event, e.FallbackSet)
    assert [track for _, track in event.tracks] == [song(HERE)]


def test_a_jam_without_a_catalogue_takes_what_is_said() -> None:
    event = decide(Admission.ANY, add(CLAIMED))
    assert isinstance(event, e.Added)
    assert event.track == CLAIMED


@pytest.mark.parametrize("track", [track_uri(GONE), FOREIGN])
def test_a_closed_catalogue_lets_no_other_song_in(track: str) -> None:
    assert code_of(Admission.CLOSED, add({"track": track})) == "unknown_track"
    assert code_of(Admission.CLOSED, fallback({"track": track})) == "unknown_track"
    event = decide(Admission.OPEN, add({"track": track}))
    assert isinstance(event, e.Added)
    assert event.track == {"track": track}


def test_a_fallback_leaves_out_what_is_gone() -> None:
    event = decide(Admission.CLOSED, fallback(song(GONE), song(HERE), {"track": FOREIGN}, song(THERE)))
    assert isinstance(event, e.FallbackSet)
    assert [uid for uid, _ in event.tracks] == [f"{A}.2", f"{A}.4"]


def test_an_empty_fallback_stays_possible() -> None:
    assert decide(Admission.CLOSED, fallback()) is None

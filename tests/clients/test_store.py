"""What a device keeps: a program that is killed goes on where its disk says, as if it had only been away."""

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ot.build import insert_at, remove_range, set_field
from ot.document import Document
from ot.op import COMPONENTS_MAX, Keep, Op
from tests.clients.desk import NOW_MS, ROOM, Desk, Person, assert_converged, settle
from tests.clients.storm import Storm
from tests.clients.test_undo import storms
from tests.clients.trouble import a_desk_with, forget_history, restored
from tutti_client.errors import QueueFull
from tutti_client.events import Acknowledged, Refusal, Reloaded, Resynced
from tutti_client.playlist_replica import PlaylistReplica
from tutti_client.store import (
    RECORDS_BYTES_MIN,
    ROWS_HELD_MAX,
    Journal,
    Stored,
    Unreadable,
    pack_refusal,
    unpack_refusal,
)
from tutti_client.uids import Uids
from tutti_client.unsaved import UNSAVED_AGE_MAX_MS

DAYS_MS = 24 * 60 * 60 * 1000


def kept(person: Person) -> Person:
    person.keep(final=True)
    return person


def test_unsaved_edits_survive_and_arrive_once() -> None:
    desk, [ann, ben] = a_desk_with("abcd", "A", "B")
    ann.lose_connection()
    ann.append("e")
    ann.move(0, 1, 5)
    ann.set_field(0, "note", "mine")
    ann.rename("Saturday")
    kept(ann).crash()
    assert ann.titles == "bcdea"
    assert ann.replica.role == "editor"
    assert (ann.replica.edits_made, ann.replica.edits_settled) == (4, 0)
    ben.insert(0, "x")
    ben.sync()
    assert_converged(desk)
    assert ann.titles == "xbcdea"
    assert len(ann.submits()) == 1
    assert ann.replica.document.attributes["name"] == "Saturday"


def test_what_was_not_written_is_lost_from_the_end() -> None:
    desk, [ann] = a_desk_with("a", "A")
    ann.lose_connection()
    ann.append("b")
    ann.keep()
    ann.append("c")
    ann.crash()
    assert ann.titles == "ab"
    ann.append("d")
    assert_converged(desk)
    assert ann.titles == "abd"


def test_what_is_in_flight_goes_out_again_in_the_same_bytes() -> None:
    for arrives in (True, False):
        desk, [ann, ben] = a_desk_with("abcd", "A", "B")
        ann.remove(1)
        ann.write()
        if arrives:
            ann.arrive()
            desk.serve()
        ann.append("e")
        ben.insert(0, "x")
        ben.sync()
        kept(ann).crash()
        assert ann.replica.has_inflight
        assert_converged(desk)
        submits = ann.submits()
        if arrives:
            assert [submit.seq for submit in submits] == [2, 3]
        else:
            assert submits[0] == submits[1]
        assert ann.titles == "xacde"


def test_rows_between_edits_are_written_in_their_place() -> None:
    desk, [ann, ben] = a_desk_with("abcd", "A", "B")
    ann.remove(3)
    ann.write()
    ann.outbox.clear()
    ann.append("e")
    for title in "xyz":
        ben.insert(0, title)
        ben.sync()
        ann.read()
        ann.insert(1, title.upper())
    wholes = ann.shelf.wholes
    kept(ann).crash()
    assert ann.shelf.wholes == wholes, "small changes are small to write"
    before = ann.titles
    assert_converged(desk)
    assert ann.titles == before == "zZyYxXabce"


def test_after_days_the_history_may_be_gone() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    ann.append("d")
    ann.write()
    ann.append("e")
    kept(ann).crash()
    desk.now_ms += 29 * DAYS_MS
    for number in range(5):
        ben.set_field(0, "note", str(number))
        ben.sync()
    ben.remove(1)
    ben.sync()
    forget_history(desk)
    assert_converged(desk)
    assert [event.reason for event in ann.happened(Resynced)] == ["gone"]
    assert ann.titles == "acde"
    assert ann.happened(Refusal) == []


def test_after_days_the_history_may_be_another() -> None:
    """The backup has what was in flight; the crash comes again before the new client id is used."""
    desk, [ann] = a_desk_with("abc", "A")
    ann.append("d")
    ann.write()
    ann.arrive()
    desk.serve()
    ann.inbox.clear()
    ann.append("e")
    kept(ann).crash()
    restored(desk)
    settle(desk)
    assert ann.replica.needs_client
    kept(ann).crash()
    assert ann.replica.needs_client
    ann.renew("C")
    kept(ann).crash()
    assert not ann.replica.needs_client
    assert ann.replica.client == "C" * 22
    assert_converged(desk)
    assert ann.titles == "abcde"
    assert [str(entry["uid"])[0] for entry in ann.replica.document.entries] == list("AAAAC")


def test_a_crash_before_the_snapshot_of_another_history_came() -> None:
    _, [ann] = a_desk_with("abc", "A")
    ann.append("d")
    ann.write()
    ann.outbox.clear()
    ann.replica._restart(0)
    kept(ann).crash()
    ann.connect()
    ann.write()
    assert ann.outbox[-1].room == ROOM
    assert getattr(ann.outbox[-1], "epoch", None) == ""


def test_a_refusal_is_handed_back_once_more_at_most() -> None:
    desk, [ann] = a_desk_with("abc", "A")
    ann.edit_badly()
    ann.write()
    ann.arrive()
    desk.serve()
    ann.append("d")
    kept(ann).crash()
    assert_converged(desk)
    [refusal] = ann.happened(Refusal)
    assert unpack_refusal(pack_refusal(refusal)) == refusal
    assert (refusal.code, refusal.edits) == ("attribute_invalid", 1)
    assert ann.titles == "abcd"
    kept(ann).crash()
    assert_converged(desk)
    assert len(ann.happened(Refusal)) == 1


def test_an_entry_that_waits_to_come_back_still_does() -> None:
    desk, [ann, ben] = a_desk_with("abc", "A", "B")
    ben.remove(1)
    ben.write()
    ben.undo()
    kept(ben).crash()
    assert_converged(desk)
    assert ann.titles == "abc"
    assert ann.replica.document.entries[1]["was"] == "A" * 22 + ".2"
    assert ben.happened(Refusal) == []


def test_undo_begins_anew() -> None:
    _, [ann] = a_desk_with("a", "A")
    ann.append("b")
    kept(ann).crash()
    assert not ann.can_undo
    ann.append("c")
    ann.undo()
    assert ann.titles == "ab"


def test_uids_go_on_behind_all_that_may_have_been_seen() -> None:
    desk, [ann] = a_desk_with("a", "A")
    ann.append("b")
    ann.sync()
    kept(ann).crash()
    ann.append("c")
    assert_converged(desk)
    assert [str(entry["uid"])[22:] for entry in ann.replica.document.entries] == [".1", ".2", ".3"]


def test_a_synced_list_is_kept_under_whatever_client_id_comes_next() -> None:
    desk, [ann] = a_desk_with("abc", "A")
    stored = kept(ann).shelf.stored
    assert stored is not None
    assert not ann.shelf.is_unsaved
    ann.lose_connection()
    ann.uids = Uids("C" * 22)
    ann.replica = PlaylistReplica(ROOM, "A", ann.uids, journal=Journal())
    ann.replica.resume(stored)
    assert ann.titles == "abc"
    ann.append("d")
    assert_converged(desk)
    assert [submit.seq for submit in ann.submits()] == [1]


# -- what is written when ------------------------------------------------------------------------------------


def test_without_a_journal_nothing_is_written() -> None:
    replica = PlaylistReplica(ROOM, "A", Uids("A" * 22))
    assert replica.take_write() is None
    assert replica.take_write(final=True) is None


def test_what_others_do_while_all_is_saved_may_wait() -> None:
    desk, [ann, ben] = a_desk_with("a", "A", "B")
    kept(ann)
    before = ann.shelf.stored
    for number in range(ROWS_HELD_MAX):
        ben.set_field(0, "note", str(number))
        ben.sync()
        ann.read()
        ann.keep()
    assert ann.shelf.stored == before
    ben.set_field(0, "note", "one more")
    assert_converged(desk)
    ann.keep()
    assert ann.shelf.stored != before
    ann.crash()
    assert ann.replica.document.entries[0]["note"] == "one more"


def test_records_never_outgrow_the_whole_for_long() -> None:
    _, [ann] = a_desk_with("a", "A")
    ann.lose_connection()
    text = "x" * 400
    for number in range(2000):
        ann.edit(set_field(1, 0, "note", f"{number}{text}"))
        ann.keep()
        assert ann.shelf.stored is not None
        whole = len(ann.shelf.stored.whole)
        assert sum(map(len, ann.shelf.stored.records)) <= max(RECORDS_BYTES_MIN, whole)
    assert 2 <= ann.shelf.wholes <= 40
    ann.crash()
    assert ann.replica.document.entries[0]["note"] == f"1999{text}"


def test_after_thirty_days_new_edits_are_refused_and_none_is_lost() -> None:
    desk, [ann] = a_desk_with("a", "A")
    ann.hurry = True
    ann.lose_connection()
    ann.append("b")
    kept(ann).crash()
    desk.now_ms += UNSAVED_AGE_MAX_MS
    ann.append("c")
    kept(ann).crash()
    desk.now_ms += 1
    with pytest.raises(QueueFull):
        ann.append("d")
    with pytest.raises(QueueFull):
        ann.edit(remove_range(3, 0))
    assert_converged(desk)
    ann.append("d")
    assert_converged(desk)
    assert ann.titles == "abcd"


def test_the_age_of_edits_survives_being_sent_and_being_refused() -> None:
    desk, [ann] = a_desk_with("a", "A")
    ann.hurry = True
    ann.append("b")
    ann.write()
    ann.outbox.clear()
    desk.now_ms += UNSAVED_AGE_MAX_MS
    ann.append("c")
    ann.replica._restart(0)
    desk.now_ms += 1
    with pytest.raises(QueueFull):
        ann.append("d")
    with pytest.raises(QueueFull):
        ann.replica.take_back("undo", desk.now_ms)
    assert ann.titles == "abc"


def test_entries_never_say_that_they_were_added_in_the_future() -> None:
    """The device's clock was wrong, and no server was there to tell."""
    desk, [ann] = a_desk_with("a", "A")
    ann.lose_connection()
    entry = {"uid": ann.replica.take_uid(), "track": "t:t", "title": "b", "added_by": "A"}
    ann.edit(insert_at(1, 1, [{**entry, "added_at": NOW_MS + DAYS_MS}]))
    kept(ann).crash()
    ann.connection = desk.connect(ann)
    assert ann.replica.connected(NOW_MS) == [Reloaded(1)]
    assert ann.replica.connected(NOW_MS) == []
    assert_converged(desk)
    assert ann.replica.document.entries[1]["added_at"] == NOW_MS
    assert ann.happened(Refusal) == []


@pytest.mark.parametrize("is_settled", [True, False])
def test_an_entry_that_comes_back_keeps_its_time_where_the_clock_is_behind(is_settled: bool) -> None:
    """A removal is remembered by who added the entry and when; a node whose clock is behind has it, too. Also
    while the removal is in flight, and nobody knows yet under which uid the entry comes back."""
    desk, [ann] = a_desk_with("ab", "A")
    ann.remove(1)
    ann.write()
    if is_settled:
        ann.sync()
    ann.lose_connection()
    assert ann.undo()
    ann.connection = desk.connect(ann)
    assert ann.replica.connected(NOW_MS - 1) == []
    desk.now_ms -= DAYS_MS
    assert_converged(desk)
    assert ann.titles == "ab"
    assert ann.happened(Refusal) == []


def test_what_cannot_be_read_says_so() -> None:
    _, [ann] = a_desk_with("abc", "A")
    stored = kept(ann).shelf.stored
    assert stored is not None
    state = msgspec.msgpack.decode(stored.whole)
    newer = msgspec.msgpack.encode({**state, "format": 99})
    torn = msgspec.msgpack.encode(
        {**state, "pending": [[0, {"l": [["k", 99], ["r", 1]]}]], "pending_edits": 1}
    )
    record = msgspec.msgpack.encode(["f"])
    for bad in (
        Stored(ROOM, b"", ()),
        Stored(ROOM, stored.whole[:-1], ()),
        Stored(ROOM, newer, ()),
        Stored(ROOM, torn, ()),
        Stored(ROOM, stored.whole, (record,)),
    ):
        with pytest.raises(Unreadable):
            PlaylistReplica(ROOM, "A", Uids("A" * 22), journal=Journal()).resume(bad)


def test_an_op_that_has_become_too_large_to_send_is_kept_too() -> None:
    desk, [ann] = a_desk_with("a", "A")
    ann.lose_connection()
    assert ann.replica.engine is not None
    engine = ann.replica.engine
    # By hand: a real one takes 12,500 foreign edits in the middle of one of ours.
    components = tuple(Keep(1, {"note": str(number % 2)}) for number in range(COMPONENTS_MAX + 1))
    entries = [dict(engine.acked.entries[0], uid=f"u{number}") for number in range(len(components))]
    engine._acked = engine._document = Document(entries, {})
    engine.edit(Op(components))
    assert ann.replica._submissions is not None
    ann.replica._submissions.made += 1
    ann.replica._submissions._changed()
    kept(ann).crash()
    assert ann.replica.document.entries[1]["note"] == "1"
    assert desk.people == [ann]


# -- storms --------------------------------------------------------------------------------------------------


@storms
@given(st.randoms(use_true_random=False))
def test_storms_with_crashes_lose_nothing_that_was_written(random: Random) -> None:
    Storm(random, with_snapshots=True, with_crashes=True).run(actions=80).check()


def test_one_edit_one_acknowledgement_however_often_it_crashes() -> None:
    desk = Desk()
    ann = desk.person("A")
    for number in range(30):
        ann.append(str(number % 10))
        ann.write()
        if number % 3:
            ann.arrive()
            desk.serve()
        if number % 4 == 0:
            kept(ann).crash()
            ann.connect()
        elif number % 5 == 0:
            ann.sync()
    assert_converged(desk)
    assert ann.titles == "0123456789" * 3
    settled = [event.seq for event in ann.happened(Acknowledged)]
    assert len(settled) == len(set(settled))

"""A connection that is lost, a server that was restarted: nothing is lost, nothing comes twice."""

import pytest

from storage.memory import CommitFault
from storage.rows import Commit
from storage.store import OutcomeUnknown
from tests.clients.desk import assert_converged, done
from tests.clients.trouble import a_desk_with
from tutti_client.events import Acknowledged, Refusal


def test_a_submission_lost_on_its_way_goes_out_again_in_the_same_bytes() -> None:
    desk, [ann, ben] = a_desk_with("ab", "A", "B")
    ann.append("c")
    ann.write()
    ann.lose_connection()
    ben.insert(0, "x")
    ben.sync()
    ann.append("d")
    assert_converged(desk)
    first, again, rest = ann.submits()
    assert first == again
    assert (rest.seq, rest.base) == (3, 3)
    assert ann.titles == "xabcd"


def test_an_ack_lost_on_its_way_is_learnt_from_the_rows_of_resume() -> None:
    desk, [ann, ben] = a_desk_with("ab", "A", "B")
    ann.append("c")
    ann.write()
    ann.arrive()
    desk.serve()
    ann.lose_connection()
    ben.remove(0)
    assert_converged(desk)
    assert len(ann.submits()) == 1
    assert [event.seq for event in ann.happened(Acknowledged)] == [2]
    assert ann.titles == "bc"


def test_an_ack_without_a_version_lost_on_its_way_is_learnt_from_the_outcome() -> None:
    desk, [ann, ben] = a_desk_with("ab", "A", "B")
    ben.remove(0)
    ben.sync()
    ann.remove(0)
    ann.write()
    ann.arrive()
    desk.serve()
    ann.lose_connection()
    assert_converged(desk)
    assert len(ann.submits()) == 1
    assert [event.version for event in ann.happened(Acknowledged)] == [2]


def test_a_refusal_lost_on_its_way_is_learnt_from_the_outcome() -> None:
    desk, [ann] = a_desk_with("ab", "A")
    ann.set_field(0, "colour", "blue")
    ann.write()
    ann.arrive()
    desk.serve()
    ann.lose_connection()
    ann.append("c")
    assert_converged(desk)
    [refusal] = ann.happened(Refusal)
    assert (refusal.seq, refusal.code, refusal.edits) == (2, "entry_invalid", 1)
    assert ann.titles == "abc"


def test_what_is_edited_while_away_comes_back_as_one_submission() -> None:
    desk, [ann, ben] = a_desk_with("abcd", "A", "B")
    ann.lose_connection()
    ann.move(0, 2, 4)
    ann.append("e")
    ann.remove(0)
    ben.insert(1, "x")
    ben.sync()
    assert_converged(desk)
    assert len(ann.submits()) == 1
    assert ann.titles == "xdabe"


def test_a_restarted_server_answers_a_resend_without_doing_it_again() -> None:
    desk, [ann] = a_desk_with("ab", "A")
    ann.append("c")
    ann.write()
    ann.arrive()
    desk.store.fail_next_commit(CommitFault.UNKNOWN_WRITTEN)
    task, _ = desk.room.next_task(desk.now_ms)
    assert isinstance(task, Commit)
    with pytest.raises(OutcomeUnknown):
        done(desk.store.commit([task]))
    desk.restart()
    assert_converged(desk)
    assert ann.titles == "abc"

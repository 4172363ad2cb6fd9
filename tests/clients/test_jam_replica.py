"""Say, delay, deliver, converge: commands of a Jam on a replica, over a server that decides them anew."""

import pytest

from tests.clients.jukebox import Jukebox, assert_converged, outcomes, two
from tutti_client.events import Accepted, Delayed, Happened, Rejected, Reloaded, Resynced, RoleSet


def test_commands_show_at_once_and_leave_one_after_the_other() -> None:
    box = Jukebox()
    ann = box.person("A")
    assert ann.events == [RoleSet("guest"), Reloaded(0)]
    first, second = ann.add(), ann.add()
    assert ann.order == [first, second]
    assert ann.replica.committed is not None
    assert ann.replica.committed.order == []
    assert ann.replica.status == "pending"
    ann.write()
    ann.write()
    assert [(submit.seq, submit.base) for submit in ann.submits()] == [(1, 0)]
    ann.sync()
    assert [(submit.seq, submit.base) for submit in ann.submits()] == [(1, 0), (2, 1)]
    assert outcomes(ann) == [(1, True), (2, True)]
    assert (ann.replica.made, ann.replica.settled, ann.replica.status) == (2, 2, "durable")
    assert ann.happened(Accepted)[1] == Accepted(2, ann.replica.client, 2, 2, True)
    assert_converged(box)


def test_everybody_hears_what_was_committed_and_who_did_it() -> None:
    box = Jukebox()
    ann, ben = two(box)
    entry = ann.add()
    ann.sync()
    ben.read()
    [seen] = ben.happened(Happened)
    assert (seen.version, seen.author, seen.own, seen.event["entry"]) == (1, "A", False, entry)
    assert [event.own for event in ann.happened(Happened)] == [True]
    box.commit({"event": "removed", "at": 5_000, "by": "", "entry": entry})
    ann.read()
    assert ann.happened(Happened)[-1].author == ""
    assert_converged(box)


def test_a_command_is_decided_on_the_newest_state() -> None:
    """Somebody was faster: what is left of it is decided there, and predicted anew here."""
    box = Jukebox()
    ann, ben = two(box)
    entry = ann.add()
    assert_converged(box)
    ben.give("remove", entry)
    ben.give("like", entry)
    assert ben.order == []
    ann.give("like", entry)
    ann.give("remove", entry)
    ann.sync()
    ben.read()
    assert ben.order == []
    assert_converged(box)
    assert outcomes(ann) == [(1, True), (2, False), (3, True)]
    assert outcomes(ben) == [(1, "entry_gone"), (2, "entry_gone")]
    [refused, _] = ben.happened(Rejected)
    assert refused == Rejected(
        1, ben.replica.client, 1, "entry_gone", "No.", 700, {"do": "remove", "entry": entry}
    )


def test_an_unchanged_ack_counts_only_once_the_rows_before_it_are_here() -> None:
    box = Jukebox()
    ann, ben = two(box)
    entry = ann.add()
    assert_converged(box)
    ann.give("like", entry)
    ann.write()
    ben.add()
    ben.sync()
    ann.arrive()
    rows, ack = ann.inbox
    ann.inbox = [ack]
    ann.read()
    assert outcomes(ann) == [(1, True)]
    ann.inbox = [rows]
    ann.read()
    assert outcomes(ann) == [(1, True), (2, False)]
    assert_converged(box)


def test_what_is_given_offline_is_sent_on_return_in_order() -> None:
    box = Jukebox()
    ann, ben = two(box)
    entry = ben.add()
    assert_converged(box)
    ann.lose_connection()
    ann.give("like", entry)
    mine = ann.add()
    ann.give("like", mine)
    assert ann.order == [entry, mine]
    assert_converged(box)
    assert outcomes(ann) == [(1, True), (2, True), (3, False)]


@pytest.mark.parametrize("loses", ["the submission", "the answer"])
def test_a_resend_has_the_same_bytes_and_takes_effect_once(loses: str) -> None:
    box = Jukebox()
    ann, ben = two(box)
    ann.add()
    ann.write()
    if loses == "the answer":
        ann.arrive()
    ann.lose_connection()
    ben.add()
    ben.sync()
    ann.connect()
    ann.sync()
    sent = ann.submits()
    assert len(sent) == (1 if loses == "the answer" else 2)
    assert all(submit == sent[0] for submit in sent)
    assert outcomes(ann) == [(1, True)]
    assert_converged(box)
    assert box.version == 2


def test_an_outcome_that_only_a_snapshot_tells() -> None:
    box = Jukebox()
    ann, ben = two(box)
    entry = ann.add()
    ann.give("like", entry)
    ann.write()
    ann.arrive()
    ann.lose_connection()
    ben.add()
    ben.sync()
    box.history_from = box.version
    ann.connect()
    ann.sync()
    assert outcomes(ann) == [(1, None), (2, False)]
    assert ann.happened(Resynced)
    assert_converged(box)


def test_a_refusal_that_only_the_answer_to_open_tells() -> None:
    box = Jukebox()
    ann = box.person("A")
    ann.give("like", "gone")
    ann.write()
    ann.arrive()
    ann.lose_connection()
    assert_converged(box)
    assert outcomes(ann) == [(1, "entry_gone")]
    assert len(ann.submits()) == 1


def test_not_now_is_sent_again_and_nothing_overtakes_it() -> None:
    box = Jukebox()
    ann = box.person("A")
    ann.add()
    ann.add()
    box.busy = True
    ann.write()
    ann.arrive()
    ann.read()
    assert ann.happened(Delayed) == [Delayed("busy", "Not now.")]
    ann.write()
    assert len(ann.submits()) == 1
    box.busy = False
    assert_converged(box)
    assert [submit.seq for submit in ann.submits()] == [1, 1, 2]

"""What one commit will hold: which submissions are new, what they become, what leaves at once."""

from typing import Any

import pytest

from collab.batch import Batch, seq_answer
from collab.errors import Refusal
from collab.messages import Ack, Refused
from collab.playlist import Playlist
from collab.submission import Submission, body_hash
from collab.window import Window
from ot.build import insert_at, remove_range, set_attribute
from ot.op import Op, encode
from storage.rows import Head, Settled
from tests.collab.rooms import NOW_MS, ROOM, client_id, entry

A, B = client_id("A"), client_id("B")
KIND = Playlist()


def submission(seq: int, op: Op | Refusal, base: int = 0, client: str = A, user: str = "ann") -> Submission:
    body = encode(op) if isinstance(op, Op) else {}
    return Submission(f"conn-{client[0]}", user, client, seq, base, op, body_hash(base, body))


def batch(length: int = 0) -> Batch[Op]:
    state: Any = {"entries": [entry("first", n) for n in range(length)], "attributes": {}, "removed": []}
    head = Head(ROOM, "playlist", "e1", version=4, changes=9)
    members = {"ann": "owner", "eve": "viewer"}
    window: Window[Op] = Window(KIND, 4)
    return Batch(KIND, head, members, window, KIND.load(state).draft(), NOW_MS)


NAMED = set_attribute("name", "y")
LAST = Settled(A, "ann", 3, body_hash(4, encode(NAMED)), 4, "", 8)


@pytest.mark.parametrize(
    ("seq", "last", "answer"),
    [
        (1, None, None),
        (4, LAST, None),
        (2, None, "seq_gap"),
        (5, LAST, "seq_gap"),
        (2, LAST, "already_settled"),
        (0, None, "already_settled"),
        (3, LAST, 4),
    ],
)
def test_a_seq_is_new_a_resend_or_a_mistake(seq: int, last: Settled | None, answer: str | int | None) -> None:
    told = seq_answer(ROOM, submission(seq, NAMED, base=4), last)
    match told:
        case Refused():
            assert told.code == answer
            assert not told.retryable
        case Ack():
            assert (told.seq, told.version) == (seq, answer)
        case None:
            assert answer is None


def test_the_same_seq_with_another_body_is_told_so() -> None:
    told = seq_answer(ROOM, submission(3, set_attribute("name", "z"), base=4), LAST)
    assert isinstance(told, Refused)
    assert told.code == "seq_reused"
    told = seq_answer(ROOM, submission(3, NAMED, base=3), LAST)
    assert isinstance(told, Refused)
    assert told.code == "seq_reused", "the base is part of the body"


def test_a_refusal_is_answered_again_and_one_without_a_body_fits_any() -> None:
    told = seq_answer(ROOM, submission(3, NAMED), Settled(A, "ann", 3, b"", None, "base_gone", 8))
    assert isinstance(told, Refused)
    assert told.code == "base_gone"


def test_the_hash_is_of_the_content_not_of_its_spelling() -> None:
    assert body_hash(1, {"a": {"x": 1, "y": 2}}) == body_hash(1, {"a": {"y": 2, "x": 1}})
    assert body_hash(1, {"a": {"x": 1}}) != body_hash(1, {"a": {"x": True}})


def test_a_batch_numbers_its_ops_and_stamps_their_outcomes() -> None:
    made = batch()
    assert made.decide(submission(1, insert_at(0, 0, [entry(A, 1)]), 4), None) is None
    assert made.decide(submission(2, NAMED, 4), None) is None
    commit = made.commit()
    assert [(row.version, row.client_id, row.seq, row.at_ms) for row in commit.ops] == [
        (5, A, 1, NOW_MS),
        (6, A, 2, NOW_MS),
    ]
    assert (commit.epoch, commit.expected_version, commit.expected_changes) == ("e1", 4, 9)
    [settled] = commit.settled
    assert (settled.seq, settled.version, settled.changes) == (2, 6, 10)


def test_a_resend_in_the_same_batch_waits_for_the_commit() -> None:
    made = batch()
    made.decide(submission(1, NAMED, 4), None)
    assert made.decide(submission(1, NAMED, 4), None) is None
    assert [send.message for send in made.answers] == [Ack(ROOM, 1, 5)]
    assert len(made.submissions) == 2


def test_a_resend_of_what_was_settled_before_is_answered_at_once() -> None:
    made = batch()
    send = made.decide(submission(3, NAMED, 4), LAST)
    assert send is not None
    assert send.message == Ack(ROOM, 3, 4)
    assert not made.submissions


def test_a_refusal_consumes_its_seq_and_leaves_the_draft_alone() -> None:
    made = batch(1)
    foreign = insert_at(1, 0, [entry(B, 1)])
    assert made.decide(submission(1, foreign, 4), None) is None
    assert made.decide(submission(2, remove_range(1, 0), 4), None) is None
    assert [row.version for row in made.op_rows] == [5]
    assert made.settled[A].version == 5
    [answer] = made.answers
    assert isinstance(answer.message, Refused)
    assert (answer.message.seq, answer.message.code) == (1, "uid_foreign")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (submission(1, NAMED, 5), "base_ahead"),
        (submission(1, NAMED, 3), "base_gone"),
        (submission(1, NAMED, 4, user="eve"), "forbidden"),
        (submission(1, NAMED, 4, user="mallory"), "forbidden"),
        (submission(1, Refusal("op_malformed"), 4), "op_malformed"),
        (submission(1, insert_at(7, 0, [entry(A, 1)]), 4), "op_length"),
    ],
)
def test_why_a_submission_is_refused(wrong: Submission, code: str) -> None:
    made = batch()
    assert made.decide(wrong, None) is None
    assert made.settled[A].code == code
    assert made.settled[A].version is None


def test_an_op_of_which_nothing_is_left_makes_no_version() -> None:
    made = batch(1)
    made.decide(submission(1, remove_range(1, 0), 4), None)
    made.decide(submission(1, remove_range(1, 0), 4, client=B), None)
    assert len(made.op_rows) == 1
    assert made.settled[B].version == 5
    assert made.answers[-1].message == Ack(ROOM, 1, 5)

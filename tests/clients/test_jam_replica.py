"""Say, delay, deliver, converge: commands of a Jam on a replica, over a server that decides them anew."""

from random import Random

import pytest

from collab.messages import SUBMISSION_BYTES_MAX, Opened, Ops, RoleChanged, Row, Snapshot
from tests.clients.jukebox import ROOM, BoxRules, Guest, Jukebox, assert_converged
from tutti_client.commands import WAITING_MAX
from tutti_client.errors import InvalidEdit, JamClosed, QueueFull
from tutti_client.events import (
    Accepted,
    Closed,
    Delayed,
    Diverged,
    Happened,
    Rejected,
    Reloaded,
    Renamed,
    Resynced,
    RoleSet,
)
from tutti_client.jam_replica import JamReplica
from tutti_client.uids import Uids


def two(box: Jukebox) -> tuple[Guest, Guest]:
    return box.person("A"), box.person("B")


def outcomes(person: Guest) -> list[tuple[int, bool | str | None]]:
    """How each command ended, in the order in which it was heard."""
    return [
        (event.number, event.is_event if isinstance(event, Accepted) else event.code)
        for event in person.events
        if isinstance(event, Accepted | Rejected)
    ]


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


def test_another_order_than_the_events_is_noticed_at_once_and_repaired() -> None:
    box = Jukebox()
    ann, ben = two(box)
    ann.rules.lies = True
    ben.add()
    ben.sync()
    ann.sync()
    assert ann.replica.divergences == 0
    mine = ann.replica.take_uid()
    ann.give("add", mine)
    ben.add()
    ben.sync()
    ann.read()
    assert ann.replica.divergences == 1
    assert ann.happened(Diverged) == [Diverged(1)]
    ann.rules.lies = False
    assert_converged(box)
    assert ann.happened(Resynced)
    assert mine in ben.order


def test_another_state_than_the_digest_is_noticed_and_repaired() -> None:
    box = Jukebox()
    ann = box.person("A")
    ann.add()
    assert_converged(box)
    box.compare()
    ann.read()
    assert ann.replica.divergences == 0
    ann.replica._submissions.state = ann.rules.load({"at": 1, "likes": []})  # type: ignore[union-attr]
    box.compare()
    ann.read()
    assert ann.replica.divergences == 1
    assert_converged(box)


@pytest.mark.parametrize("event", ["danced", "added"])
def test_what_cannot_be_folded_is_noticed_and_repaired(event: str) -> None:
    box = Jukebox()
    ann = box.person("A")
    ann.add()
    assert_converged(box)
    count = 1 if event == "danced" else 2
    op = {"event": event, "at": 1, "by": "", "entry": "x", "order": ""}
    ann.replica.receive(Ops(ROOM, (Row(1 + count, "", 0, "", op, count),)), box.now_ms)
    assert ann.replica.divergences == 1
    assert_converged(box)


def test_a_missing_version_is_asked_for() -> None:
    box = Jukebox()
    ann, ben = two(box)
    for _ in range(3):
        ben.add()
    ben.sync()
    del ann.inbox[1]
    ann.read()
    assert ann.replica.version == 1
    assert_converged(box)
    assert not ann.happened(Resynced)


# -- new epochs and client ids -------------------------------------------------------------------------------


def test_what_waits_goes_on_under_a_new_client_id_with_new_names() -> None:
    box = Jukebox()
    ann, ben = two(box)
    ben.add()
    assert_converged(box)
    ann.lose_connection()
    old = ann.add()
    ann.give("remove", old)
    kept = ann.add()
    box.restore(1)
    ann.connect()
    ann.sync()
    assert ann.replica.needs_client
    assert ann.submits() == []
    ann.renew("Z")
    [renamed] = ann.happened(Renamed)
    assert set(renamed.uids) == {old, kept}
    assert all(uid.startswith("Z" * 22) for uid in renamed.uids.values())
    assert_converged(box)
    assert [submit.seq for submit in ann.submits()] == [1, 2, 3]
    assert outcomes(ann) == [(1, True), (2, True), (3, True)]
    assert renamed.uids[kept] in ann.order


@pytest.mark.parametrize("is_known", [True, False])
def test_what_is_in_flight_when_the_epoch_changes_takes_effect_once(is_known: bool) -> None:
    box = Jukebox()
    ann = box.person("A")
    ann.add()
    ann.add()
    ann.write()
    ann.arrive()
    ann.lose_connection()
    box.restore(1 if is_known else 0)
    ann.connect()
    ann.sync()
    ann.renew("Z")
    assert_converged(box)
    assert len(ann.order) == 2
    assert outcomes(ann) == [(1, None if is_known else True), (2, True)]


def test_a_seq_that_another_life_used_ends_in_a_new_client_id() -> None:
    """An earlier process sent something under this client id that arrives only now."""
    box = Jukebox()
    ann = box.person("A")
    box.settled[ann.replica.client] = (1, {"do": "add", "entry": "of another life"}, 0)
    ann.add()
    ann.sync()
    assert ann.replica.needs_client
    ann.renew("Z")
    assert_converged(box)
    assert outcomes(ann) == [(1, True)]


def test_a_fresh_replica_goes_on_with_the_seqs_that_the_server_counted() -> None:
    box = Jukebox()
    ann = box.person("A")
    ann.add()
    assert_converged(box)
    ann.lose_connection()
    ann.replica = JamReplica(ROOM, "A", ann.uids, ann.rules)
    ann.connect()
    ann.sync()
    ann.add()
    assert_converged(box)
    assert [submit.seq for submit in ann.submits()] == [1, 2]


# -- bounds, and the end -------------------------------------------------------------------------------------


def test_too_many_commands_are_refused_loudly_and_none_is_lost() -> None:
    box = Jukebox()
    ann = box.person("A")
    entry = ann.add()
    ann.sync()
    ann.lose_connection()
    for _ in range(WAITING_MAX):
        ann.replica.give({"do": "like", "entry": entry}, 1)
    with pytest.raises(QueueFull):
        ann.give("like", entry)
    assert_converged(box)
    assert len(outcomes(ann)) == 1 + WAITING_MAX
    ann.give("remove", entry)
    assert_converged(box)


def test_too_large_commands_are_refused_loudly() -> None:
    box = Jukebox()
    ann = box.person("A")
    with pytest.raises(InvalidEdit):
        ann.give("add", "x" * SUBMISSION_BYTES_MAX)
    for _ in range(4):
        ann.replica.give({"do": "like", "entry": "x" * (SUBMISSION_BYTES_MAX // 2 - 2048)}, 1)
    with pytest.raises(QueueFull):
        ann.give("like", "x" * 8192)
    assert ann.replica.made == 4


def test_whoever_is_out_gets_back_what_waits() -> None:
    box = Jukebox()
    ann = box.person("A")
    ann.add()
    ann.write()
    ann.give("like", "x")
    ann.inbox.append(RoleChanged(ROOM, ""))
    ann.read()
    assert outcomes(ann) == [(1, "not_found"), (2, "not_found")]
    assert isinstance(ann.events[-1], Closed)
    assert ann.replica.settled == ann.replica.made == 2
    with pytest.raises(JamClosed):
        ann.give("like", "x")


def test_nothing_can_be_asked_before_it_is_loaded() -> None:
    replica = JamReplica(ROOM, "A", Uids("A" * 22), BoxRules())
    assert replica.state is replica.committed is None
    with pytest.raises(JamClosed):
        replica.give({"do": "add", "entry": "x"}, 0)


def test_a_document_of_another_kind_is_none() -> None:
    replica = JamReplica(ROOM, "A", Uids("A" * 22), BoxRules())
    replica.connected()
    replica.outgoing(0)
    snapshot = Snapshot({"entries": [], "attributes": {}})
    [closed] = replica.receive(Opened(ROOM, "playlist", "e", 0, "owner", "fresh", snapshot=snapshot), 0)
    assert isinstance(closed, Closed)
    assert closed.code == "not_found"


# -- prediction ----------------------------------------------------------------------------------------------


def test_a_state_is_predicted_once_for_each_command_until_something_arrives() -> None:
    box = Jukebox()
    ann, ben = two(box)
    ann.lose_connection()
    for count in range(1, 11):
        ann.add()
        assert len(ann.order) == len(ann.order) == count
    assert ann.rules.predictions == 10
    ben.add()
    ben.sync()
    ann.connect()
    ann.write()
    ann.arrive()
    ann.read()
    assert ann.rules.predictions == 10
    assert len(ann.order) == 11
    assert ann.rules.predictions == 20


# -- everything at once --------------------------------------------------------------------------------------


def storm(random: Random) -> set[type]:
    """Each command ends once, in order, and everybody holds what the server holds. Returns what was heard."""
    heard: set[type] = set()
    box = Jukebox()
    people = [box.person(letter) for letter in "ABC"]
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    for _ in range(250):
        person = random.choice(people)
        if person.replica.needs_client and not person.replica.has_inflight:
            person.renew(next(letters))
        match random.randrange(12):
            case 0 | 1:
                person.add()
            case 2 | 3 | 4 if person.order:
                person.give(random.choice(("like", "like", "remove")), random.choice(person.order))
            case 5 if person.is_connected and random.random() < 0.3:
                person.lose_connection()
            case 5 | 6 if not person.is_connected:
                person.connect()
            case 7:
                person.arrive()
            case 8:
                person.read()
            case 9:
                person.sync()
            case 10 if random.random() < 0.1:
                box.history_from = box.version
            case 11 if random.random() < 0.1:
                for each in people:
                    each.lose_connection()
                box.restore(max(0, box.version - 2))
            case _:
                person.write()
    for person in people:
        if not person.is_connected:
            person.connect()
        person.sync()
        if person.replica.needs_client:
            person.renew(next(letters))
    assert_converged(box)
    for person in people:
        assert [number for number, _ in outcomes(person)] == list(range(1, person.replica.made + 1))
        assert person.replica.divergences == 0
        added = [row for row in box.log if row.op["event"] == "added" and row.author == person.letter]
        assert len(added) <= person.added, "nothing was added twice"
        heard |= {type(event) for event in person.events}
    return heard


def test_storms() -> None:
    heard = set().union(*(storm(Random(seed)) for seed in range(30)))
    assert heard >= {Accepted, Rejected, Renamed, Resynced, Happened}

"""How much a replica of a Jam takes, what it computes, and what it gives back at the end."""

import pytest

from collab.messages import SUBMISSION_BYTES_MAX, Opened, RoleChanged, Snapshot
from tests.clients.jukebox import ROOM, BoxRules, Jukebox, assert_converged, outcomes, two
from tutti_client.commands import WAITING_MAX
from tutti_client.errors import InvalidEdit, JamClosed, QueueFull
from tutti_client.events import Closed
from tutti_client.jam_replica import JamReplica
from tutti_client.uids import Uids


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

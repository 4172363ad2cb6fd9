from random import Random

import pytest

from ot.apply import apply
from ot.build import insert_at, remove_range, set_attribute
from ot.client import Diverged, Engine
from ot.document import Document
from ot.fuzz import generate
from ot.op import IDENTITY, Drop, Keep, Op, OpError, Pick, is_identity
from tests.ot.dummy import Client, DummyServer, converge, text


def two(start: str) -> tuple[DummyServer, Client, Client]:
    server = DummyServer(start)
    return server, Client("alice", server), Client("bob", server)


def test_an_edit_is_seen_at_once_and_committed_later() -> None:
    server, alice, _ = two("ab")
    alice.type("X", 1)
    assert str(alice) == "aXb"
    assert not alice.engine.is_synced
    assert alice.engine.pending_edits == 1
    alice.send()
    assert alice.engine.pending_edits == 0
    assert text(server.document) == "ab"
    alice.arrive()
    alice.deliver()
    assert alice.engine.is_synced
    assert (alice.engine.version, text(alice.engine.acked)) == (1, "aXb")


def test_both_type_at_the_same_place() -> None:
    _, alice, bob = two("ab")
    alice.type("X", 1)
    bob.type("Y", 1)
    assert converge(alice, bob) == "aXYb"


def test_a_sent_op_is_frozen_and_edits_wait_behind_it() -> None:
    server, alice, bob = two("ab")
    alice.type("X", 0)
    alice.send()
    frozen = alice.engine.inflight
    assert frozen is not None
    alice.type("Y", 1)
    alice.remove(0)
    assert alice.engine.inflight == frozen
    alice.send()
    assert alice.engine.inflight == frozen
    bob.type("Z", 0)
    bob.send()
    bob.arrive()
    alice.deliver()
    assert alice.engine.inflight is not None
    assert (alice.engine.inflight.op, alice.engine.inflight.base) == (frozen.op, 0)
    assert alice.engine.inflight.rebased != frozen.op
    assert str(alice) == "ZYab"
    assert converge(alice, bob) == "ZYab"
    assert [commit.author for commit in server.history] == ["bob", "alice", "alice"]


def test_many_edits_leave_as_one_op() -> None:
    server, alice, bob = two("")
    for index in range(100):
        alice.type(str(index), index)
    assert alice.engine.pending_edits == 100
    converge(alice, bob)
    assert server.version == 1


def test_edits_that_cancel_out_are_never_sent() -> None:
    server, alice, _ = two("ab")
    alice.type("X", 1)
    alice.remove(1)
    alice.send()
    assert (alice.engine.inflight, alice.engine.is_synced, alice.seq) == (None, True, 0)
    assert server.version == 0


def test_nothing_is_sent_when_nothing_waits() -> None:
    _, alice, _ = two("ab")
    alice.edit(IDENTITY)
    assert alice.engine.send(1) is None
    assert alice.engine.is_synced


def test_composed_catch_up_gives_the_same_prediction() -> None:
    for composed in (False, True):
        _, alice, bob = two("x")
        alice.type("c", 0)
        alice.send()
        bob.remove(0)
        converge(bob)
        bob.type("b", 0)
        converge(bob)
        alice.deliver(composed=composed)
        assert alice.engine.version == 2
        assert str(alice) == "bc"
        assert converge(alice, bob) == "bc"


def test_catch_up_after_the_ack_was_lost() -> None:
    server, alice, bob = two("ab")
    alice.type("X", 0)
    alice.send()
    alice.arrive()
    for letter in "YZ":
        bob.type(letter, 0)
        bob.send()
        bob.arrive()
        bob.deliver()
    alice.arrive()
    assert server.version == 3
    alice.deliver(composed=True)
    assert converge(alice, bob) == "ZXYab"


def test_an_op_of_which_nothing_is_left_is_acknowledged() -> None:
    server, alice, bob = two("ab")
    for client in (alice, bob):
        client.remove(0)
        client.send()
        client.arrive()
    assert server.version == 1
    bob.deliver()
    assert bob.engine.is_synced
    assert converge(alice, bob) == "b"


def test_an_ack_for_an_op_that_should_have_changed_something_diverges() -> None:
    _, alice, _ = two("ab")
    alice.remove(0)
    alice.send()
    with pytest.raises(Diverged):
        alice.engine.acknowledged_unchanged()
    assert alice.engine.inflight is not None
    alice.check()


def test_an_ack_for_a_move_without_effect_is_believed() -> None:
    _, alice, _ = two("ab")
    alice.edit(Op((Pick(1), Drop(0, 1), Keep(1))))
    alice.send()
    alice.show(alice.engine.acknowledged_unchanged())
    assert alice.engine.is_synced


def test_a_refusal_takes_out_only_the_refused_op() -> None:
    server, alice, bob = two("abc")
    alice.type("X", 1)
    alice.remove(0)
    alice.send()
    alice.type("Y", 3)
    alice.note(0, "on X")
    alice.move(1, 0)
    assert str(alice) == "bXcY"
    bob.type("Z", 3)
    bob.send()
    bob.arrive()
    assert alice.engine.inflight is not None
    server.refuse("alice", alice.engine.inflight)
    alice.deliver()
    assert alice.engine.inflight is None
    assert alice.engine.pending_edits == 3
    # The restored a counts as first and the waiting move of b to the front as second.
    assert str(alice) == "abcZY"
    assert converge(alice, bob) == "abcZY"


def test_a_refusal_restores_what_the_op_removed_and_set() -> None:
    server, alice, bob = two("abc")
    alice.note(0, "mine")
    alice.remove(1)
    alice.edit(set_attribute("name", "mine"))
    alice.send()
    alice.note(1, "later")
    assert alice.engine.inflight is not None
    server.refuse("alice", alice.engine.inflight)
    alice.deliver()
    assert alice.engine.document == Document([{"uid": "a"}, {"uid": "b"}, {"uid": "c", "note": "later"}], {})
    assert converge(alice, bob) == "abc"


def test_requeue_changes_nothing_that_is_seen() -> None:
    _, alice, bob = two("ab")
    alice.type("X", 1)
    alice.send()
    alice.type("Y", 2)
    bob.type("Z", 0)
    bob.send()
    bob.arrive()
    alice.deliver()
    before = alice.engine.document
    alice.engine.requeue()
    alice.check()
    assert alice.engine.document == before
    assert (alice.engine.inflight, alice.engine.pending_edits) == (None, 2)
    assert converge(alice, bob) == "ZaXYb"


def test_another_commit_than_predicted_diverges_and_changes_nothing() -> None:
    _, alice, _ = two("ab")
    alice.type("X", 1)
    alice.send()
    alice.type("Y", 1)
    with pytest.raises(Diverged):
        alice.engine.receive_own(insert_at(2, 0, [{"uid": "X"}]))
    assert (alice.engine.version, str(alice)) == (0, "aYXb")
    alice.check()


def test_ops_that_do_not_fit_change_nothing() -> None:
    _, alice, _ = two("ab")
    alice.type("X", 1)
    for op in (remove_range(9, 0), Op((Pick(2), Drop(1, 2)))):
        with pytest.raises(OpError):
            alice.engine.receive(op)
        with pytest.raises(OpError):
            alice.engine.edit(op)
    assert (alice.engine.version, alice.engine.pending_edits) == (0, 1)
    alice.check()


# -- snapshots -----------------------------------------------------------------------------------------------


def snapshot(server: DummyServer, client: Client, **kind: bool) -> None:
    client.show(client.engine.reset(server.document, server.version, **kind))


def test_base_gone_and_the_inflight_op_was_not_committed() -> None:
    server, alice, bob = two("abc")
    alice.type("X", 1)
    alice.send()
    alice.type("Y", 2)
    alice.note(3, "mine")
    bob.move(0, 3)
    bob.remove(0)
    bob.type("Z", 0)
    converge(bob)
    alice.engine.requeue()
    snapshot(server, alice, own_committed=False)
    assert alice.engine.pending_edits == 3
    assert text(alice.engine.acked) == "Zca"
    assert sorted(str(alice)) == sorted("XYZca")
    assert sorted(converge(alice, bob)) == sorted("XYZca")


def test_base_gone_and_the_inflight_op_was_committed() -> None:
    server, alice, bob = two("abc")
    alice.type("X", 1)
    alice.send()
    alice.arrive()
    alice.note(1, "on X")
    bob.remove(0)
    converge(bob)
    snapshot(server, alice, own_committed=True)
    assert alice.engine.inflight is None
    assert str(alice) == "Xbc"
    assert alice.engine.document.entries[0] == {"uid": "X", "note": "on X"}
    assert converge(alice, bob) == "Xbc"


def test_a_snapshot_while_an_op_is_in_flight() -> None:
    """The server was asked for ops and sent a snapshot; the op in flight is resent as it was."""
    server, alice, bob = two("x")
    alice.type("c", 0)
    alice.send()
    alice.type("d", 1)
    bob.remove(0)
    converge(bob)
    bob.type("b", 0)
    converge(bob)
    snapshot(server, alice, own_committed=False)
    assert alice.engine.inflight is not None
    assert alice.engine.inflight.base == 0
    assert sorted(converge(alice, bob)) == sorted("bcd")


def test_a_commit_that_differs_after_a_snapshot_is_taken_in_with_a_correction() -> None:
    _, alice, _ = two("ab")
    alice.type("X", 1)
    alice.send()
    alice.type("Y", 2)
    alice.show(alice.engine.reset(Document([{"uid": "b"}, {"uid": "a"}], {}), 5, own_committed=False))
    alice.show(alice.engine.receive_own(insert_at(2, 0, [{"uid": "X"}])))
    assert (alice.engine.version, text(alice.engine.acked)) == (6, "Xba")
    assert "".join(sorted(str(alice))) == "XYab"
    assert str(alice).index("X") < str(alice).index("Y")


def test_an_ack_without_a_version_after_a_snapshot_is_taken_in_with_a_correction() -> None:
    """By uid, the a that was removed and restored is the same entry; the server saw another one go."""
    _, alice, _ = two("ab")
    alice.remove(0)
    alice.send()
    alice.type("X", 1)
    alice.show(alice.engine.reset(Document([{"uid": "b"}, {"uid": "a"}], {}), 5, own_committed=False))
    assert str(alice) == "bX"
    alice.show(alice.engine.acknowledged_unchanged())
    assert "".join(sorted(str(alice))) == "Xab"
    assert alice.engine.pending_edits == 1


def test_a_new_epoch_keeps_offline_work_and_drops_inserts_that_stand() -> None:
    """The lost ack was in the backup after all: X stands. Y never left the client."""
    _, alice, _ = two("ab")
    alice.type("X", 1)
    alice.remove(0)
    alice.send()
    alice.note(0, "on X")
    alice.type("Y", 1)
    restored = DummyServer("aXb")
    alice.engine.requeue()
    snapshot(restored, alice, own_committed=False, drop_existing_uids=True)
    assert str(alice) == "XYb"
    assert alice.engine.document.entries[0] == {"uid": "X", "note": "on X"}
    alice.engine.rename_unsent(lambda uid: uid + "'")
    alice.engine.check()
    assert [entry["uid"] for entry in alice.engine.document.entries] == ["X", "Y'", "b"]
    alice.server, alice.seq, alice.seen = restored, 0, alice.engine.document
    assert converge(alice) == "XYb"


def test_a_snapshot_with_nothing_unsent_is_simply_taken() -> None:
    server, alice, bob = two("abc")
    bob.move(0, 3)
    converge(bob)
    snapshot(server, alice, own_committed=False)
    assert alice.engine.is_synced
    assert alice.engine.document is server.document


# -- at random -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_random_sessions_converge(seed: int) -> None:
    """Three clients, loss of nothing and delay of everything; refusals, snapshots and composed catch-up."""
    random, uids = Random(seed), generate.Uids()
    server = DummyServer("abcd")
    clients = [Client(name, server) for name in ("alice", "bob", "carol")]
    for _ in range(60):
        client = random.choice(clients)
        match random.choice(("edit", "edit", "edit", "send", "arrive", "arrive", "deliver", "odd")):
            case "edit":
                client.edit(generate.op(random, uids, client.engine.document)[0])
            case "send":
                client.send()
            case "arrive":
                client.arrive()
            case "deliver":
                through = random.randint(client.engine.version, server.version)
                client.deliver(through, composed=random.random() < 0.5)
            case "odd":
                _something_odd(random, client)
    converge(*clients)
    assert replayed(server) == server.document


def _something_odd(random: Random, client: Client) -> None:
    server, inflight = client.server, client.engine.inflight
    arrived = inflight is not None and server.settled.get(client.name, (0, 0))[0] == inflight.seq
    if random.random() < 0.5:
        if inflight is not None and not arrived:
            server.refuse(client.name, inflight)
            client.deliver()
    elif not arrived:
        if inflight is not None and random.random() < 0.5:
            client.engine.requeue()
        snapshot(server, client, own_committed=False)
    elif any(commit.seq == inflight.seq and commit.author == client.name for commit in server.history):
        snapshot(server, client, own_committed=True)


def replayed(server: DummyServer) -> Document:
    document = server.start
    for commit in server.history:
        assert not is_identity(commit.op)
        document = apply(document, commit.op)
    return document


def test_a_new_engine_shows_what_it_was_given() -> None:
    document = Document([{"uid": "a"}], {"name": "n"})
    engine = Engine(document, 7)
    assert (engine.document, engine.acked, engine.version, engine.is_synced) == (document, document, 7, True)
    engine.check()

"""Commands of a Jam outlive an epoch and a client id."""

import pytest

from tests.clients.jukebox import ROOM, Jukebox, assert_converged, outcomes, two
from tutti_client.events import Renamed
from tutti_client.jam_replica import JamReplica


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

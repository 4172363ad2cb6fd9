"""A replica of a Jam that has missed something, or folded it otherwise, notices and is repaired."""

import pytest

from collab.messages import Ops, Row
from tests.clients.jukebox import ROOM, Jukebox, assert_converged, two
from tutti_client.events import Diverged, Resynced


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

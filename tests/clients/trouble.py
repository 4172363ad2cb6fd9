"""People who begin with a list on replicas, and what is done to their world."""

from ot.document import Document
from tests.clients.desk import ROOM, Desk, Person, assert_converged, done


def a_desk_with(titles: str, *letters: str) -> tuple[Desk, list[Person]]:
    """A playlist that holds these titles, made by the first of these people."""
    desk = Desk()
    people = [desk.person(letter) for letter in letters]
    people[0].append(*titles)
    assert_converged(desk)
    for person in people:
        person.events.clear()
        person.sent.clear()
    return desk, people


def assert_converged_for(desk: Desk, person: Person) -> None:
    person.sync()
    assert person.replica.document.entries == desk.room.state.view()["entries"]


def forget_history(desk: Desk) -> None:
    """The node unloads the room; its ops are compacted away."""
    saved = desk.room._ledger.snapshot()
    done(desk.store.add_snapshot(ROOM, saved.epoch, saved.snapshot))
    done(desk.store.forget_ops(ROOM, desk.room.head.version))
    desk.restart()


def restored(desk: Desk) -> None:
    """A backup came back and `tutti restored` was run."""
    done(desk.store.set_epoch(ROOM, "epoch-2"))
    desk.restart()


def damage(person: Person) -> None:
    """A bit of the replica's committed state flips."""
    engine = person.replica.engine
    assert engine is not None
    entries = list(engine.acked.entries)
    entries[1] = {**entries[1], "title": "?"}
    engine._acked = engine._document = Document(entries, engine.acked.attributes)

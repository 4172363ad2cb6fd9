"""Everything at once on replicas of a Jam: whatever the order, all of them end with what the server has."""

from random import Random

from tests.clients.jukebox import Jukebox, assert_converged, outcomes
from tutti_client.events import Accepted, Happened, Rejected, Renamed, Resynced


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

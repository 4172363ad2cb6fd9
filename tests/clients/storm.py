"""People who mostly change their minds.

A seeded storm at a desk: half of all actions undo or redo, the others edit, lose connections, deliver a part
of what is under way, do what is refused, or take the history away. Knows which entries anybody took out, so
it can tell whether one got lost.
"""

from random import Random
from typing import Any

from ot.apply import removed
from ot.build import set_attribute
from ot.document import Document
from tests.clients.desk import Desk, Person, assert_converged
from tests.clients.trouble import forget_history
from tutti_client.events import Change, Event, Refusal, Renamed, Resynced

LENGTH_MAX = 7
_ACTIONS = {"undo": 35, "redo": 15, "insert": 12, "remove": 14, "move": 8, "field": 6, "bad": 2, "again": 4}
_TROUBLE = ("write", "arrive", "read", "sync", "lose", "connect")


class Storm:
    """See the module. `seen` says what happened at least once."""

    def __init__(self, random: Any, *, with_snapshots: bool, with_crashes: bool = False) -> None:
        self.seen: set[str] = set()
        self._random: Random = random
        self._with_snapshots = with_snapshots
        self._with_crashes = with_crashes
        self._desk = Desk()
        self._people = [self._desk.person(letter) for letter in "ABCD"]
        self._titles: set[str] = set()
        self._taken_out: set[str] = set()
        self._people[0].append(*self._new("pqr"))
        assert_converged(self._desk)

    def run(self, actions: int) -> "Storm":
        for _ in range(actions):
            person = self._random.choice(self._people)
            self._act(person)
            for _ in range(self._random.choice((0, 1, 2))):
                self._move_on(self._random.choice(self._people))
            if self._with_crashes and self._random.random() < 0.1:
                self._crash(self._random.choice(self._people))
            if self._with_snapshots and self._random.random() < 0.01:
                forget_history(self._desk)
        assert_converged(self._desk)
        return self

    def check(self) -> None:
        """No uid twice, nothing refused but what had to be, nothing lost that nobody removed."""
        standing = [str(entry["title"]) for entry in self._document.entries]
        uids = [str(entry["uid"]) for entry in self._document.entries]
        assert len(set(uids)) == len(uids)
        handed_back: set[str] = set()
        for person in self._people:
            for event in person.happened(Refusal):
                assert event.code == "attribute_invalid", event
                self.seen.add("refused")
                for component in event.op.components:
                    handed_back |= {str(entry["title"]) for entry in getattr(component, "entries", ())}
            if person.happened(Renamed):
                self.seen.add("renamed")
            if person.happened(Resynced):
                self.seen.add("resynced")
        if any("was" in entry for entry in self._document.entries):
            self.seen.add("restored")
        lost = self._titles - self._taken_out - handed_back - set(standing)
        assert not lost, f"nobody removed {lost}"

    def check_nothing_twice(self) -> None:
        standing = [str(entry["title"]) for entry in self._document.entries]
        assert len(set(standing)) == len(standing), standing

    @property
    def _document(self) -> Document:
        return self._people[0].replica.document

    def _act(self, person: Person) -> None:
        random, length = self._random, person.length
        [action] = random.choices(list(_ACTIONS), list(_ACTIONS.values()))
        before, known = person.replica.document, len(person.events)
        if action == "undo" or action == "redo":
            can = person.can_undo if action == "undo" else person.can_redo
            done = person.undo() if action == "undo" else person.redo()
            assert done == can, "what can be undone is undone"
            if done:
                self.seen.add(action)
        elif action == "bad":
            person.edit(set_attribute("colour", "red"))
        elif action == "again":
            person.hurry = not person.hurry
        elif not length or (action == "insert" and length < LENGTH_MAX):
            person.insert(random.randint(0, length), *self._new(random.choice(("x", "xy"))))
        else:
            start = random.randrange(length)
            n = min(random.choice((1, 1, 2)), length - start)
            if action == "field":
                person.set_field(start, "note", random.choice(("one", "two", None)))
            elif action == "move":
                person.move(start, n, random.randint(0, length))
            else:
                person.remove(start, n)
        self._note(before, person.events[known:])

    def _note(self, before: Document, events: list[Event]) -> None:
        """Which entries an own edit, undo or redo took out."""
        for event in events:
            if isinstance(event, Change):
                self._taken_out |= {str(entry["title"]) for entry in removed(before, event.op)}

    def _move_on(self, person: Person) -> None:
        action = self._random.choice(_TROUBLE)
        if person.connection is None:
            if action == "connect":
                person.connect()
        elif action == "write":
            person.write()
        elif action == "arrive":
            person.arrive()
            self._desk.serve()
        elif action == "read":
            person.read(self._random.choice((1, None)))
        elif action == "sync":
            person.sync()
        elif action == "lose" and self._random.random() < 0.3:
            person.lose_connection()

    def _crash(self, person: Person) -> None:
        """What is not on the disk is lost, and nobody is to be blamed for it."""
        if self._random.random() < 0.7:
            person.keep(final=self._random.random() < 0.5)
        before = {str(entry["title"]) for entry in person.replica.document.entries}
        person.crash()
        self._taken_out |= before - {str(entry["title"]) for entry in person.replica.document.entries}
        self.seen.add("crashed")

    def _new(self, names: str) -> list[str]:
        titles = [f"{name}{len(self._titles)}" for name in names]
        titles = [f"{title}.{number}" for number, title in enumerate(titles)]
        self._titles.update(titles)
        return titles

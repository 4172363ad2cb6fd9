"""Playlists that several people edit, one after the other, with a simple record of who did what.

Each edit is made on a plain list first, so that every state is known before the algebra has seen an op. Knows
acts by uid. Does not know `apply`.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from collab.history import Step
from ot.build import insert_at, move_range, remove_range, set_attribute, set_field
from ot.compose import compose
from ot.document import Document
from ot.op import IDENTITY, Op, is_identity
from tests.collab.rooms import NOW_MS

PEOPLE = ("ann", "bob", "cat")
FIELDS = ("note", "title")
ATTRIBUTES = ("description", "image")

Verb = Literal["add", "remove", "move", "set", "name"]


@dataclass(frozen=True, slots=True)
class Act:
    """`what` is a uid, or an attribute; a field is set to `value`."""

    version: int
    person: str
    verb: Verb
    what: str
    field: str = ""
    value: Any = None


@dataclass
class History:
    """`states[v]` is what the playlist held at version v, `steps[v - 1]` what led there."""

    random: Random
    states: list[Document] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._added = 0
        self._entries: list[dict[str, Any]] = []
        self._attributes: dict[str, Any] = {"name": "x"}
        for _ in range(self.random.randint(0, 6)):
            self._entries.append(self._entry(PEOPLE[0]))
        self._keep_state()

    @property
    def version(self) -> int:
        return len(self.steps)

    @property
    def now(self) -> Document:
        return self.states[-1]

    def live(self, versions: int) -> None:
        for _ in range(versions):
            person = self.random.choice(PEOPLE)
            op = IDENTITY
            while is_identity(op):
                for _ in range(self.random.choice((1, 1, 2, 3))):
                    op = compose(op, self._edit(person))
            self.commit(person, op)

    def commit(self, person: str, op: Op) -> None:
        version = self.version + 1
        self.steps.append(Step(version, person, NOW_MS + 10 * version, op))
        self._keep_state()

    def adopt(self, state: Document) -> None:
        """From here on the playlist is this; `commit` the op that leads there next."""
        self._entries = [dict(entry) for entry in state.entries]
        self._attributes = dict(state.attributes)

    def _keep_state(self) -> None:
        entries = [dict(entry) for entry in self._entries]
        self.states.append(Document(entries, dict(self._attributes)))

    def _entry(self, person: str) -> dict[str, Any]:
        self._added += 1
        return {"uid": f"u{self._added}", "track": "a:b", "added_by": person}

    def _edit(self, person: str) -> Op:
        entries, length = self._entries, len(self._entries)
        verb: Verb = self.random.choice(("add", "add", "remove", "move", "move", "set", "name"))
        if verb == "add" or not length:
            at = self.random.randint(0, length)
            entry = self._entry(person)
            entries.insert(at, entry)
            self._note(person, "add", entry["uid"])
            return insert_at(length, at, [dict(entry)])
        if verb == "name":
            name, value = self.random.choice(ATTRIBUTES), self.random.choice(("x", "y", None))
            self._set(self._attributes, name, value)
            self._note(person, "name", name, value=value)
            return set_attribute(name, value)
        start = self.random.randrange(length)
        if verb == "set":
            member, value = self.random.choice(FIELDS), self.random.choice(("x", "y", None))
            entries[start] = dict(entries[start])
            self._set(entries[start], member, value)
            self._note(person, "set", entries[start]["uid"], member, value)
            return set_field(length, start, member, value)
        count = self.random.randint(1, min(3, length - start))
        run = entries[start : start + count]
        if verb == "remove":
            del entries[start : start + count]
            op = remove_range(length, start, count)
        else:
            before = self.random.randint(0, length)
            op = move_range(length, start, count, before)
            if is_identity(op):
                return op
            del entries[start : start + count]
            at = before if before < start else before - count
            entries[at:at] = run
        for entry in run:
            self._note(person, verb, entry["uid"])
        return op

    def _note(self, person: str, verb: Verb, what: str, field: str = "", value: Any = None) -> None:
        self.acts.append(Act(self.version + 1, person, verb, what, field, value))

    @staticmethod
    def _set(members: dict[str, Any], name: str, value: Any) -> None:
        if value is None:
            members.pop(name, None)
        else:
            members[name] = value


def lived(random: Random, versions: int) -> History:
    history = History(random)
    history.live(versions)
    return history

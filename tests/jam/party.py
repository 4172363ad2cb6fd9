"""A Jam that a test talks to.

Every step checks what must hold of each: the event and the state survive their encodings, and whoever folds
the event has the same Jam.
"""

from dataclasses import replace
from typing import Any

from jam import commands as c
from jam.due import proposals
from jam.events import Event, decode_event, encode_event
from jam.idle import SeenOnly, idle, noticed
from jam.lineup import Lineup
from jam.queue import order
from jam.refusal import JamRefusal
from jam.rules import By, Source
from jam.scene import Scene
from jam.settings import Settings
from jam.state import Jam, dump, load, new_jam
from jam.step import follow, step

START = 1_000_000


def song(name: str, seconds: int = 200, **fields: Any) -> dict[str, Any]:
    return {"track": f"test:{name}", "title": name, "duration_ms": seconds * 1000, **fields}


class Party:
    """Ann hosts; `join` brings others, who count as connected to this node until `goes`."""

    def __init__(self, settings: Settings | None = None, *guests: str) -> None:
        self.now_ms = START
        self.lineup = Lineup(new_jam("ann", "Ann", START, settings or Settings()))
        self.scene = Scene(here={"ann": START}, left_ms={}, loaded_ms=START)
        self.events: list[Event] = []
        self._seen: SeenOnly = {}
        self._adds = 0
        for guest in guests:
            self.join(guest)

    @property
    def jam(self) -> Jam:
        return self.lineup.jam

    def join(self, user: str, role: Any = "guest") -> Event | None:
        event = self.take(
            c.Join(user, user.title(), role, self.jam.doors.generation), By("", self.now_ms, Source.SERVER)
        )
        self.comes(user)
        return event

    def comes(self, user: str) -> None:
        self.scene = replace(self.scene, here={**self.scene.here, user: self.now_ms})

    def goes(self, user: str) -> None:
        here = {other: since for other, since in self.scene.here.items() if other != user}
        self.scene = replace(self.scene, here=here, left_ms={**self.scene.left_ms, user: self.now_ms})

    def shows(self, user: str, **sync: Any) -> None:
        self.scene = replace(self.scene, shown={**self.scene.shown, user: {"sync": sync}})

    def do(self, user: str, command: c.Command) -> Event | None:
        """Raises JamRefusal."""
        return self.take(command, By(user, self.now_ms, Source.CLIENT, self.scene))

    def steer(self, user: str, kind: type[c.Steering], *values: Any) -> Event | None:
        """As `do`, in the present reign."""
        return self.do(user, kind(*values, reign=self.jam.reign))

    def refused(self, user: str, command: c.Command) -> str:
        """The code with which the command is refused; nothing changed then."""
        before = self.jam
        try:
            self.do(user, command)
        except JamRefusal as refusal:
            assert self.jam == before
            return refusal.code
        raise AssertionError(f"{command} was taken")

    def add(self, user: str, name: str, seconds: int = 200, **fields: Any) -> str:
        self._adds += 1
        entry = f"{user}.{self._adds}"
        self.do(user, c.Add(entry, song(name, seconds, **fields)))
        return entry

    def passes(self, ms: int) -> list[Event]:
        """Time goes by, and what it wants happens when it is due. Returns what happened."""
        until_ms, before = self.now_ms + ms, len(self.events)
        while True:
            wanted, next_ms = proposals(self.lineup, self.scene, self.now_ms)
            happened = [
                self.take(command, By("", self.now_ms, Source.ROOM, self.scene)) for command in wanted
            ]
            if wanted:
                assert any(happened), f"{wanted} changes nothing, and is wanted again at once"
            elif next_ms is None or next_ms > until_ms:
                break
            else:
                self.now_ms = next_ms
        self.now_ms = until_ms
        return self.events[before:]

    def sleeps(self, ms: int) -> None:
        """Time goes by, and no server is there."""
        self.now_ms += ms

    def take(self, command: c.Command, by: By) -> Event | None:
        """Decides a command, whoever it comes from."""
        decided = step(self.lineup, c.decode_command(c.encode_command(command)), by)
        if decided is None:
            return None
        event = decided.event
        assert decode_event(encode_event(event)) == event
        assert follow(Lineup(load(dump(self.jam))), event).jam == decided.jam == load(dump(decided.jam))
        assert decided.lineup.order() == order(decided.jam)
        assert event.at >= self.jam.at
        self._seen = noticed(self._seen, self.jam, event)
        self.lineup = decided.lineup
        self.events.append(event)
        self.scene = replace(self.scene, acted_ms=idle(self._seen, self.jam))
        return event

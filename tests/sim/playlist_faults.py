"""How things go wrong for a playlist."""

from random import Random
from typing import TYPE_CHECKING

from collab.ids import ID_BYTES, encode_id
from collab.messages import Body, Submit
from ot.build import insert_at, set_attribute
from ot.op import encode
from ot.value import Entry
from tests.sim.editor import Editor
from tests.sim.faults import Faults
from tests.sim.plan import Trouble
from tests.sim.store import run

if TYPE_CHECKING:
    from tests.sim.playlist_world import PlaylistWorld

ROLES = ("editor", "viewer", None)


class PlaylistFaults(Faults):
    """Roles that change behind people's backs, forged submissions, devices that die with what they held."""

    def __init__(self, world: "PlaylistWorld") -> None:
        super().__init__(world)
        self._playlist = world
        self._stranger = encode_id(world.streams.of("stranger").randbytes(ID_BYTES))

    def _bring_about(self, trouble: Trouble, random: Random) -> None:
        match trouble:
            case Trouble.ROLE:
                self._change_role(random)
            case Trouble.FORGE:
                self._forge(random)
            case Trouble.KILL_DEVICE:
                for device in self._somebody(random):
                    assert isinstance(device, Editor), "nobody else is in this world"
                    self._kill(device, random)
            case _:
                raise AssertionError(f"no playlist meets {trouble}")

    def _kill(self, editor: Editor, random: Random) -> None:
        learns_us = random.choice((0, 5_000, 400_000))
        editor.act(random)
        if random.random() < 0.7:
            editor.store()
        editor.act(random)
        editor.kill(drained=random.random() < 0.5, server_learns_us=learns_us)
        self.end_in(random.randint(10_000, 3_000_000), editor.go_online)

    def _change_role(self, random: Random) -> None:
        world = self._playlist
        user = random.choice(world.users)
        role = random.choice(ROLES)
        world.trace(f"  {user} becomes {role}")
        run(world.store.memory.set_member(world.document, user, role))

    def _forge(self, random: Random) -> None:
        """The last seq of somebody comes again with another body, once it is settled: one that took the place
        of the true one would be a thief's, and the design knows no defence against who has the client id."""
        for device, link, true in self._sender(random):
            client = device.replica.client
            if (client, true.seq) not in self._world.oracle.history.settled:
                continue
            self._world.oracle.confused.update((client, device.name))
            other = encode(set_attribute("description", "forged"))
            link.send_up(Submit(true.room, true.seq, true.base, other))
            self._world.coverage.hit("an old seq was used again")
            self._world.trace(f"  {device.name}, {true.seq}")

    def _stranger_writes(self, version: int, seq: int) -> tuple[str, str, int, Body]:
        world = self._playlist
        entry: Entry = {
            "uid": f"{self._stranger}.{seq}",
            "track": f"stranger:{seq}",
            "added_by": world.owner,
            "added_at": world.events.now_ms,
        }
        length = len(world.oracle.state.entries)
        return self._stranger, world.owner, seq, encode(insert_at(length, 0, [entry]))

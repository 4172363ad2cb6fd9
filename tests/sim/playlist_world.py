"""A world with one playlist, which people edit."""

from collections.abc import Sequence
from random import Random

from collab.codec import pack_body
from ot.digest import digest
from ot.document import Document
from ot.value import Entry
from tests.sim.coverage import Coverage
from tests.sim.device import Device
from tests.sim.editor import Editor, MakeEngine
from tests.sim.events import START_MS
from tests.sim.machine import Quartz, draw_quartz
from tests.sim.oracle import expect
from tests.sim.outside import Outside
from tests.sim.playlist_faults import PlaylistFaults
from tests.sim.playlist_oracle import PlaylistOracle
from tests.sim.playlist_plan import PlaylistPlan
from tests.sim.store import run
from tests.sim.streams import Streams
from tests.sim.world import Trace, World
from tutti_client.link import Link as Engine

# How far people's apps are off about the servers' time: forgiven, but for one.
SKEWS_MS = (*(0,) * 12, *(-3_000,) * 6, *(2_500,) * 6, 20_000)


class PlaylistWorld(World[PlaylistPlan, PlaylistOracle]):
    """See the module."""

    def __init__(
        self, streams: Streams, plan: PlaylistPlan, outside: Outside, coverage: Coverage, trace: Trace | None
    ) -> None:
        self.owner = "owner"
        self.users = [f"user{n}" for n in range(plan.editors + plan.viewers)]
        self.editors: list[Editor] = []
        super().__init__(streams, plan, outside, coverage, trace)
        self.faults = PlaylistFaults(self)

    @property
    def devices(self) -> Sequence[Device]:
        return self.editors

    # -- building --------------------------------------------------------------------------------------------

    def _judge(self, epoch: str) -> PlaylistOracle:
        entries: list[Entry] = [
            {"uid": f"first.{n}", "track": f"first:{n}", "added_by": self.owner, "added_at": START_MS}
            for n in range(self.plan.entries)
        ]
        return PlaylistOracle(epoch, Document(entries, {"name": "the list"}), self.trace)

    def _create(self, epoch: str) -> None:
        memory, state = self.store.memory, self.oracle.state
        snapshot = pack_body({"entries": state.entries, "attributes": state.attributes, "removed": []})
        run(memory.create_document(self.document, "playlist", epoch, self.owner, snapshot, START_MS))
        for n, user in enumerate(self.users):
            run(memory.set_member(self.document, user, "editor" if n < self.plan.editors else "viewer"))

    def _quartz(self, node: str) -> Quartz:
        return draw_quartz(self.plan.clocks, self.streams.of(f"clock/{node}"))

    def _begin(self, random: Random) -> None:
        for user in self.users:
            self.events.after(random.randint(0, 300_000), self.join, user)

    def join(self, user: str) -> None:
        if self.is_calm:
            return
        name = f"c{len(self.editors)}"
        self.trace(f"{name} is {user}")
        random, engine = self.streams.of(name), self._make_engine()
        editor = Editor(name, user, random, self.around, self.oracle, self.plan.hand, engine)
        editor.skew_ms = self.streams.of("skew").choice(SKEWS_MS)
        self.editors.append(editor)
        editor.go_online()
        self._act_later(editor)

    def _make_engine(self) -> MakeEngine:
        """The SDK of the next device."""
        return Engine

    def _act_once(self, device: Device, random: Random) -> None:
        assert isinstance(device, Editor), "nobody else is in this world"
        if self.plan.takes_back and random.random() < self.plan.takes_back:
            device.take_back("undo" if random.random() < 0.7 else "redo")
        else:
            device.act(random)
        if random.random() < 0.06:
            device.point()

    # -- what everybody agrees on ----------------------------------------------------------------------------

    def _waiting(self) -> str | None:
        head = run(self.store.memory.heads([self.document]))[self.document]
        members = run(self.store.memory.members(self.document))
        for editor in self.editors:
            replica = editor.replica
            if editor.is_gone:
                continue
            if editor.user not in members:
                return f"{editor.name} has not heard that it is no member"
            if not replica.is_open or replica.needs_client:
                return f"{editor.name} is not in the room"
            if (replica.epoch, replica.version) != (head.epoch, head.version):
                return f"{editor.name} is at {replica.version}, not {head.version}"
            if replica.role != members[editor.user]:
                return f"{editor.name} has the role {replica.role}, not {members[editor.user]}"
            if not replica.is_synced or replica.edits_settled != replica.edits_made:
                return f"{editor.name} has something unsaved"
        return None

    def _check_end(self) -> None:
        truth = digest(self.oracle.state)
        for editor in self.editors:
            if not editor.is_gone:
                editor.check()
                expect(editor.replica.document == self.oracle.state, f"{editor.name} shows something else")
                expect(digest(editor.replica.acked) == truth, f"{editor.name} has another digest")
                editor.check_edits()
        for editor in self.editors:
            editor.check_acks()

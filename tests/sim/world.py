"""One schedule.

Builds the world of a seed, lets the storm pass through it, waits until it is calm and everybody has come
back, and looks whether all is as promised. `run_schedule` is the whole of it.
"""

from collections.abc import Callable, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from collab.codec import Encoding, pack_body
from collab.effects import Publish
from collab.ids import encode_id
from ot.digest import digest
from ot.document import Document
from ot.op import OpError
from ot.value import Entry
from tests.sim.bus import SimBus
from tests.sim.client import SimClient
from tests.sim.coverage import Coverage
from tests.sim.events import START_MS, Events
from tests.sim.faults import Faults
from tests.sim.limits import small
from tests.sim.network import Link
from tests.sim.node import SimNode
from tests.sim.oracle import Oracle, Violation, expect
from tests.sim.plan import Plan, draw_plan
from tests.sim.store import SimStore, run
from tests.sim.streams import Streams

CALM_US_MAX = 120_000_000
CALM_STEP_US = 100_000
END_US = 30_000_000

Trace = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a schedule amounted to."""

    commits: int
    clients: int
    faults: int
    virtual_us: int


class World:
    """Everything of one seed."""

    def __init__(
        self,
        seed: int,
        vetoed: Set[int],
        coverage: Coverage,
        trace: Trace | None,
        *,
        undo_storm: bool = False,
    ) -> None:
        self.streams = Streams(seed)
        self.plan: Plan = draw_plan(self.streams, vetoed, undo_storm=undo_storm)
        self.events = Events()
        self.coverage = coverage
        self.is_calm = False
        self._trace = trace
        random = self.streams.of("names")
        self.document = encode_id(random.randbytes(16))
        self.owner = "owner"
        self.users = [f"user{n}" for n in range(self.plan.editors + self.plan.viewers)]
        self.clients: list[SimClient] = []
        state = self._first_state()
        epoch = encode_id(random.randbytes(16))
        self.oracle = Oracle(epoch, state, self.trace)
        self.store = SimStore(self.events, self.streams.of("store"), self.oracle, coverage)
        self._create(epoch, state)
        self.bus = SimBus(self.events, self.streams.of("bus"), self.oracle)
        self.nodes = [self._node(f"node{n}") for n in range(self.plan.nodes)]
        self.faults = Faults(self)

    def trace(self, text: str) -> None:
        if self._trace is not None:
            self._trace(f"{self.events.now_us / 1e6:9.4f}  {text}")

    # -- building --------------------------------------------------------------------------------------------

    def _first_state(self) -> Document:
        entries: list[Entry] = [
            {"uid": f"first.{n}", "track": f"first:{n}", "added_by": self.owner, "added_at": START_MS}
            for n in range(self.plan.entries)
        ]
        return Document(entries, {"name": "the list"})

    def _create(self, epoch: str, state: Document) -> None:
        memory = self.store.memory
        snapshot = pack_body({"entries": state.entries, "attributes": state.attributes, "removed": []})
        run(memory.create_document(self.document, "playlist", epoch, self.owner, snapshot, START_MS))
        for n, user in enumerate(self.users):
            run(memory.set_member(self.document, user, "editor" if n < self.plan.editors else "viewer"))

    def _node(self, name: str) -> SimNode:
        node = SimNode(
            name,
            self.events,
            self.streams.of(name),
            self.store,
            self.oracle,
            self.coverage,
            self.bus.publish,
        )
        self.bus.listeners.append(lambda: _ear(node))
        return node

    def join(self, user: str) -> None:
        """A person takes a device in hand: a new client id."""
        if self.is_calm:
            return
        name = f"c{len(self.clients)}"
        self.trace(f"{name} is {user}")
        client = SimClient(
            name,
            user,
            self.document,
            self.events,
            self.streams.of(name),
            self.oracle,
            self.coverage,
            self._dial,
            self.trace,
        )
        client.skew_ms = self.streams.of("skew").choice((0, 0, -3_000, 3_000, 4_900))
        self.clients.append(client)
        client.go_online()
        self._edit_later(client)

    def _dial(self, client: SimClient) -> Link | None:
        """A new link to a node that is up."""
        up = [node for node in self.nodes if node.is_up]
        random = self.streams.of(f"network/{client.name}")
        if not up:
            return None
        node = random.choice(up)
        encoding = (None, Encoding.MSGPACK, Encoding.JSON)[self.plan.encoding]
        link = Link(self.events, random, self.plan.delay_us_max, encoding)
        node.accept(link)
        return link

    def _edit_later(self, client: SimClient) -> None:
        random = self.streams.of(f"hand/{client.name}")
        delay_us = int(random.expovariate(1 / self.plan.edit_every_us))
        self.events.after(delay_us, self._edit, client)

    def _edit(self, client: SimClient) -> None:
        if self.is_calm or client.is_gone:
            return
        random = self.streams.of(f"hand/{client.name}")
        for _ in range(random.choice((1, 1, 2, 3))):
            if self.plan.takes_back and random.random() < self.plan.takes_back:
                client.take_back("undo" if random.random() < 0.7 else "redo")
            else:
                client.edit()
        if random.random() < 0.1:
            client.point()
        self._edit_later(client)

    # -- running ---------------------------------------------------------------------------------------------

    def run(self) -> Report:
        """The storm, the calm and the end. Raises Violation."""
        for user in self.users:
            self.events.after(self.streams.of("plan").randint(0, 300_000), self.join, user)
        for fault in self.plan.faults:
            self.events.after(fault.at_us, self.faults.bring_about, fault)
        self._pass(self.plan.storm_us)
        self.trace("calm")
        self.is_calm = True
        self.faults.heal()
        for client in self.clients:
            if not client.is_gone:
                client.quits_on_ack = False
                client.go_online()
        self._wait_for_agreement()
        self._check_end()
        self._leave()
        commits = self.oracle.history.version
        return Report(commits, len(self.clients), len(self.plan.faults), self.events.now_us)

    def _pass(self, duration_us: int) -> None:
        until_us = self.events.now_us + duration_us
        while self.events.step(until_us):
            pass

    def _wait_for_agreement(self) -> None:
        deadline_us = self.events.now_us + CALM_US_MAX
        while (waits := self._waiting()) is not None:
            expect(self.events.now_us < deadline_us, f"never calm: {waits}")
            self._pass(CALM_STEP_US)

    def _waiting(self) -> str | None:
        """What is still missing for everybody to agree; None if nothing is."""
        head = run(self.store.memory.heads([self.document]))[self.document]
        members = run(self.store.memory.members(self.document))
        for client in self.clients:
            replica = client.replica
            if client.is_gone:
                continue
            if client.user not in members:
                return f"{client.name} has not heard that it is no member"
            if not replica.is_open or replica.needs_client:
                return f"{client.name} is not in the room"
            if (replica.epoch, replica.version) != (head.epoch, head.version):
                return f"{client.name} is at {replica.version}, not {head.version}"
            if replica.role != members[client.user]:
                return f"{client.name} has the role {replica.role}, not {members[client.user]}"
            if not replica.is_synced or replica.edits_settled != replica.edits_made:
                return f"{client.name} has something unsaved"
        return None

    def _check_end(self) -> None:
        truth = digest(self.oracle.state)
        for client in self.clients:
            if not client.is_gone:
                client.check()
                expect(client.replica.document == self.oracle.state, f"{client.name} shows something else")
                expect(digest(client.replica.acked) == truth, f"{client.name} has another digest")
                client.check_edits()
        for client in self.clients:
            client.check_acks()

    def _leave(self) -> None:
        """Everybody goes home; nothing may stay behind."""
        for client in self.clients:
            client.quit()
        self._pass(END_US)
        for node in self.nodes:
            expect(not node.peers, f"{node.name} keeps sessions of people who left")
            expect(not node.rooms, f"{node.name} keeps rooms that nobody is in")
        left = self.events.pending()
        expect(not left, f"timers are left: {[event.action.__qualname__ for event in left]}")


def run_schedule(
    seed: int,
    *,
    vetoed: Set[int] = frozenset(),
    coverage: Coverage | None = None,
    trace: Trace | None = None,
    bug: AbstractContextManager[None] | None = None,
    undo_storm: bool = False,
) -> Report:
    """Runs the schedule of a seed. Raises Violation if a promise was broken, whatever broke it."""
    world = World(seed, vetoed, coverage or Coverage(), trace, undo_storm=undo_storm)
    with bug or nullcontext(), small(world.plan.is_small):
        try:
            return world.run()
        except Violation:
            raise
        except (AssertionError, OpError, LookupError, TypeError, ValueError) as error:
            raise Violation(f"{type(error).__name__}: {error}") from error


def _ear(node: SimNode) -> Callable[[Publish], None] | None:
    return node.happen(node.hear) if node.is_up else None

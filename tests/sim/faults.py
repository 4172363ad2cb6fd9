"""How things go wrong.

Each kind of trouble draws from its fault's own stream. Knows the world's parts and breaks them; `heal` puts
an end to everything that lasts. Does not know what should come of it, nor what people do: each kind of
document has troubles of its own, in `playlist_faults` and `jams.faults`.
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, Final

from collab.codec import pack_body
from collab.ids import encode_id
from collab.messages import Body, Submit
from collab.submission import body_hash
from storage.rows import Commit, OpRow, Settled
from tests.sim.cluster_faults import CLUSTER_TROUBLES, ClusterFaults
from tests.sim.device import Device
from tests.sim.network import Link
from tests.sim.node import SimNode
from tests.sim.oracle import Violation
from tests.sim.plan import Aim, Fault, Trouble
from tests.sim.store import Mishap, run

if TYPE_CHECKING:
    from tests.sim.world import World


# Of what breaks in a storm that does not end, this part stays broken.
ENDLESS: Final = 0.3


class Faults(ABC):
    """Brings a plan's faults about."""

    def __init__(self, world: "World[Any, Any]") -> None:
        self._world = world
        self._strange_seq = 0
        self._cluster = ClusterFaults(world, self)
        world.store.race = self._write_as_stranger

    @abstractmethod
    def _bring_about(self, trouble: Trouble, random: Random) -> None:
        """A trouble that only this kind of document knows."""

    @abstractmethod
    def _stranger_writes(self, version: int, seq: int) -> tuple[str, str, int, Body] | None:
        """What another program would commit as this version: the client id, its user, its seq and the body;
        None: nothing. `seq` is one that no other program has used."""

    def bring_about(self, fault: Fault, random: Random) -> None:
        world = self._world
        world.trace(f"fault {fault.number}: {fault.trouble.name.lower()}")
        now_us = world.events.now_us
        match fault.trouble:
            case (
                Trouble.UNKNOWN_WRITTEN
                | Trouble.UNKNOWN_NOT_WRITTEN
                | Trouble.UNKNOWN_LATE
                | Trouble.UNAVAILABLE
                | Trouble.RACE
            ):
                mishap = Mishap[fault.trouble.name]
                world.store.mishaps.extend([mishap] * random.choice((1, 1, 2, 4)))
            case Trouble.STORE_AWAY:
                world.store.away_until_us = now_us + random.randint(50_000, 1_500_000)
            case Trouble.STORE_SLOW:
                world.store.slow_until_us = now_us + random.randint(200_000, 1_500_000)
            case Trouble.CUT | Trouble.DROP | Trouble.OFFLINE | Trouble.QUIT_ON_ACK | Trouble.RESTART:
                for device in self._somebody(random):
                    self._trouble_device(device, fault.trouble, random)
            case Trouble.CRASH:
                self._crash(random.choice(world.nodes), random.randint(20_000, 1_500_000))
            case Trouble.PAUSE:
                node = random.choice(world.nodes)
                node.pause()
                self.end_in(random.randint(100_000, 2_000_000), node.resume)
            case Trouble.COMPACT:
                for delay_us in range(0, 3_000_000, 250_000):
                    world.events.after(delay_us, self._compact)
            case Trouble.NEW_EPOCH:
                self._declare_epoch(random)
            case Trouble.RESTORE:
                self._restore(random)
            case Trouble.STALL:
                self._stall(random)
            case Trouble.BUS_SILENT:
                world.bus.silent_until_us = now_us + random.randint(200_000, 3_000_000)
            case Trouble.BUS_TROUBLE:
                world.bus.troubled_until_us = now_us + random.randint(200_000, 3_000_000)
            case Trouble.RESEND:
                self._resend(random)
            case trouble if trouble in CLUSTER_TROUBLES:
                self._cluster.bring_about(trouble, random)
            case _:
                self._bring_about(fault.trouble, random)

    def heal(self) -> None:
        """The storm is over."""
        world = self._world
        world.store.heal()
        world.bus.heal()
        self._cluster.heal()
        for node in world.nodes:
            node.resume()
            if not node.is_up:
                node.start()

    def end_in(self, delay_us: int, action: Callable[..., object], *arguments: Any) -> None:
        """What went wrong ends, by this action; perhaps never, in a storm that does not end."""
        world = self._world
        if world.plan.aim is Aim.SAFETY and world.streams.of("endless").random() < ENDLESS:
            world.coverage.hit("something broke for good")
            return
        world.events.after(delay_us, action, *arguments)

    # -- people ----------------------------------------------------------------------------------------------

    def _somebody(self, random: Random) -> Iterable[Device]:
        """One of the devices; none, if none is left."""
        present = [device for device in self._world.devices if not device.is_gone]
        if not present:
            return ()
        device = random.choice(present)
        self._world.trace(f"  {device.name}")
        return (device,)

    def _trouble_device(self, device: Device, trouble: Trouble, random: Random) -> None:
        world = self._world
        learns_us = random.choice((0, 5_000, 400_000))
        match trouble:
            case Trouble.CUT:
                device.act(random)
                if device.link is not None:
                    device.link.cut(random.choice((0, 100_000)), learns_us)
                device.act(random)
            case Trouble.DROP:
                device.act(random)
                device.drop(drained=random.random() < 0.7, server_learns_us=learns_us)
            case Trouble.OFFLINE:
                device.act(random)
                device.go_offline(drained=random.random() < 0.3, server_learns_us=learns_us)
                self.end_in(random.randint(200_000, 4_000_000), device.go_online)
            case Trouble.QUIT_ON_ACK:
                device.quits_on_ack = True
            case _:
                device.quit(drained=random.random() < 0.5)
                world.events.after(random.randint(10_000, 500_000), world.join, device.user)

    def _resend(self, random: Random) -> None:
        """Somebody's last submission comes again, once or twice, on the connection they have now."""
        for device, link, submission in self._sender(random):
            for _ in range(random.choice((1, 2))):
                link.send_up(submission)
            self._world.trace(f"  {device.name}, {submission.seq}")

    def _sender(self, random: Random) -> list[tuple[Device, Link, Submit]]:
        """Somebody who is in the room and has submitted something; nobody, if there is none."""
        senders = [
            (device, device.link, device.last_sent)
            for device in self._world.devices
            if device.link is not None and device.last_sent is not None and device.replica.is_open
        ]
        return [random.choice(senders)] if senders else []

    def _stall(self, random: Random) -> None:
        world = self._world
        node = random.choice(world.nodes)
        peers = list(node.peers.values())
        room = node.rooms.get(world.document)
        if peers and room is not None:
            connection = random.choice(peers).id
            room.stall(connection)
            node.later(random.randint(200_000, 2_000_000), room.catch_up, connection)

    # -- servers and history ---------------------------------------------------------------------------------

    def _compact(self) -> None:
        """Ops before the newest snapshot are forgotten."""
        world = self._world
        run(world.store.memory.forget_ops(world.document, world.oracle.history.version))

    def _crash(self, node: SimNode, down_us: int) -> None:
        if node.is_up:
            node.crash()
            self.end_in(down_us, self.start, node)

    def start(self, node: SimNode) -> None:
        if not node.is_up:
            node.start()

    def _declare_epoch(self, random: Random) -> None:
        memory, document = self._world.store.memory, self._world.document
        epoch = encode_id(random.randbytes(16))
        before = run(memory.heads([document]))[document]
        run(memory.set_epoch(document, epoch))
        self._world.oracle.new_epoch(epoch, before, run(memory.all_settled(document)))

    def _restore(self, random: Random) -> None:
        """A backup is taken now, and put back after a while with all servers stopped."""
        world = self._world
        backup = copy.deepcopy(world.store.memory._documents[world.document])
        world.events.after(random.randint(200_000, 2_000_000), self._put_back, backup, random)

    def _put_back(self, backup: object, random: Random) -> None:
        world = self._world
        if world.is_calm:
            return
        world.trace("the backup is put back")
        for node in world.nodes:
            self._crash(node, random.randint(20_000, 300_000))
        world.store.memory._documents[world.document] = backup  # type: ignore[assignment]
        self._declare_epoch(random)

    def _write_as_stranger(self) -> None:
        """Another program commits something, a moment before the commit that is under way."""
        world = self._world
        memory = world.store.memory
        head = run(memory.heads([world.document]))[world.document]
        version = head.version + 1
        written = self._stranger_writes(version, self._strange_seq + 1)
        if written is None:
            return
        self._strange_seq += 1
        client, user, seq, body = written
        row = OpRow(version, client, seq, user, world.events.now_ms, pack_body(body))
        settled = Settled(client, user, seq, body_hash(head.version, body), version, "", head.changes + 1)
        commit = Commit(world.document, head.epoch, head.version, head.changes, (row,), (settled,))
        if run(memory.commit([commit])) != [True]:
            raise Violation("nobody stands between a head that was just read and its commit")
        after = replace(head, version=version, changes=head.changes + 1)
        world.oracle.written(commit, after, run(memory.members(world.document)))
        world.trace(f"a stranger commits {version}")

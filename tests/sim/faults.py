"""How things go wrong.

Each kind of trouble draws from its fault's own stream. Knows the world's parts and breaks them; `heal` puts
an end to everything that lasts. Does not know what should come of it.
"""

import copy
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from collab.codec import pack_body
from collab.ids import encode_id
from collab.messages import Submit
from collab.submission import body_hash
from ot.build import insert_at, set_attribute
from ot.op import encode
from ot.value import Entry
from storage.rows import Commit, OpRow, Settled
from tests.sim.client import SimClient
from tests.sim.network import Link
from tests.sim.oracle import Violation
from tests.sim.plan import Fault, Trouble
from tests.sim.store import Mishap, run

if TYPE_CHECKING:
    from tests.sim.world import World

ROLES = ("editor", "viewer", None)


class Faults:
    """Brings a plan's faults about."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._stranger = encode_id(world.streams.of("stranger").randbytes(16))
        self._strange_seq = 0
        world.store.race = self._write_as_stranger

    def bring_about(self, fault: Fault) -> None:
        world = self._world
        random = world.streams.of(f"fault/{fault.number}")
        world.trace(f"fault {fault.number}: {fault.trouble.name.lower()}")
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
                world.store.away_until_us = world.events.now_us + random.randint(50_000, 1_500_000)
            case Trouble.STORE_SLOW:
                world.store.slow_until_us = world.events.now_us + random.randint(200_000, 1_500_000)
            case (
                Trouble.CUT
                | Trouble.DROP
                | Trouble.OFFLINE
                | Trouble.QUIT_ON_ACK
                | Trouble.RESTART
                | Trouble.KILL_DEVICE
            ):
                self._trouble_client(fault.trouble, random)
            case Trouble.CRASH:
                self._crash(random)
            case Trouble.PAUSE:
                node = random.choice(world.nodes)
                node.pause()
                world.events.after(random.randint(100_000, 2_000_000), node.resume)
            case Trouble.ROLE:
                self._change_role(random)
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
                world.bus.silent_until_us = world.events.now_us + random.randint(200_000, 3_000_000)
            case Trouble.BUS_TROUBLE:
                world.bus.troubled_until_us = world.events.now_us + random.randint(200_000, 3_000_000)
            case Trouble.RESEND:
                self._resend(random)
            case Trouble.FORGE:
                self._forge(random)

    def heal(self) -> None:
        """The storm is over."""
        world = self._world
        world.store.heal()
        world.bus.heal()
        for node in world.nodes:
            node.resume()
            if not node.is_up:
                node.start()

    # -- people ----------------------------------------------------------------------------------------------

    def _trouble_client(self, trouble: Trouble, random: Random) -> None:
        world = self._world
        present = [client for client in world.clients if not client.is_gone]
        if not present:
            return
        client = random.choice(present)
        world.trace(f"  {client.name}")
        learns_us = random.choice((0, 5_000, 400_000))
        match trouble:
            case Trouble.CUT:
                client.edit()
                if client.link is not None:
                    client.link.cut(random.choice((0, 100_000)), learns_us)
                client.edit()
            case Trouble.DROP:
                client.edit()
                client.drop(drained=random.random() < 0.7, server_learns_us=learns_us)
            case Trouble.OFFLINE:
                client.edit()
                client.go_offline(drained=random.random() < 0.3, server_learns_us=learns_us)
                world.events.after(random.randint(200_000, 4_000_000), client.go_online)
            case Trouble.KILL_DEVICE:
                client.edit()
                if random.random() < 0.7:
                    client.store()
                client.edit()
                client.kill(drained=random.random() < 0.5, server_learns_us=learns_us)
                world.events.after(random.randint(10_000, 3_000_000), client.go_online)
            case Trouble.QUIT_ON_ACK:
                client.quits_on_ack = True
            case _:
                client.quit(drained=random.random() < 0.5)
                world.events.after(random.randint(10_000, 500_000), world.join, client.user)

    def _change_role(self, random: Random) -> None:
        world = self._world
        user = random.choice(world.users)
        role = random.choice(ROLES)
        world.trace(f"  {user} becomes {role}")
        run(world.store.memory.set_member(world.document, user, role))

    def _resend(self, random: Random) -> None:
        """Somebody's last submission comes again, once or twice, on the connection they have now."""
        for client, link, submission in self._sender(random):
            for _ in range(random.choice((1, 2))):
                link.send_up(submission)
            self._world.trace(f"  {client.name}, {submission.seq}")

    def _forge(self, random: Random) -> None:
        """The last seq of somebody comes again with another body, once it is settled: one that took the place
        of the true one would be a thief's, and the design knows no defence against who has the client id."""
        for client, link, true in self._sender(random):
            if (client.replica.client, true.seq) not in self._world.oracle.history.settled:
                continue
            self._world.oracle.confused.update((client.replica.client, client.name))
            other = encode(set_attribute("description", "forged"))
            link.send_up(Submit(true.room, true.seq, true.base, other))
            self._world.coverage.hit("an old seq was used again")
            self._world.trace(f"  {client.name}, {true.seq}")

    def _sender(self, random: Random) -> list[tuple[SimClient, Link, Submit]]:
        """Somebody who is in the room and has submitted something; nobody, if there is none."""
        senders = [
            (client, client.link, client.last_sent)
            for client in self._world.clients
            if client.link is not None and client.last_sent is not None and client.replica.is_open
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

    def _crash(self, random: Random) -> None:
        node = random.choice(self._world.nodes)
        if node.is_up:
            node.crash()
            self._world.events.after(random.randint(20_000, 1_500_000), self._start, node.name)

    def _start(self, name: str) -> None:
        for node in self._world.nodes:
            if node.name == name and not node.is_up:
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
            if node.is_up:
                node.crash()
                world.events.after(random.randint(20_000, 300_000), self._start, node.name)
        world.store.memory._documents[world.document] = backup  # type: ignore[assignment]
        self._declare_epoch(random)

    def _write_as_stranger(self) -> None:
        """Another program appends an entry, a moment before the commit that is under way."""
        world = self._world
        memory = world.store.memory
        head = run(memory.heads([world.document]))[world.document]
        self._strange_seq += 1
        entry: Entry = {
            "uid": f"{self._stranger}.{self._strange_seq}",
            "track": f"stranger:{self._strange_seq}",
            "added_by": world.owner,
            "added_at": world.events.now_ms,
        }
        body = encode(insert_at(len(world.oracle.state.entries), 0, [entry]))
        now_ms, packed = world.events.now_ms, pack_body(body)
        row = OpRow(head.version + 1, self._stranger, self._strange_seq, world.owner, now_ms, packed)
        settled = Settled(
            self._stranger,
            world.owner,
            self._strange_seq,
            body_hash(head.version, body),
            head.version + 1,
            "",
            head.changes + 1,
        )
        commit = Commit(world.document, head.epoch, head.version, head.changes, (row,), (settled,))
        if run(memory.commit([commit])) != [True]:
            raise Violation("nobody stands between a head that was just read and its commit")
        after = replace(head, version=head.version + 1, changes=head.changes + 1)
        world.oracle.written(commit, after, run(memory.members(world.document)))
        world.trace(f"a stranger commits {after.version}")

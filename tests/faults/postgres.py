"""What befalls PostgreSQL: restarted, killed, its answer to a commit lost, stalled, its disk full.

Everybody edits at the very moment, and clients whose submissions have known names send them again afterwards,
to both nodes. Knows what breaks a database. Does not know what the nodes do about it.
"""

import asyncio
import errno
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic

from tests.faults.clients import Load
from tests.faults.cluster import Cluster, running
from tests.faults.postgres_resends import Tally, resend_all, resenders, submit_all
from tests.faults.row import Row, Size, Stage
from tests.proxy import Fault, FaultProxy
from tests.servers import Program
from tests.valve import Valve

FIRST_ACK_S = 5.0
# Longer than a node waits for an answer, so that outcomes become unknown.
STALL_S = 8.0
# A killed PostgreSQL's children leave a moment after it; until then its memory is in use.
STARTS_MAX = 50
DISK_BYTES = 400 * 1024 * 1024
# What the group commit, and nothing else that rooms say, is answered with.
COMMITTED = b"UPDATE "
LOST_ANSWERS_EACH = 10

Act = Callable[[], Awaitable[None]]


class Trouble:
    """Rounds of one fault on a cluster with a load; figures go to the stage."""

    def __init__(self, stage: Stage, cluster: Cluster, load: Load) -> None:
        self._stage = stage
        self._cluster = cluster
        self._load = load
        self._resenders = resenders(cluster, load)
        self._tally = Tally()
        self._rounds = 0

    async def round(self, breaks: Act, mends: Act) -> None:
        """`mends` returns when PostgreSQL is ready again."""
        load = self._load
        await load.acks(len(load.writers))
        named = asyncio.create_task(submit_all(self._cluster, self._resenders))
        editing = asyncio.create_task(load.edit_now())
        await breaks()
        await mends()
        ready_s = monotonic()
        await load.acks(1)
        self._stage.figure("first ack after ready", monotonic() - ready_s, FIRST_ACK_S, "s")
        await editing
        await resend_all(self._resenders, await named, self._tally)
        self._rounds += 1

    def report(self, what: str) -> None:
        self._stage.figure(what, self._rounds, self._stage.size.rounds, at_least=True)
        self._stage.figure("resends answered alike", self._tally.percent, 100, "%", at_least=True)


async def start_again(program: Program) -> None:
    for attempt in range(STARTS_MAX):
        try:
            await asyncio.to_thread(program.start)
        except RuntimeError:
            if attempt == STARTS_MAX - 1:
                raise
            await asyncio.sleep(0.1)  # nothing tells when the last child is gone
        else:
            return


def program_of(cluster: Cluster) -> Program:
    assert cluster.postgres is not None, "these rows have one"
    return cluster.postgres


async def restart(stage: Stage) -> None:
    await _end_again_and_again(stage, Program.stop, "restarts")


async def kill(stage: Stage) -> None:
    await _end_again_and_again(stage, Program.kill, "kills of PostgreSQL")


async def _end_again_and_again(stage: Stage, end: Callable[[Program], None], what: str) -> None:
    # Fifty rounds are a long talk, and rooms remember it.
    equal = partial(running, durable=True)
    way_in = running(stage.folder, durable=True)
    async with way_in as cluster, stage.load(cluster, equal=equal) as load:
        trouble, program = Trouble(stage, cluster, load), program_of(cluster)
        for _ in range(stage.size.rounds):
            await trouble.round(lambda: asyncio.to_thread(end, program), lambda: start_again(program))
        trouble.report(what)


async def lose_replies(stage: Stage) -> None:
    """Answers of commits are lost on the way to each node, with their connections or without a word."""
    way_in = running(stage.folder, postgres_way=FaultProxy)
    async with way_in as cluster, stage.load(cluster) as load:
        trouble = Trouble(stage, cluster, load)
        lost = 0

        async def lose() -> None:
            nonlocal lost
            for number in range(LOST_ANSWERS_EACH):
                for way in cluster.postgres_ways:
                    assert isinstance(way, FaultProxy)
                    stalls = number == LOST_ANSWERS_EACH - 1
                    fault = Fault.ANSWER_STALLED if stalls else Fault.ANSWER_CUT
                    way.break_next(fault, within=lambda data: COMMITTED in data)
                    await way.met.wait()
                    lost += 1

        async def nothing() -> None:
            """PostgreSQL was ready all the time."""

        for _ in range(stage.size.rounds):
            await trouble.round(lose, nothing)
        trouble.report("rounds of lost replies")
        stage.figure("replies lost", lost, stage.size.rounds, at_least=True)
        seen = [await node.metric("tutti_commit_retries_total") for node in cluster.nodes]
        stage.note(f"commits that had to be asked about or made again: {sum(seen):g}")


async def stall(stage: Stage) -> None:
    """Nothing passes between the nodes and PostgreSQL for longer than a node waits for an answer."""
    async with running(stage.folder, postgres_way=Valve) as cluster, stage.load(cluster) as load:
        trouble = Trouble(stage, cluster, load)
        ways = [way for way in cluster.postgres_ways if isinstance(way, Valve)]

        async def stop() -> None:
            for way in ways:
                way.stall()
            await asyncio.sleep(STALL_S)  # the fault itself

        async def flow() -> None:
            for way in ways:
                way.mend()

        for _ in range(stage.size.rounds):
            await trouble.round(stop, flow)
        trouble.report("stalls")


async def fill_disk(stage: Stage) -> None:
    """The file system of PostgreSQL is full until somebody makes room, and starts it if it gave up."""
    with small_disk(stage.folder / "disk") as disk:
        if disk is None:
            stage.note("Not played here: only root may mount a small file system.")
            return
        way_in = running(stage.folder, durable=True, postgres_folder=disk)
        async with way_in as cluster, stage.load(cluster) as load:
            trouble, program = Trouble(stage, cluster, load), program_of(cluster)
            ballast = disk / "ballast"
            refused = 0.0

            async def fill() -> None:
                nonlocal refused
                before = await _unavailable(cluster)
                await asyncio.to_thread(write_until_full, ballast)
                async for _ in _looks():
                    refused = await _unavailable(cluster) - before
                    if refused:
                        return

            async def make_room() -> None:
                ballast.unlink()
                if not program.is_running:
                    stage.note("PostgreSQL gave up when its disk was full, and was started again.")
                    await start_again(program)

            for _ in range(stage.size.rounds):
                await trouble.round(fill, make_room)
                stage.figure("commits that found no room", refused, 1, at_least=True)
            trouble.report("times the disk was full")


async def _unavailable(cluster: Cluster) -> float:
    return sum([await node.metric("tutti_commit_retries_total") for node in cluster.nodes])


async def _looks() -> AsyncIterator[None]:
    """A node's metrics are looked at; nothing tells when they move."""
    async with asyncio.timeout(60):
        while True:
            yield
            await asyncio.sleep(0.2)


@contextmanager
def small_disk(folder: Path, size_bytes: int = DISK_BYTES) -> Iterator[Path | None]:
    """A file system of its own; None where we may not have one."""
    folder.mkdir(parents=True)
    folder.parent.chmod(0o711)  # PostgreSQL runs as somebody else
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=755", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        yield None
        return
    if done.returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def write_until_full(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        for chunk in (bytes(2**20), bytes(2**12)):
            try:
                while True:
                    file.write(chunk)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


_PROMISE = "0 lost; first ack ≤ 5 s after ready; dedupe answers 100 %"
_SLICE = Size(clients=8, documents=2, ops_s=30, rounds=1)
_FULL = Size(clients=60, documents=10, ops_s=60, rounds=3)

ROWS = (
    Row("postgres-restarted", "PostgreSQL restarts", _PROMISE, restart, _FULL),
    Row(
        "postgres-killed",
        "kill −9 of PostgreSQL mid-burst, 50 times",
        _PROMISE,
        kill,
        Size(clients=40, documents=8, ops_s=60, rounds=50),
        _SLICE,
    ),
    Row("postgres-reply-lost", "the reply to a commit is lost", _PROMISE, lose_replies, _FULL, _SLICE),
    Row("postgres-stalled", "PostgreSQL stalls for 8 s", _PROMISE, stall, _FULL),
    Row("postgres-disk-full", "PostgreSQL's disk is full", _PROMISE, fill_disk, _FULL),
)

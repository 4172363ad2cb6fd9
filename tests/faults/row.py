"""One row of the table of faults, and the stage that it is played on.

A row says what is broken, what is promised, and how to play it at two sizes. What every row promises besides
is measured here, so that no row can forget it: no acked op missing, none twice, versions contiguous, live
clients byte-equal, queues empty, memory back within 10 %, no stray exception, at most 1.2 attempts. Knows
clusters, clients and figures. Does not know any fault.
"""

import asyncio
import os
import shutil
import tempfile
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from time import monotonic, strftime

from tests.faults.checker import Verdict, check
from tests.faults.clients import Load, Token, editing
from tests.faults.cluster import Cluster, Node
from tests.faults.equal import written_rss_bytes
from tests.faults.figures import Figure, Result, Scale
from tests.faults.history import History
from tests.faults.names import NamedLoop
from tests.faults.truth import read_truths

FAILED = Path(__file__).parent / "failed"

# What every row that has people in it looks at besides its own figures, by the figure's name.
COMMON = (
    LOST := "acked ops missing",
    TWICE := "ops twice",
    TORN := "histories torn or out of order",
    UNEQUAL := "replicas unequal",
    WAITING := "queues not empty",
    MEMORY := "memory after, beside before",
    MEMORY_EQUAL := "memory after, beside an equal load without the fault",
    STRAY := "stray exceptions",
    ATTEMPTS := "attempts for each submission",
)
MEMORY_GROWTH_MAX = 1.1
ATTEMPTS_MAX = 1.2
# A node has the code it needs in memory, and its rooms, once everybody has edited this often.
WARM_ACKS_EACH = 2
MIB = 2**20

# Makes a cluster like the row's, in a folder.
Equal = Callable[[Path], AbstractAsyncContextManager[Cluster]]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a row is played."""

    clients: int = 12
    documents: int = 3
    ops_s: float = 30.0
    rounds: int = 1
    seconds: float = 2.0
    # Sockets that only listen, besides.
    listeners: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """`fault` and `promise` are the words of the table. `slice` is for the test run; without it the row is
    only played at full size."""

    name: str
    fault: str
    promise: str
    play: Callable[["Stage"], Awaitable[None]]
    full: Size = Size()
    slice: Size | None = None


class Stage:
    """Where one row is played: its size, its luck, a folder, and the figures seen."""

    def __init__(self, size: Size, seed: int, folder: Path, result: Result) -> None:
        self.size = size
        self.random = Random(seed)
        self.folder = folder
        self.history = History()
        self._result = result

    @property
    def is_full(self) -> bool:
        """Whether this is no slice."""
        return self._result.scale == "full"

    def figure(
        self, name: str, seen: float, promised: float, unit: str = "", *, at_least: bool = False
    ) -> None:
        """What was seen of a promise. The same name again keeps the worse one."""
        figures = self._result.figures
        new = Figure(name, seen, promised, unit, at_least)
        for place, old in enumerate(figures):
            if old.name == name:
                worse = min if at_least else max
                figures[place] = replace(new, seen=worse(old.seen, seen))
                return
        figures.append(new)

    def found(self, sentence: str) -> None:
        """Something that must not be, in words."""
        self._result.findings.append(sentence)

    def note(self, sentence: str) -> None:
        """Something that a reader of the figures should know."""
        self._result.notes.append(sentence)

    @asynccontextmanager
    async def load(
        self,
        cluster: Cluster,
        *,
        is_memory_watched: bool = True,
        equal: Equal | None = None,
        token: Token | None = None,
    ) -> AsyncIterator[Load]:
        """People who edit, as many as the row's size says; the block begins when all have edited. After it
        everything that every row promises is looked at. `equal`: memory is compared with that of such a
        cluster after an equal load without the fault. `token`: as `editing`."""
        size, history = self.size, History()
        way_in = editing(
            cluster,
            clients=size.clients,
            documents=size.documents,
            ops_s=size.ops_s,
            random=self.random,
            history=history,
            token=token,
        )
        self.history = history
        async with way_in as load:
            for _ in range(WARM_ACKS_EACH):
                await load.edit_now()
            before = {node.pid: node.rss_bytes for node in cluster.nodes if node.is_running}
            yield load
            await load.stop()
            await self.judge(cluster, load)
            # A slice is too short for rooms to remember much.
            if equal is not None and self.is_full:
                await self._memory_equal(cluster, before, load, equal)
            elif is_memory_watched:
                self._memory(cluster.nodes, before)

    async def judge(self, cluster: Cluster, load: Load) -> None:
        """The common conditions but memory, of people who edit no more."""
        truths = await read_truths(cluster.data, cluster.database_url, load.documents)
        self.verdict(check(load.history, truths, await load.replicas(truths)))
        self.figure(ATTEMPTS, load.history.attempts_ratio, ATTEMPTS_MAX)
        await self.judge_cluster(cluster)

    async def judge_cluster(self, cluster: Cluster) -> None:
        """What can be said of nodes and database without knowing who used them."""
        stray = cluster.stray()
        self.figure(STRAY, len(stray), 0)
        for line in stray[:10]:
            self.found(line)
        verified = await cluster.verify()
        if verified:
            self.found(f"tutti verify: {verified}")

    def verdict(self, verdict: Verdict) -> None:
        self.figure(LOST, verdict.lost, 0)
        self.figure(TWICE, verdict.doubled, 0)
        self.figure(TORN, verdict.torn + verdict.misordered, 0)
        self.figure(UNEQUAL, verdict.unequal, 0)
        self.figure(WAITING, verdict.waiting, 0)
        for finding in verdict.findings:
            self.found(finding)

    def _memory(self, nodes: list[Node], before: dict[int, int]) -> None:
        """Of nodes that lived through it all."""
        for node in _living(nodes, before):
            self.figure(MEMORY, node.rss_bytes / before[node.pid], MEMORY_GROWTH_MAX)

    async def _memory_equal(self, cluster: Cluster, before: dict[int, int], load: Load, equal: Equal) -> None:
        after = [(before[node.pid], node.rss_bytes) for node in _living(cluster.nodes, before)]
        reference = await self.equal_rss_bytes(cluster, load, equal)
        for _, after_bytes in after:
            self.figure(MEMORY_EQUAL, after_bytes / reference, MEMORY_GROWTH_MAX)
        shown = ", ".join(f"{first / MIB:.0f} before and {last / MIB:.0f} after" for first, last in after)
        self.note(f"memory of a node, MiB: {shown}; {reference / MIB:.0f} after an equal load")

    async def equal_rss_bytes(self, cluster: Cluster, load: Load, equal: Equal) -> int:
        """What a node of another such cluster has after the edits of `load`, once it has stopped."""
        truths = await read_truths(cluster.data, cluster.database_url, load.documents)
        async with equal(self.folder / "equal") as calm:
            return await written_rss_bytes(calm, self.size.clients, list(truths.values()), self.random)


def _living(nodes: list[Node], before: dict[int, int]) -> list[Node]:
    """Those that were there before and are."""
    return [node for node in nodes if node.is_running and node.pid in before]


def play(row: Row, scale: Scale, rounds: int | None = None, seed: int = 1) -> Result:
    """Plays a row once. What went wrong is in the result, and the history, the logs and the traceback are
    kept in `FAILED`."""
    size = row.full if scale == "full" else row.slice
    assert size is not None, f"{row.name} has no slice"
    if rounds is not None:
        size = replace(size, rounds=rounds)
    result = Result(row.name, scale, size.rounds, seed)
    with tempfile.TemporaryDirectory(prefix="tutti-faults-") as name:
        stage = Stage(size, seed, Path(name), result)
        load_before, began_s = os.getloadavg()[0], monotonic()
        try:
            with asyncio.Runner(loop_factory=NamedLoop) as runner:
                runner.run(_played(row, stage))
        except Exception as error:
            result.findings.append(f"The row came to no end: {error!r}")
            (stage.folder / "traceback").write_text(traceback.format_exc())
        result.seconds = round(monotonic() - began_s, 1)
        result.load_average = (round(load_before, 2), round(os.getloadavg()[0], 2))
        if not result.holds:
            stage.history.write(stage.folder / "history.jsonl")
            kept = FAILED / f"{row.name}-{strftime('%Y%m%d-%H%M%S')}"
            shutil.copytree(stage.folder, kept, ignore=shutil.ignore_patterns("data"))
            result.write(kept / "result.json")
    return result


async def _played(row: Row, stage: Stage) -> None:
    await row.play(stage)

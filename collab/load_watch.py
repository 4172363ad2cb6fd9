"""How much a node has to do, measured.

Once a second: how late that second's sleep ended, the memory that the process holds, sockets, and documents
that wait for a commit; `overload` judges, `admission` acts. Knows where the numbers come from: Linux says
what a process holds and what its container may; elsewhere memory is not looked at.
"""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from collab.admission import Admission
from collab.config import Settings
from collab.hub import Hub
from collab.overload import Capacity, LoadJudge, Sample

log = structlog.get_logger("tutti.load")

EVERY_S: Final = 1.0
_MIB: Final = 1024 * 1024
_STATM: Final = Path("/proc/self/statm")
_CGROUP: Final = Path("/proc/self/cgroup")
_CGROUPS: Final = Path("/sys/fs/cgroup")
# No limit is "max", or a number beyond any memory.
_NO_LIMIT_BYTES: Final = 1 << 60


class LoadWatch:
    """`keep_running` as a task of the node."""

    def __init__(self, hub: Hub, capacity: Capacity, admission: Admission) -> None:
        self._hub = hub
        self._judge = LoadJudge(capacity)
        self._admission = admission

    async def keep_running(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            before_s = loop.time()
            await asyncio.sleep(EVERY_S)
            try:
                self.note(self._sample(loop.time() - before_s - EVERY_S))
            except Exception:
                # A bug here is not the node's end: its tasks are one group.
                log.exception("load_not_measured")

    def note(self, sample: Sample) -> None:
        """Judges one second."""
        self._admission.set_level(self._judge.judge(sample), self._judge.reason)

    def _sample(self, lag_s: float) -> Sample:
        return Sample(
            lag_ms=max(0, int(lag_s * 1000)),
            memory_bytes=held_bytes(),
            sockets=len(self._hub.connections),
            waiting_commits=self._hub.waiting_commits,
        )


def capacity_of(settings: Settings) -> Capacity:
    """What a node of these settings bears; the workers of one server share its memory."""
    named = settings.memory_max_mib
    memory_bytes = container_bytes() if named is None else named * _MIB
    return Capacity(settings.limits.sockets_max, memory_bytes // settings.workers)


def held_bytes() -> int:
    """Memory that this process has in RAM; 0 where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def container_bytes(own: Path = _CGROUP, root: Path = _CGROUPS) -> int:
    """Memory that the container, or the unit of systemd, may have; 0 without a limit. `own` says where in
    the tree at `root` this process is."""
    limits = [root / "memory.max", root / "memory" / "memory.limit_in_bytes"]
    with suppress(OSError, UnicodeDecodeError):
        # The one line of version 2; whoever is the root of their own namespace reads a slash.
        place = next((line[3:] for line in own.read_text().splitlines() if line.startswith("0::")), "/")
        limits.insert(0, root / place.lstrip("/") / "memory.max")
    for limit in limits:
        try:
            found = int(limit.read_text())
        except (OSError, ValueError):
            continue
        return found if found < _NO_LIMIT_BYTES else 0
    return 0

"""Whether several people hear the same beat, through networks that jitter.

A server in a process of its own; a jittering proxy; SDK clients whose clocks are up to an hour and 50 ppm
wrong, each with a virtual player that misses starts and drifts. What each would hear is looked at all the
time by the machine's one true clock, and compared. Beside each plays another player of the same kind, started
at what a single message said the time was, and left alone: that is what one hears without all this.

    python -m tests.integration.beat [--networks Wi-Fi 4G] [--seconds 60] [--clients 8] [--seed 1] [--stalls]

Prints the figures and exits 1 if a gate was missed. With `--stalls` devices stand still now and then as in
the model of `benchmarks sync`, which judges that over hours; in a minute, chance decides whether two do.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.jam_model.device import (
    DEVICE_PPM,
    READ_SD_MS,
    SEEK_SD_MS,
    SET_WRONG_BY_MS,
    SKEW_PPM,
    STALL_EVERY_MS,
    STALL_MS,
    START_SD_MS,
)
from benchmarks.jam_model.network import NETWORKS, Network
from benchmarks.jam_model.network import Path as Way
from tests.clients.clocks import skewed
from tests.integration.crashing import CrashingServer
from tests.proxy import FaultProxy
from tutti_client import Jam, Performance, Tutti, VirtualPlayer, connect, guest
from tutti_client.clock import DEVICE, Clock
from tutti_client.conductor import Part, part_of
from tutti_client.virtual_player import Device

# p99 of how far any two are apart, ms.
GATES: Final = {"LAN": 10.0, "Wi-Fi": 10.0, "4G": 25.0}
SONG_MS: Final = 20_000
LOOK_EVERY_S: Final = 0.02
# So long after the music has begun somewhere, everybody is in place.
SETTLED_MS: Final = 2_000.0


class Listener:
    """One client with its wrong clock, its device, and beside it the one that nobody keeps in place."""

    def __init__(self, random: Random, stalls_for_s: float) -> None:
        ahead_ms = random.uniform(-SET_WRONG_BY_MS, SET_WRONG_BY_MS)
        self.clock = skewed(ahead_ms=ahead_ms, ppm=random.uniform(-SKEW_PPM, SKEW_PPM))
        self.player = VirtualPlayer(_device(random, self.clock, stalls_for_s))
        self.naive = VirtualPlayer(_device(random, self.clock, stalls_for_s))
        self.jam: Jam | None = None
        self._told: Part | None = None

    @property
    def is_locked(self) -> bool:
        return self.jam is not None and self.jam.sync.is_locked

    def part_at(self, room_ms: float) -> Part | None:
        assert self.jam is not None, "joined before"
        lineup = self.jam.replica.committed
        assert lineup is not None, "loaded before"
        return part_of(lineup.jam, room_ms)

    def start_naively(self, server_ms: float) -> None:
        """At what `welcome` said the time was."""
        part = self.part_at(server_ms)
        if part == self._told:
            return
        self._told = part
        now_ms = self.clock.monotonic_ms()
        if part is None:
            self.naive.stop(now_ms)
        else:
            at_ms = part.anchor_ms - server_ms + now_ms - self.naive.latency_ms
            self.naive.start(part.track, part.position_ms, at_ms, now_ms)

    def heard(self, player: VirtualPlayer) -> tuple[str, float] | None:
        """The track, and by how much what is heard of it is ahead of the machine's clock."""
        now_ms, true_ms = self.clock.monotonic_ms(), DEVICE.monotonic_ms()
        heard_ms = player.heard_ms(now_ms)
        if heard_ms is None or player.track is None:
            return None
        return str(player.track["track"]), heard_ms - true_ms


def _device(random: Random, clock: Clock, stalls_for_s: float) -> Device:
    now_ms = clock.monotonic_ms()
    errors = Random(random.random())
    return Device(
        drift_ppm=random.uniform(-DEVICE_PPM, DEVICE_PPM),
        start_error_ms=partial(errors.gauss, 0, START_SD_MS),
        splice_error_ms=partial(errors.gauss, 0, SEEK_SD_MS),
        read_error_ms=partial(errors.gauss, 0, READ_SD_MS),
        stalls=tuple(_stalls(random, now_ms, now_ms + stalls_for_s * 1000)),
        latency_ms=random.uniform(5, 200),
        fetch_ms=random.uniform(50, 1_500),
    )


def _stalls(random: Random, from_ms: float, until_ms: float) -> Iterator[tuple[float, float]]:
    while (from_ms := from_ms + random.expovariate(1 / STALL_EVERY_MS)) < until_ms:
        lasts_ms = random.uniform(*STALL_MS)
        yield from_ms, lasts_ms
        from_ms += lasts_ms


@dataclass(slots=True)
class Apart:
    """How far any two were apart, ms, whenever somebody looked and all had had time to settle."""

    pairs_ms: list[float] = field(default_factory=list)
    worst_ms: list[float] = field(default_factory=list)

    def look(self, heard: Sequence[tuple[str, float] | None]) -> None:
        looked = [one for one in heard if one is not None]
        found = [abs(a[1] - b[1]) for a, b in combinations(looked, 2) if a[0] == b[0]]
        if found:
            self.pairs_ms += found
            self.worst_ms.append(max(found))

    def percentile(self, percent: float) -> float:
        return _percentile(self.pairs_ms, percent)

    def __str__(self) -> str:
        p50, p95, p99 = map(self.percentile, (50, 95, 99))
        return (
            f"two are apart by p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms, "
            f"the furthest two by p99 {_percentile(self.worst_ms, 99):.1f} ms"
        )


@dataclass(slots=True)
class Evening:
    """What was seen. `locked_ms`: how long after each start each player said that it is in place."""

    network: str
    kept: Apart = field(default_factory=Apart)
    naive: Apart = field(default_factory=Apart)
    locked_ms: list[float] = field(default_factory=list)
    splices: int = 0

    @property
    def is_good(self) -> bool:
        return bool(self.kept.pairs_ms) and self.kept.percentile(99) <= GATES[self.network]

    def lines(self) -> list[str]:
        p50, p95, worst = (_percentile(self.locked_ms, percent) / 1000 for percent in (50, 95, 100))
        verdict = "kept" if self.is_good else "MISSED"
        return [
            f"{self.network}: this SDK: {self.kept}",
            f"{self.network}: one message, left alone: {self.naive}",
            f"{self.network}: locked p50 {p50:.1f}, p95 {p95:.1f}, at last {worst:.1f} s after a start, "
            f"{len(self.locked_ms)} times; {self.splices} splices",
            f"{self.network}: p99 at most {GATES[self.network]:g} ms: {verdict}",
        ]


def _percentile(values: Sequence[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else float("nan")


async def evening(
    url: str, network: Network, clients: int, seconds: float, seed: int, *, stalls: bool = False
) -> Evening:
    """Plays and looks for so long."""
    random = Random(f"{seed} {network.name}")
    listeners = [Listener(random, 2 * seconds if stalls else 0.0) for _ in range(clients)]
    found = Evening(network.name)
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(
            FaultProxy(url, lambda: Way(network, Random(random.random())))
        )
        tuttis: list[Tutti] = []
        performances: list[Performance] = []
        for number, listener in enumerate(listeners):
            token = await (await guest(url, f"Listener {number}"))()
            tutti = await stack.enter_async_context(connect(proxy.url, token=token, clock=listener.clock))
            tuttis.append(tutti)
            if number == 0:
                host = await tutti.start_jam("The beat")
                code = await host.code()
            listener.jam = host if number == 0 else await tutti.join_jam(code.code)
            performances.append(await stack.enter_async_context(listener.jam.playing_on(listener.player)))
        for tutti in tuttis:
            await tutti.time_set()
        for number in range(int(seconds * 1000 // SONG_MS) + 3):
            await host.add({"track": f"beat:{number}", "title": str(number), "duration_ms": SONG_MS})
        while not all(performance.ready for performance in performances):
            await host.members_changed()
        watch = asyncio.create_task(_look(found, listeners, tuttis))
        try:
            await _steer(host, seconds)
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
    found.splices = sum(listener.player.splices for listener in listeners)
    return found


async def _steer(host: Jam, seconds: float) -> None:
    """A host who plays, in the second half seeks and in the last quarter pauses: two gaps, two starts."""
    await host.play()
    await asyncio.sleep(seconds / 2)
    await host.seek(host.position() // 2)
    await asyncio.sleep(seconds / 4)
    await host.pause()
    await asyncio.sleep(0.5)
    await host.play()
    await asyncio.sleep(seconds / 4)


async def _look(found: Evening, listeners: Sequence[Listener], tuttis: Sequence[Tutti]) -> None:
    anchor_ms = 0
    unlocked: set[Listener] = set()
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        for listener, tutti in zip(listeners, tuttis, strict=True):
            listener.start_naively(tutti.server_ms())
        kept = [listener.heard(listener.player) for listener in listeners]
        naive = [listener.heard(listener.naive) for listener in listeners]
        room_ms = tuttis[0].room_ms()
        part = listeners[0].part_at(room_ms)
        if part is None or room_ms < part.anchor_ms:
            continue
        if part.anchor_ms != anchor_ms:
            anchor_ms, unlocked = part.anchor_ms, set(listeners)
        for listener in [listener for listener in unlocked if listener.is_locked]:
            unlocked.remove(listener)
            found.locked_ms.append(room_ms - anchor_ms)
        if room_ms - anchor_ms >= SETTLED_MS:
            found.kept.look(kept)
            found.naive.look(naive)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Whether several people hear the same beat.")
    parser.add_argument("--networks", nargs="+", choices=[*GATES], default=["Wi-Fi", "4G"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stalls", action="store_true", help="Devices stand still now and then.")
    chosen = parser.parse_args(arguments)
    evenings = []
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tutti-beat-"))
        server = stack.enter_context(CrashingServer(Path(folder)))
        for name in chosen.networks:
            found = asyncio.run(
                evening(
                    server.url,
                    NETWORKS[name],
                    chosen.clients,
                    chosen.seconds,
                    chosen.seed,
                    stalls=chosen.stalls,
                )
            )
            sys.stdout.write("\n".join([*found.lines(), ""]))
            evenings.append(found)
    return 0 if all(found.is_good for found in evenings) else 1


if __name__ == "__main__":
    sys.exit(main())

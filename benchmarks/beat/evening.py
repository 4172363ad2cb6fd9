"""An evening with one Jam: people listen in browsers, on devices that are wrong, through jittering networks.

A server in a process of its own, the jittering proxy before it; and a host without a player who steers, and
whose program, on the machine's true clock and beside the server, knows the Jam's timeline. Knows how it is
all put together. What was good or bad about it is `verdict`'s.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from playwright.async_api import Page

from benchmarks.beat.desk import Desk, now_ms
from benchmarks.beat.hearing import NOISE, Manner
from benchmarks.beat.listeners import PAGES, Device, browser, listener
from benchmarks.beat.recording import Recording
from benchmarks.beat.tracks import Track
from benchmarks.beat.verdict import Course, Part
from benchmarks.jam_model.device import SET_WRONG_BY_MS, SKEW_PPM
from benchmarks.jam_model.network import Network
from benchmarks.jam_model.network import Path as Way
from tests.browser.site import ISOLATED, site
from tests.collab.command import serving
from tests.proxy import FaultProxy
from tutti_client import Jam, Tutti, connect, guest
from tutti_client.conductor import part_of
from tutti_client.errors import RequestRefused

LISTENERS: Final = 3
# What a server may take to read some files.
PATIENCE_S: Final = 60.0
# What loudspeakers add to what the browser's own output takes: from a cable to a radio.
LATE_MS: Final = (0.0, 150.0)
LOOK_EVERY_S: Final = 0.01
# What was played last must have come to the desk.
LAST_S: Final = 1.5
# The page of each rule.
RULES: Final = {"this SDK": "beat.html", "one sample, 50 ms": "reference.html"}

# What happens during an evening, once the music may begin.
Steering = Callable[["Company"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Setting:
    """Who listens how: the network, one of `RULES`, and chance."""

    network: Network
    rule: str
    seed: str

    def devices(self) -> list[Device]:
        """Clocks as wrong as they may be, both ways, and loudspeakers of all kinds."""
        random = Random(self.seed)
        return [
            Device(
                ahead_ms=random.choice((-1, 1)) * random.uniform(0.5, 1) * SET_WRONG_BY_MS,
                ppm=SKEW_PPM if number % 2 else -SKEW_PPM,
                late_ms=random.uniform(*LATE_MS),
            )
            for number in range(LISTENERS)
        ]


@dataclass(frozen=True, slots=True)
class Company:
    """Those who are there: who steers, and the pages of who listens."""

    host: Jam
    pages: Sequence[Page]


@dataclass(frozen=True, slots=True)
class Evening:
    """What each heard, where there was silence after and before music (from when to when, ms), and what the
    timeline wanted."""

    courses: Sequence[Course]
    silences_ms: Sequence[Sequence[tuple[float, float]]]
    parts: Sequence[Part]


async def evening(
    setting: Setting,
    tracks: Sequence[Track],
    music: Path,
    folder: Path,
    steer: Steering,
    manner: Manner = NOISE,
) -> Evening:
    """`tracks` are files of the folder `music`, by name; what is written goes to `folder`, which is empty."""
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(Desk(folder))
        port = stack.enter_context(site(PAGES, ISOLATED))
        address = f"http://127.0.0.1:{port}"
        serves = ("--allow-origin", address, "--music", music)
        server = stack.enter_context(serving(folder / "data", *serves))
        random = Random(setting.seed)
        proxy = await stack.enter_async_context(
            FaultProxy(server.url, lambda: Way(setting.network, Random(random.random())))
        )
        # A long evening outlives a token.
        host_guest = await guest(server.url, "Host")
        tutti = await stack.enter_async_context(connect(server.url, token=host_guest))
        host = await tutti.start_jam("The beat")
        await tutti.time_set()
        await _catalogued(tutti, tracks)
        pages = await _listeners(stack, setting, desk, f"{address}/{RULES[setting.rule]}")
        told = {"server": proxy.url, "code": (await host.code()).code}
        await asyncio.gather(
            *[
                page.evaluate("told => beat.join(told)", {**told, "name": f"Listener {number}"})
                for number, page in enumerate(pages)
            ]
        )
        timeline = Timeline(host, tutti, tracks)
        async with timeline.watched():
            await steer(Company(host, pages))
        await asyncio.sleep(LAST_S)
    parts = timeline.parts()
    said_ms = desk.said_latency_ms()
    # Noise is found wherever it is; of music it has to be known about where.
    hints = None if manner is NOISE else parts
    recordings = [
        Recording(desk.tapes[str(number)], tracks, said_ms + device.late_ms, manner, hints)
        for number, device in enumerate(setting.devices())
    ]
    return Evening(
        [recording.course() for recording in recordings],
        [recording.silences_ms() for recording in recordings],
        parts,
    )


async def _catalogued(tutti: Tutti, tracks: Sequence[Track]) -> None:
    """Returns when the server has found the files."""
    async with asyncio.timeout(PATIENCE_S):
        for track in tracks:
            while True:
                try:
                    await tutti.track(track.uri)
                    break
                except RequestRefused:
                    await asyncio.sleep(LOOK_EVERY_S)


async def _listeners(stack: AsyncExitStack, setting: Setting, desk: Desk, address: str) -> list[Page]:
    chromium = await stack.enter_async_context(browser())
    return [
        await stack.enter_async_context(listener(chromium, desk, address, str(number), device))
        for number, device in enumerate(setting.devices())
    ]


class Timeline:
    """What is to be heard when, by the desk's clock, as the host's program learns it."""

    def __init__(self, host: Jam, tutti: Tutti, tracks: Sequence[Track]) -> None:
        self._host = host
        self._tutti = tutti
        self._numbers = {track.uri: number for number, track in enumerate(tracks)}
        # By the room's time, which runs as the machine's does.
        self._parts: list[Part] = []
        self._offset_ms = 0.0

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """It is written down during the block."""
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            room_ms = self._tutti.room_ms()
            self._offset_ms = room_ms - now_ms()
            self._end(room_ms)

    async def _watch(self) -> None:
        playing = None
        while True:
            room_ms = self._tutti.room_ms()
            lineup = self._host.replica.committed
            assert lineup is not None, "started by its host"
            part = part_of(lineup.jam, room_ms)
            if part is not None and room_ms < part.anchor_ms:
                # The one before goes on until then.
                part = playing
            if part != playing:
                self._end(room_ms if part is None else part.anchor_ms)
            if part is not None and part != playing:
                track = self._numbers[str(part.track["track"])]
                until_ms = np.inf if part.ends_at is None else part.ends_at
                self._parts.append(Part(track, part.position_ms, part.anchor_ms, until_ms))
            playing = part
            await asyncio.sleep(LOOK_EVERY_S)

    def _end(self, room_ms: float) -> None:
        """What played until now was over then, if not before."""
        if self._parts:
            self._parts[-1] = replace(self._parts[-1], until_ms=min(self._parts[-1].until_ms, room_ms))

    def parts(self) -> list[Part]:
        """By the desk's clock."""
        found = []
        for part in self._parts:
            from_ms, until_ms = part.from_ms - self._offset_ms, part.until_ms - self._offset_ms
            found.append(replace(part, from_ms=from_ms, until_ms=until_ms))
        return found

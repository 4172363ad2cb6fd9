"""People on the SDK of either version, who edit at the same time and then compare what they have.

The argument is JSON: `people`, each with a `name`, the `url` of their node, and a `refresh_token` if they
have been there before; `playlists` and the `invites` that open them; `code` of the Jam; `seed`. When all are
in, it says how many; then it reads an order a line and answers each with a line of JSON:

    {"edit": 50}         everybody makes so many edits; the answer: each one's versions
    {"show": {…: 70}}    everybody waits for these versions; the answer: what each has, and what was repaired

Uses only what both versions have. Does not know which version it runs with.
"""

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import httpx

from jam.digest import digest as jam_digest
from ot.digest import digest as playlist_digest
from tutti_client import CommandRefused, Guest, Jam, Playlist, connect, guest
from tutti_client.events import Diverged, Event, Resynced

# Longer than any of this takes on a busy machine; a program that meets it ends.
PATIENCE_S = 120
EDITS_PER_COMMAND = 5
WORDS = ("One", "Two", "Three", "Four", "Five")


class Person:
    """Somebody with all playlists and the Jam open. `repairs` is whatever had to be loaded anew."""

    def __init__(self, name: str, playlists: Sequence[Playlist], jam: Jam, chance: random.Random) -> None:
        self._name = name
        self._playlists = playlists
        self._jam = jam
        self._chance = chance
        self._rooms: list[Playlist | Jam] = [*playlists, jam]
        self.repairs: list[str] = []
        for room in self._rooms:
            room.listen(self._hear)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Diverged | Resynced):
            self.repairs.append(repr(event))

    async def edit(self, edits: int) -> None:
        for number in range(edits):
            self._edit(self._chance.choice(self._playlists), number)
            if number % EDITS_PER_COMMAND == 0:
                await self._command(number)
            await asyncio.sleep(0)  # what others do comes in between
        for room in self._rooms:
            await room.saved()

    def _edit(self, playlist: Playlist, number: int) -> None:
        length = len(playlist.entries)
        match self._chance.randrange(6) if length > 3 else 0:
            case 0 | 1 | 2:
                song = {"track": f"demo:{number}", "title": f"{self._name} {number}"}
                playlist.insert(self._chance.randrange(length + 1), song)
            case 3:
                playlist.move(self._chance.randrange(length), 1, self._chance.randrange(length + 1))
            case 4:
                playlist.remove(self._chance.randrange(length))
            case _:
                playlist.set_field(self._chance.randrange(length), "note", self._chance.choice(WORDS))

    async def _command(self, number: int) -> None:
        queue = self._jam.queue
        try:
            match self._chance.randrange(3) if queue else 0:
                case 0:
                    title = f"{self._name} {number}"
                    await self._jam.add({"track": f"demo:{title}", "title": title, "duration_ms": 180_000})
                case 1:
                    await self._jam.vote(self._chance.choice(queue).id)
                case _:
                    await self._jam.say(self._chance.choice(WORDS))
        except CommandRefused:
            pass  # who does much has to wait, and a song may be gone

    def versions(self) -> dict[str, int]:
        return {room.id: room.version for room in self._rooms}

    async def show(self, versions: dict[str, int]) -> dict[str, tuple[int, str]]:
        for room in self._rooms:
            changes: AsyncIterator[object] = room.changes()
            while room.version < versions[room.id]:
                await anext(changes)
        committed = self._jam.replica.committed
        assert committed is not None, "it was opened"
        shown = {self._jam.id: (self._jam.version, jam_digest(committed.jam))}
        for playlist in self._playlists:
            shown[playlist.id] = (playlist.version, playlist_digest(playlist.replica.document))
        return shown


async def come(asked: dict[str, Any], person: dict[str, Any], stack: AsyncExitStack) -> Person:
    name, url = person["name"], person["url"]
    if "refresh_token" in person:
        who = Guest(url, person["refresh_token"])
    else:
        who = await guest(url, name)
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {await who()}"}) as http:
            for secret in asked["invites"]:
                accepted = await http.post(f"{url}/v1/invites/accept", json={"secret": secret})
                accepted.raise_for_status()
    tutti = await stack.enter_async_context(connect(url, token=who))
    playlists = [await tutti.open_playlist(playlist) for playlist in asked["playlists"]]
    chance = random.Random(f"{asked['seed']} {name}")
    return Person(name, playlists, await tutti.join_jam(asked["code"]), chance)


async def obey(order: dict[str, Any], people: Sequence[Person]) -> object:
    match order:
        case {"edit": edits}:
            await asyncio.gather(*(person.edit(edits) for person in people))
            return [person.versions() for person in people]
        case {"show": versions}:
            shown = await asyncio.gather(*(person.show(versions) for person in people))
            return {"shown": shown, "repairs": [person.repairs for person in people]}
    raise ValueError(order)


async def main(asked: dict[str, Any]) -> None:
    async with AsyncExitStack() as stack:
        async with asyncio.timeout(PATIENCE_S):
            people = [await come(asked, person, stack) for person in asked["people"]]
        say(len(people))
        while order := await asyncio.to_thread(sys.stdin.readline):
            async with asyncio.timeout(PATIENCE_S):
                say(await obey(json.loads(order), people))


def say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


asyncio.run(main(json.loads(sys.argv[1])))

"""An evening on a server: people, playlists with a past, Jams, and every kind of key.

Arguments: the server's URL, and an API token of the account `robot`. Says in JSON which keys there are, and
which digest each playlist ended with. Runs on the SDK of the server's version; `make previous` keeps the
database that comes of it.
"""

import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx

from ot.digest import digest
from tutti_client import Guest, Jam, Playlist, Tutti, connect, guest

ROUNDS = 40
# What JSON, SQL and fonts find hard.
AWKWARD = 'Ünïcode "quoted" \\ \t\u2028 𝄞 e\u0301'


def song(number: int) -> dict[str, Any]:
    return {
        "track": f"demo:{number}",
        "title": f"Song {number}",
        "artists": [f"Band {number % 7}", AWKWARD],
        "duration_ms": 1_000 * (120 + number % 90),
    }


class Person:
    def __init__(self, url: str, who: Callable[[], Awaitable[str]], tutti: Tutti) -> None:
        self.tutti = tutti
        self._url = url
        self._who = who

    async def ask(self, method: str, path: str, **body: Any) -> Any:
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {await self._who()}"}) as http:
            answer = await http.request(method, f"{self._url}/v1{path}", json=body or None)
        return answer.raise_for_status().json() if answer.content else None


async def edit(playlist: Playlist, chance: random.Random) -> None:
    for number in range(ROUNDS):
        length = len(playlist.entries)
        match chance.randrange(7) if length > 3 else 0:
            case 0 | 1:
                playlist.insert(chance.randrange(length + 1), song(number))
            case 2:
                playlist.append([song(number), song(number + 1)])
            case 3:
                playlist.move(chance.randrange(length), 1, chance.randrange(length + 1))
            case 4:
                playlist.remove(chance.randrange(length))
            case 5:
                playlist.set_field(chance.randrange(length), "note", AWKWARD)
            case _:
                playlist.undo()
        await playlist.saved()
    playlist.set_attribute("description", AWKWARD)
    await playlist.saved()


async def dance(host: Jam, guests: list[Jam]) -> None:
    for number, jam in enumerate((host, *guests)):
        for more in range(2):
            await jam.add(song(10 * number + more))
        await jam.say(f"hello {AWKWARD}")
    await host.play()
    for jam in guests:
        await jam.vote(jam.queue[-1].id)
    await host.next()
    await host.pin(host.queue[-1].id)
    await host.pause()


async def evening(url: str, api_token: str) -> dict[str, Any]:
    guests: dict[str, Guest] = {name: await guest(url, name) for name in ("Ada", "Ben", "Cem")}

    async def robot() -> str:
        return api_token

    async with AsyncExitStack() as stack:
        people: dict[str, Person] = {}
        tokens: dict[str, Callable[[], Awaitable[str]]] = {**guests, "robot": robot}
        for name, who in tokens.items():
            people[name] = Person(url, who, await stack.enter_async_context(connect(url, token=who)))
        ada = people["Ada"]
        playlists = [
            (await ada.ask("POST", "/me/playlists", name=name))["id"] for name in ("Friday", AWKWARD, "Empty")
        ]
        invites = f"/playlists/{playlists[0]}/invites"
        editors, viewers, revoked = [
            await ada.ask("POST", invites, role=role) for role in ("editor", "viewer", "viewer")
        ]
        for name in ("Ben", "robot"):
            await people[name].ask("POST", "/invites/accept", secret=editors["secret"])
        await people["Cem"].ask("POST", "/invites/accept", secret=viewers["secret"])
        await ada.ask("DELETE", f"{invites}/{revoked['id']}")

        editing = [await people[name].tutti.open_playlist(playlists[0]) for name in ("Ada", "Ben", "robot")]
        editing.append(await ada.tutti.open_playlist(playlists[1]))
        await asyncio.gather(*(edit(playlist, random.Random(n)) for n, playlist in enumerate(editing)))
        past = ada.tutti.history(playlists[0])
        await past.restore(ROUNDS)
        await past.take_back(people["Ben"].tutti.user_id, 0)

        live = await ada.tutti.start_jam("Live", mode="votes", playlist=playlists[0])
        over = await ada.tutti.start_jam("Over", mode="fair")
        for jam in (live, over):
            code = (await jam.code()).code
            await dance(jam, [await people[name].tutti.join_jam(code) for name in ("Ben", "Cem")])
        await live.kick(people["Cem"].tutti.user_id)
        await over.save_as_playlist()
        await over.end()

        digests = {}
        for id in playlists:
            playlist = await ada.tutti.open_playlist(id)
            last = (await ada.tutti.history(id).versions(limit=1))[0].version if id != playlists[2] else 0
            changes = playlist.changes()
            while playlist.version < last:
                await anext(changes)
            digests[id] = (playlist.version, digest(playlist.replica.document))
        return {
            "refresh_tokens": {name: who.refresh_token for name, who in guests.items()},
            "api_token": api_token,
            "invites": {"editor": editors["secret"], "revoked": revoked["secret"]},
            "playlists": digests,
            "jams": [live.id, over.id],
        }


sys.stdout.write(json.dumps(asyncio.run(evening(*sys.argv[1:]))))

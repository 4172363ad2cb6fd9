"""A reader of Server-Sent Events that says what it is told, and a playlist kept by nothing but them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.collab.serving import HUNG_S
from tests.integration.world import Person, World

Json = dict[str, Any]


@dataclass(frozen=True)
class Event:
    name: str
    id: str
    data: Any


class EventReader:
    """One open stream. `retry_ms` is what the server said last; `commented`: it sent a comment."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.retry_ms = 0
        self.commented = asyncio.Event()
        self._lines = response.aiter_lines()

    async def next(self) -> Event | None:
        """The next event; None at the stream's end."""
        name, id, data = "message", "", ""
        async with asyncio.timeout(HUNG_S):
            async for line in self._lines:
                key, _, value = line.partition(": ")
                match key:
                    case "" if value:
                        self.commented.set()
                    case "" if data:
                        return Event(name, id, json.loads(data))
                    case "event":
                        name = value
                    case "id":
                        id = value
                    case "retry":
                        self.retry_ms = int(value)
                    case "data":
                        data += value
        return None

    async def ends(self) -> Event:
        """Reads on to the end of the stream, and returns its last event."""
        last = None
        while (event := await self.next()) is not None:
            last = event
        assert last is not None
        return last


@asynccontextmanager
async def reading(
    node: World, person: Person, playlist: str, since: str = "", header: str = ""
) -> AsyncIterator[EventReader]:
    headers = {"Authorization": f"Bearer {person.token}"}
    if header:
        headers["Last-Event-ID"] = header
    async with (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{node.port}", timeout=HUNG_S) as client,
        client.stream(
            "GET",
            f"/v1/playlists/{playlist}/events",
            params={"since": since} if since else {},
            headers=headers,
        ) as response,
    ):
        assert response.status_code == 200, await response.aread()
        yield EventReader(response)


@dataclass
class Page:
    """What a page shows that knows no algebra: it does as `changes` say."""

    entries: list[Json] = field(default_factory=list)
    attributes: Json = field(default_factory=dict)
    snapshot_id: str = ""
    told: list[str] = field(default_factory=list)

    def take(self, event: Event) -> None:
        data = event.data
        self.snapshot_id = data["snapshot_id"]
        self.told.append(event.name)
        if event.name == "state":
            self.entries, self.attributes = list(data["entries"]), dict(data["attributes"])
            return
        assert event.name == "op"
        for change in data["changes"]:
            if change["change"] == "edited" and change["from"] is not None:
                self.entries[change["from"]] = change["entry"]
        gone = {change["from"] for change in data["changes"] if change["change"] in ("removed", "moved")}
        self.entries = [entry for index, entry in enumerate(self.entries) if index not in gone]
        come = [change for change in data["changes"] if change["change"] in ("added", "moved")]
        for change in sorted(come, key=lambda change: int(change["to"])):
            self.entries.insert(change["to"], change["entry"])
        for key, value in (data["attributes"] or {}).items():
            if value is None:
                self.attributes.pop(key, None)
            else:
                self.attributes[key] = value

"""People at a server that runs as a person runs it, in a process of its own.

Knows tokens, and what is asked of the server besides the clients that are tried. Everybody is a guest.
"""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.collab.serving import HUNG_S


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    token: str


@dataclass(frozen=True)
class Live:
    url: str

    @property
    def base(self) -> str:
        """Where a client of the Spotify Web API asks."""
        return f"{self.url}/v1/"

    async def person(self, name: str) -> Person:
        async with httpx.AsyncClient(base_url=self.url, timeout=HUNG_S) as http:
            session = (await http.post("/v1/guest", json={"name": name})).raise_for_status().json()
        return Person(session["user"]["id"], name, session["token"])

    async def people(self, *names: str) -> list[Person]:
        return [await self.person(name) for name in names]

    async def get(self, person: Person, path: str) -> Any:
        """What is asked in our own name, by no client."""
        headers = {"Authorization": f"Bearer {person.token}"}
        async with httpx.AsyncClient(base_url=self.base, headers=headers, timeout=HUNG_S) as http:
            return (await http.get(path)).raise_for_status().json()

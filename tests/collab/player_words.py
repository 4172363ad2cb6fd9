"""What a test says to a Jam that is steered as somebody's player over HTTP."""

import httpx

from jam.state import Jam
from tests.collab.http_world import HttpWorld, Json, Person

PLAYER = "/v1/me/player"
MINUTE = 60_000


def song(name: str, seconds: int = 60) -> Json:
    return {"track": f"spotify:track:{name * 22}", "title": name.upper(), "duration_ms": seconds * 1000}


def uri(name: str) -> str:
    return f"spotify:track:{name * 22}"


async def playlist_of(world: HttpWorld, person: Person, names: str, title: str = "Friday") -> str:
    playlist = await person.new_playlist(title)
    world.documents.entries[playlist] = [
        {**song(name), "uid": f"x.{number}"} for number, name in enumerate(names, 1)
    ]
    return playlist


async def put(person: Person, path: str, body: Json | None = None) -> None:
    done(await person.send("PUT", f"{PLAYER}{path}", **({} if body is None else {"json": body})))


async def post(person: Person, path: str) -> None:
    done(await person.send("POST", f"{PLAYER}{path}"))


def done(response: httpx.Response) -> None:
    assert response.status_code == 204, response.text
    assert response.content == b""


def refused(response: httpx.Response) -> tuple[int, str, str]:
    """Status, code and reason of an error, whose shape is checked on the way."""
    error = response.json()["error"]
    assert error.keys() == {"status", "message", "code", "reason"}
    assert error["status"] == response.status_code
    assert error["message"].endswith("."), error["message"]
    return response.status_code, error["code"], error["reason"]


async def player(person: Person) -> Json:
    response = await person.get(PLAYER)
    assert response.status_code == 200, response.text
    seen: Json = response.json()
    return seen


async def titles(person: Person) -> str:
    """What plays, and what follows, by the letters that their ids are made of."""
    queue = (await person.get(f"{PLAYER}/queue")).json()
    playing = queue["currently_playing"]
    return "".join(item["uri"][-1].upper() if item else "-" for item in (playing, *queue["queue"]))


async def jam_of(world: HttpWorld, person: Person) -> tuple[str, Jam]:
    """The Jam that this person is in, the newest if there are several."""
    [newest, *_] = (await person.get("/v1/me/jams")).json()["items"]
    return newest["id"], (await world.jam_rooms.look(newest["id"])).jam


async def joined(world: HttpWorld, jam: str, host: Person, name: str = "Mia") -> Person:
    person = await world.guest(name)
    code = (await host.get(f"/v1/jams/{jam}/code")).json()["code"]
    assert (await person.post("/v1/jams/join", {"code": code})).status_code == 200
    return person


async def start(world: HttpWorld, person: Person, names: str = "abcd", **more: object) -> str:
    """A Jam that plays these."""
    playlist = await playlist_of(world, person, names)
    await put(person, "/play", {"context_uri": f"spotify:playlist:{playlist}", **more})
    return (await jam_of(world, person))[0]


async def pass_time(world: HttpWorld, jam: str, ms: int) -> None:
    """In small steps, as a server that looks often."""
    until_ms = world.times.now_ms + ms
    while world.times.now_ms < until_ms:
        world.times.now_ms = min(until_ms, world.times.now_ms + 1_000)
        await world.jam_rooms.pass_time(jam)

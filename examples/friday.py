"""Ada makes a playlist, edits it, and waits until it is saved. Needs a server: `make run`."""

import asyncio
import json
from urllib.request import Request, urlopen

from tutti_client import connect, guest

URL = "http://127.0.0.1:8300"


def make_playlist(token: str, name: str) -> str:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"name": name}).encode()
    with urlopen(Request(f"{URL}/v1/me/playlists", body, headers)) as answer:
        return str(json.load(answer)["id"])


async def main() -> None:
    ada = await guest(URL, "Ada")
    playlist_id = await asyncio.to_thread(make_playlist, await ada(), "Friday")
    async with connect(URL, token=ada) as tutti:
        playlist = await tutti.open_playlist(playlist_id)
        playlist.append([{"track": "demo:1", "title": "One"}, {"track": "demo:2", "title": "Two"}])
        playlist.move(1, 1, 0)
        await playlist.saved()
        print(playlist.name, playlist.version, [entry["title"] for entry in playlist.entries])


asyncio.run(main())

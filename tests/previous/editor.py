"""A program on the SDK of either version: adds a song to a playlist and one to a new Jam, says what it has.

Arguments: the server's URL, then a refresh token and a playlist's id of an earlier run, if there was one.
Uses only what both versions have. Does not know which version it runs with.
"""

import asyncio
import json
import sys

import httpx

from tutti_client import Guest, connect, guest

SONG = "spotify:track:4uLU6hMCjMI75M1A2tKUQC"


async def main(url: str, refresh_token: str | None = None, playlist_id: str | None = None) -> None:
    tokens: list[str] = []
    if refresh_token is None:
        person = await guest(url, "Ada", on_rotate=tokens.append)
    else:
        person = Guest(url, refresh_token, tokens.append)
    if playlist_id is None:
        headers = {"authorization": f"Bearer {await person()}"}
        async with httpx.AsyncClient(headers=headers) as http:
            made = await http.post(f"{url}/v1/me/playlists", json={"name": "Friday"})
        playlist_id = made.raise_for_status().json()["id"]
    async with connect(url, token=person) as tutti:
        playlist = await tutti.open_playlist(playlist_id)
        before = [entry["uid"] for entry in playlist.entries]
        playlist.append(SONG)
        await playlist.saved()
        after = [entry["uid"] for entry in playlist.entries]
        jam = await tutti.start_jam()
        await jam.add(SONG)
        sys.stdout.write(json.dumps([tokens[-1], playlist_id, playlist.version, before, after]))


asyncio.run(main(*sys.argv[1:]))

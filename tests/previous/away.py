"""Somebody without a connection, whose edits stay on their device when the program ends.

Arguments: the server's URL, a refresh token, a playlist's id, and the file in which the device keeps things.
Says in JSON the next refresh token and the uids of what was added. Uses only what both versions have.
"""

import asyncio
import json
import sys
from pathlib import Path

from tutti_client import Guest, connect

SONGS = [{"track": "demo:away 1", "title": "One"}, {"track": "demo:away 2", "title": "Two"}]


async def main(url: str, refresh_token: str, playlist_id: str, file: str) -> None:
    who = Guest(url, refresh_token)
    async with connect(url, token=who, offline=Path(file)) as tutti:
        playlist = await tutti.open_playlist(playlist_id)
        tutti.go_offline()
        uids = playlist.append(SONGS)
        playlist.move(1, 1, 0)
        await playlist.stored()
    sys.stdout.write(json.dumps([who.refresh_token, uids]))


asyncio.run(main(*sys.argv[1:]))

"""`python -m benchmarks.http_plain PORT PAGE FOLDER`: what one writes first, in Starlette.

`GET /page` answers with the bytes in the file PAGE, and nothing has to be made. `POST /add` reads JSON and is
answered when a row is durable in SQLite, one transaction each. No token, no rights, no history; on the same
uvicorn and event loop.
"""

import asyncio
import json
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collab.serve import http_protocol


def main(port: int, page: Path, folder: Path) -> None:
    body = page.read_bytes()
    # A connection belongs to its thread.
    writer = ThreadPoolExecutor(1)
    database = writer.submit(_database, folder / "plain.db").result()

    async def read(request: Request) -> Response:
        return Response(body, media_type="application/json")

    async def add(request: Request) -> Response:
        track = json.loads(await request.body())["uris"][0]
        number = await asyncio.get_running_loop().run_in_executor(writer, _added, database, track)
        return JSONResponse({"snapshot_id": str(number)}, status_code=201)

    app = Starlette(routes=[Route("/page", read), Route("/add", add, methods=["POST"])])
    uvicorn.run(
        app,
        port=port,
        http=http_protocol(),
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
    )


def _database(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE entries (number INTEGER PRIMARY KEY, track TEXT NOT NULL)")
    return database


def _added(database: sqlite3.Connection, track: str) -> Any:
    return database.execute("INSERT INTO entries (track) VALUES (?)", (track,)).lastrowid


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))

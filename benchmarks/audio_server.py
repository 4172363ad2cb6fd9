"""`python -m benchmarks.audio_server WHO PORT FILE`: gives one file of music to whoever asks for it.

`tutti` as the server does, `starlette` by Starlette's own `FileResponse`; on the same uvicorn, without
tokens, so that the difference is how the file is read and sent.
"""

import os
import sys
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from collab.metrics import Metrics
from collab.music.audience import Audience
from collab.music.audio_blocks import AudioBlocks
from collab.music.audio_file import AudioFile
from collab.music.audio_request import Part
from collab.music.audio_response import AudioResponse
from collab.serve import http_protocol

TUTTI: Final = "tutti"
STARLETTE: Final = "starlette"


def main(who: str, port: int, path: str) -> None:
    metrics = Metrics()
    audience, blocks = Audience(metrics), AudioBlocks(metrics)

    async def tutti(request: Request) -> Response:
        file = AudioFile(await blocks.in_thread(lambda: os.open(path, os.O_RDONLY)))
        part = Part(0, file.contents.size_bytes)
        # Each is somebody else.
        return AudioResponse(file, part, str(id(request)), audience, blocks, metrics, 200, {})

    async def starlette(request: Request) -> Response:
        return FileResponse(path)

    endpoint = {TUTTI: tutti, STARLETTE: starlette}[who]
    app = Starlette(routes=[Route("/", endpoint)])
    uvicorn.run(app, port=port, http=http_protocol(), lifespan="off", log_config=None, access_log=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])

import asyncio
import sys
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs
from watchfiles import awatch

from collab.music.pieces.messages import Rendered, line
from collab.music.pieces.renderer import PIECES_FOLDER, render_pieces, rendering
from tests.collab.command import serving

# A process that hangs is noticed, and not by somebody who waits for the whole run.
HUNG_S = 60


def test_a_server_makes_music_while_it_serves(tmp_path: Path) -> None:
    """It is ready before, and ends without waiting for the rest."""
    pieces = tmp_path / PIECES_FOLDER
    with serving(tmp_path, "--samples") as server:
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        asyncio.run(first_of(pieces))
        assert server.stop() == 0
    assert 1 <= len(list(pieces.glob("*.ogg"))) < 12


async def first_of(folder: Path) -> None:
    """Returns when a piece is there."""
    folder.mkdir(exist_ok=True)
    async with asyncio.timeout(HUNG_S):
        async for _ in awatch(folder, step=10, rust_timeout=100, yield_on_timeout=True):
            if list(folder.glob("*.ogg")):
                return


async def test_leaving_ends_the_process(tmp_path: Path) -> None:
    async with asyncio.timeout(HUNG_S):
        async with rendering(tmp_path):
            await asyncio.sleep(0)
        assert not list(tmp_path.glob("*.ogg"))


async def test_none_are_made_where_none_are_wanted() -> None:
    async with rendering(None):
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "render pieces"]


async def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with capture_logs() as lines:
        await render_pieces(tmp_path / "file" / "pieces")
    [line] = lines
    assert line["event"] == "pieces_not_rendered"
    assert "make room there" in line["why"]


async def test_a_process_that_dies_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with capture_logs() as lines:
        await render_pieces(tmp_path)
    assert [(line["event"], line["exit_code"]) for line in lines] == [("pieces_not_rendered", 1)]


async def test_no_process_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    with capture_logs() as lines:
        await render_pieces(tmp_path)
    [line] = lines
    assert "No process can be started" in line["why"]


async def test_each_piece_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "studio"
    program.write_bytes(b"#!/bin/sh\ncat <<'END'\n" + 2 * line(Rendered("a.ogg")) + b"END\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    told: list[None] = []
    with capture_logs() as lines:
        await render_pieces(tmp_path, lambda: told.append(None))
    assert len(told) == 2
    assert [(entry["event"], entry["pieces"]) for entry in lines if entry["log_level"] == "info"] == [
        ("pieces_rendered", 2)
    ]

"""The previous version's wheel beside this version: its database opens here, its SDK works here."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.collab import command
from tests.integration.environments import Environment

PREVIOUS = Path(__file__).parents[1] / "previous"
PATIENCE_S = 30


class Seen(NamedTuple):
    """What `editor.py` prints."""

    refresh_token: str
    playlist_id: str
    version: int
    before: list[str]
    after: list[str]


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    [wheel] = PREVIOUS.glob("*.whl")
    return Environment(tmp_path_factory.mktemp("previous"), wheel, {"server"})


@contextmanager
def serving(previous: Environment, data: Path) -> Iterator[str]:
    arguments = previous.command("tutti", "serve", "--data", data, "--port", 0)
    with subprocess.Popen(
        arguments, cwd=data.parent, env=previous.variables, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None, "it is a pipe"
            ready = re.match(r"Tutti is ready at (\S+)", process.stdout.readline())
            assert ready is not None, "it did not start"
            yield ready[1]
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()


def edit(previous: Environment, url: str, *earlier: str) -> Seen:
    run = previous.run("python", PREVIOUS / "editor.py", url, *earlier)
    assert run.returncode == 0, run.stderr
    return Seen(*json.loads(run.stdout))


def test_its_database_and_its_sdk_work_with_this_server(previous: Environment, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(previous, data) as url:
        first = edit(previous, url)
    with command.serving(data) as server:
        # The refresh token is the one that the previous server gave out.
        second = edit(previous, server.url, first.refresh_token, first.playlist_id)
    assert second.before == first.after
    with command.serving(data) as server:
        third = edit(previous, server.url, second.refresh_token, first.playlist_id)
    assert third.before == second.after
    assert len(third.after) == 3
    assert (first.version, second.version, third.version) == (1, 2, 3)
    verified = command.tutti("verify", "--data", data)
    assert (verified.returncode, verified.stdout) == (0, "verified 4 documents, 0 findings\n")

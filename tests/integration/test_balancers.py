"""The balancers' files of `docs/deploy`, before two nodes, where the programs are installed."""

import asyncio
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import pytest

from tests.collab.command import PATIENCE_S, Serving
from tests.collab.serving import HUNG_S
from tests.integration.moving import assert_holds, edit_all, note_offline, two_nodes
from tests.integration.test_two_nodes import make_playlist, metric
from tests.servers import free_port
from tutti_client import connect, guest

DEPLOY = Path(__file__).parents[2] / "docs/deploy"
PEOPLE = 4


@contextmanager
def balancer(name: str, nodes: list[Serving], folder: Path) -> Iterator[str]:
    """The program with its file, except that addresses are those of this test; yields its URL."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    port = free_port()
    file = {"haproxy": "haproxy.cfg", "nginx": "nginx.conf"}[name]
    text = (DEPLOY / file).read_text()
    for number, node in enumerate(nodes, 1):
        text = text.replace(f"node{number}:8300", f"127.0.0.1:{node.port}")
    text = text.replace("bind :80\n", f"bind 127.0.0.1:{port}\n")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{port};")
    # As many files as these want are not to be had everywhere.
    text = text.replace("maxconn 40000", "maxconn 1000").replace("worker_rlimit_nofile 65536;", "")
    if name == "nginx":
        # Where this test may write.
        paths = "".join(
            f"{kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        text = text.replace("http {\n", f"http {{\naccess_log off;\n{paths}", 1)
        text = f"pid {folder}/pid;\nerror_log {folder}/log;\ndaemon off;\n{text}"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / file).write_text(text)
    check = {"haproxy": ["-c", "-f"], "nginx": ["-t", "-c"]}[name]
    checked = subprocess.run(
        [program, *check, folder / file], capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert checked.returncode == 0, checked.stderr
    run = {"haproxy": ["-db", "-f"], "nginx": ["-c"]}[name]
    process = subprocess.Popen(
        [program, *run, folder / file], stdout=subprocess.DEVNULL, stderr=(folder / "errors").open("w")
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


@pytest.mark.parametrize("name", ["haproxy", "nginx"])
async def test_a_documents_people_are_on_one_node_and_move_when_it_stops(
    tmp_path: Path, postgres_url: str, valkey_server: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    delay = re.search(r"TUTTI_DRAIN_DELAY=(\d+)", (DEPLOY / "tutti.env").read_text())
    assert delay is not None
    options = (
        *("--database-url", postgres_url, "--redis-url", valkey_server),
        *("--drain-delay", delay[1] if name == "haproxy" else 0),
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(asyncio.timeout(2 * HUNG_S))
        nodes = await stack.enter_async_context(two_nodes(tmp_path, *options))
        url = stack.enter_context(balancer(name, nodes, tmp_path / name))
        token = await (await guest(nodes[0].url, "Ada"))()
        document = await asyncio.to_thread(make_playlist, nodes[0], token)
        people = [
            await stack.enter_async_context(connect(url, token=token, document=document))
            for _ in range(PEOPLE)
        ]
        playlists = [await tutti.open_playlist(document) for tutti in people]
        sockets = [await asyncio.to_thread(metric, node, "tutti_connections") for node in nodes]
        assert sorted(sockets) == [0, PEOPLE]
        stopping = nodes[sockets.index(PEOPLE)]

        with monkeypatch.context() as patched:
            offline = note_offline(patched)
            editing = asyncio.create_task(edit_all(people, playlists))
            stopping.process.send_signal(signal.SIGTERM)
            tracks = await editing
            assert await asyncio.to_thread(stopping.process.wait, PATIENCE_S) == 0
            assert not offline, "everybody was connected all the time"
        await assert_holds(playlists[0], tracks)

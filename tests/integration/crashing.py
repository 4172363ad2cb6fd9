"""A replay during which the server is killed again and again.

Kills with SIGKILL at even distances along the way, starts the server on the same port and data each time, and
looks through the database at the end. Also a program, for the large proof:

    python -m tests.integration.crashing --crashes 5 --editors 8 --playlists 40 [--postgres]
"""

import argparse
import asyncio
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from collab.replay.play import Plan, Replay
from collab.replay.recordings import read_recordings, read_tracks
from collab.replay.tally import Tally
from tests.collab.command import PATIENCE_S
from tests.servers import free_port, postgres

DATA = Path(__file__).parents[3] / "shared" / "data"


class CrashingServer:
    """`tutti serve` in a process of its own, always on the same port. Used as a context manager."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.crashes = 0
        self.log = folder / "log"
        self.database = ["--data", str(folder / "data"), *map(str, arguments)]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "CrashingServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Returns when it says that it is ready."""
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "collab.main", "serve", "--no-samples"),
                    *(*self.database, "--port", str(self.port)),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._process = process
        assert process.stdout is not None, "it is a pipe"
        if "ready" not in process.stdout.readline():
            raise RuntimeError(self.log.read_text())

    def kill(self) -> None:
        """SIGKILL: nothing is written any more."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    async def crash(self) -> None:
        """Killed, and started again."""
        self.kill()
        self.crashes += 1
        await asyncio.to_thread(self.start)


async def replay_with_crashes(server: CrashingServer, plan: Plan, crashes: int) -> Tally:
    """Replays, and kills the server `crashes` times, whenever another part of the steps is done."""
    restarts: list[asyncio.Task[None]] = []

    def watch(tally: Tally) -> None:
        is_up = not restarts or restarts[-1].done()
        if is_up and server.crashes < crashes:
            due = (server.crashes + 1) * tally.steps_in_all // (crashes + 1)
            if tally.steps >= due:
                restarts.append(asyncio.create_task(server.crash()))

    tally = await Replay(plan, watch).run()
    await asyncio.gather(*restarts)
    return tally


def verify(server: CrashingServer) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "collab.main", "verify", *server.database],
        capture_output=True,
        text=True,
        check=False,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Replay with a server that is killed again and again.")
    parser.add_argument("--histories", type=Path, default=DATA / "histories.jsonl.gz")
    parser.add_argument("--tracks", type=Path, default=DATA / "tracks.jsonl.gz")
    parser.add_argument("--editors", type=int, default=8)
    parser.add_argument("--playlists", type=int, default=40)
    parser.add_argument("--crashes", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="Keep documents in PostgreSQL.")
    chosen = parser.parse_args(arguments)
    # Somebody loses patience: what was started ends, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The proof was stopped."))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tutti-crashes-")))
        database: list[str] = []
        if chosen.postgres:
            database = ["--database-url", stack.enter_context(postgres(durable=True)) + "/postgres"]
            migrate = [sys.executable, "-m", "collab.main", "migrate", *database]
            subprocess.run(migrate, check=True, stdout=subprocess.DEVNULL)
        server = stack.enter_context(CrashingServer(folder, *database))
        (folder / "journals").mkdir()
        plan = Plan(
            url=server.url,
            recordings=read_recordings(chosen.histories, chosen.playlists),
            tracks=read_tracks(chosen.tracks),
            editors=chosen.editors,
            edits_s=None,
            seed=chosen.seed,
            journals=folder / "journals",
        )
        tally = asyncio.run(replay_with_crashes(server, plan, chosen.crashes))
        server.kill()
        verified = verify(server)
        report = [*tally.lines(), f"killed {server.crashes} times", verified.stdout]
        sys.stdout.write("\n".join(report))
    return 1 if tally.failures() or server.crashes < chosen.crashes or verified.returncode else 0


if __name__ == "__main__":
    sys.exit(main())

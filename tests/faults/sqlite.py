"""What befalls a database file: locked by another program, wanted by a second server, damaged.

The damage is done to copies of what a killed server left behind, and a server is started on each: it must
refuse, with a sentence for the operator. Knows SQLite's pages and frames. Does not know how damage is found.
"""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from random import Random
from time import monotonic

from collab.messages import Probe, Time
from storage.sqlite_file import DATABASE_NAME
from tests.faults.cluster import Cluster, running
from tests.faults.postgres_resends import Resender
from tests.faults.row import Row, Size, Stage

STALL_S = 0.05
FIRST_ACK_S = 5.0
PROBE_EVERY_S = 0.01
START_TIMEOUT_S = 30.0
WAL_HEADER, FRAME_HEADER = 32, 24

Damage = Callable[[Path, Random], None]


async def lock(stage: Stage) -> None:
    """Another program holds the write lock for so many seconds, while people edit."""
    async with _server(stage) as cluster, stage.load(cluster) as load:
        stall_s = 0.0
        prober = Resender(cluster, load, load.documents[0])
        async with prober.socket(cluster.nodes[0]) as client:
            for _ in range(stage.size.rounds):
                await load.acks(len(load.writers))
                with closing(_connect(cluster.data)) as intruder:
                    intruder.execute("BEGIN EXCLUSIVE")
                    editing = asyncio.create_task(load.edit_now())
                    until_s = monotonic() + stage.size.seconds
                    number = 0
                    while monotonic() < until_s:
                        number += 1
                        asked_s = monotonic()
                        await client.send(Probe(number))
                        while (await client.receive(Time)).t0 != number:
                            pass
                        stall_s = max(stall_s, monotonic() - asked_s)
                        await asyncio.sleep(PROBE_EVERY_S)
                    intruder.execute("ROLLBACK")
                free_s = monotonic()
                await load.acks(1)
                stage.figure("first ack after the lock", monotonic() - free_s, FIRST_ACK_S, "s")
                await editing
        stage.figure("longest answer to a probe while locked", stall_s, STALL_S, "s")


async def second_server(stage: Stage) -> None:
    """Another server is started on the folder of one that runs."""
    async with _server(stage) as cluster, stage.load(cluster) as load:
        started = 0
        for _ in range(stage.size.rounds):
            said = await asyncio.to_thread(try_to_serve, cluster.data)
            started += said is None
            if said is not None and "in use" not in said:
                stage.found(f"The second server said: {said}")
            await load.acks(len(load.writers))
        stage.figure("second servers that started", started, 0)


async def damage_file(stage: Stage) -> None:
    """The main file is damaged in every way, one after the other."""
    await _left_behind(stage)
    whole = stage.folder / "whole"
    shutil.copytree(stage.folder / "data", whole)
    # Without a log the file is all there is.
    with closing(_connect(whole)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    await _start_on_each(stage, whole, (empty_file, cut_file, foreign_file, lose_head, lose_page))


async def damage_log(stage: Stage) -> None:
    """A frame of the log is damaged before a later commit."""
    await _left_behind(stage)
    await _start_on_each(stage, stage.folder / "data", (flip_in_frame,))


async def _left_behind(stage: Stage) -> None:
    """The files of a server that was killed while people edited."""
    async with _server(stage) as cluster, stage.load(cluster) as load:
        # The log that this leaves has not been checkpointed: a reader stands in the way.
        with closing(_connect(cluster.data)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM operations").fetchone()
            await load.acks(3 * len(load.writers))
            await load.stop()
            await cluster.nodes[0].kill()
            for name in (DATABASE_NAME, f"{DATABASE_NAME}-wal"):
                shutil.copy(cluster.data / name, cluster.data / f"{name}.left")
        await cluster.nodes[0].start()
    for name in (DATABASE_NAME, f"{DATABASE_NAME}-wal"):
        os.replace(cluster.data / f"{name}.left", cluster.data / name)
    (cluster.data / f"{DATABASE_NAME}-shm").unlink(missing_ok=True)


async def _start_on_each(stage: Stage, whole: Path, damages: tuple[Damage, ...]) -> None:
    silent, harmless, refused = 0, 0, 0
    content = _content(whole)
    for number in range(stage.size.rounds):
        damaged = stage.folder / "damaged"
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(whole, damaged)
        damage = damages[number % len(damages)]
        damage(damaged / DATABASE_NAME, stage.random)
        said = await asyncio.to_thread(try_to_serve, damaged)
        if said is not None:
            refused += 1
            if not said.rstrip().endswith("."):
                stage.found(f"After {damage.__name__} the server said: {said}")
        elif _content(damaged) == content:
            harmless += 1
        else:
            silent += 1
            stage.found(f"The server started after {damage.__name__}, round {number}.")
    stage.figure("silent starts", silent, 0)
    stage.figure("starts refused", refused, stage.size.rounds - harmless, at_least=True)
    if harmless:
        stage.note(f"{harmless} times the damage was where nothing is kept.")


def try_to_serve(data: Path) -> str | None:
    """What a server says that will not start on `data`; None if it does, and then it is ended."""
    command = [
        sys.executable,
        "-m",
        "collab.main",
        "serve",
        "--no-samples",
        "--data",
        str(data),
        "--port",
        "0",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None, "it is a pipe"
        if "ready" in process.stdout.readline():
            return None
        _, said = process.communicate(timeout=START_TIMEOUT_S)
        return said.strip().splitlines()[-1] if said.strip() else ""
    finally:
        process.kill()
        process.communicate()


# -- damage ------------------------------------------------------------------------------------------------


def empty_file(database: Path, random: Random) -> None:
    database.write_bytes(b"")


def cut_file(database: Path, random: Random) -> None:
    size = database.stat().st_size
    os.truncate(database, random.randrange(size // 4, size - 1))


def foreign_file(database: Path, random: Random) -> None:
    database.write_bytes(random.randbytes(database.stat().st_size))


def lose_head(database: Path, random: Random) -> None:
    _overwrite(database, 0, random.randbytes(100))


def lose_page(database: Path, random: Random) -> None:
    """Any but the first, which `lose_head` takes."""
    page_bytes = _page_bytes(database)
    pages = database.stat().st_size // page_bytes
    _overwrite(database, random.randrange(1, pages) * page_bytes, random.randbytes(page_bytes))


def flip_in_frame(database: Path, random: Random) -> None:
    """One bit of a frame, with at least one whole transaction behind it."""
    log = database.with_name(f"{database.name}-wal")
    data = log.read_bytes()
    frame_bytes = FRAME_HEADER + _page_bytes(database)
    salts = data[16:24]
    commits: list[int] = []
    for frame in range((len(data) - WAL_HEADER) // frame_bytes):
        head = data[WAL_HEADER + frame * frame_bytes :][:FRAME_HEADER]
        if head[8:16] != salts:
            break
        if head[4:8] != bytes(4):
            commits.append(frame)
    assert len(commits) > 1, "people edited more than once"
    frame = random.randrange(commits[-2] + 1)
    place = WAL_HEADER + frame * frame_bytes + FRAME_HEADER + random.randrange(frame_bytes - FRAME_HEADER)
    _overwrite(log, place, bytes([data[place] ^ 1 << random.randrange(8)]))


def _overwrite(file: Path, place: int, data: bytes) -> None:
    with file.open("r+b") as opened:
        opened.seek(place)
        opened.write(data)


def _page_bytes(database: Path) -> int:
    return int.from_bytes(database.read_bytes()[16:18], "big")


def _connect(data: Path) -> sqlite3.Connection:
    return sqlite3.connect(data / DATABASE_NAME, isolation_level=None, timeout=START_TIMEOUT_S)


def _content(data: Path) -> dict[str, list[tuple[object, ...]]] | str:
    """Every row of every table, or why it cannot be read. Of a copy: who leaves last tidies the log away."""
    copy = data.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(data, copy)
    try:
        with closing(_connect(copy)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            return {
                name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
                for (name,) in tables
            }
    except sqlite3.DatabaseError as error:
        return str(error)


def _server(stage: Stage) -> AbstractAsyncContextManager[Cluster]:
    return running(stage.folder, 1, database="sqlite", redis=False)


ROWS = (
    Row(
        "sqlite-locked",
        "SQLite locked 10 s",
        "loop stall ≤ 50 ms",
        lock,
        Size(clients=50, documents=10, ops_s=50, seconds=10.0),
        Size(clients=6, documents=2, ops_s=20, seconds=1.0),
    ),
    Row(
        "sqlite-second-server",
        "second server on the file",
        "refused",
        second_server,
        Size(clients=12, documents=3, ops_s=30, rounds=5),
    ),
    Row(
        "sqlite-corrupt",
        "corrupt main file",
        "0 silent starts",
        damage_file,
        Size(clients=12, documents=3, ops_s=60, rounds=50),
    ),
    Row(
        "sqlite-bad-frame",
        "WAL with a bad frame before a later good commit",
        "refused",
        damage_log,
        Size(clients=12, documents=3, ops_s=60, rounds=50),
    ),
)

"""How long somebody waits until a file of 11,000 entries is their playlist, matched with 100,000 tracks.

Real tracks, named as other services export them, by title, artist, album and length, sent to a real server
on SQLite and on PostgreSQL; nearly every one is found, and thousands of their titles have namesakes. The
reference is the least that finds them: the file read, and each title and artist looked up in a dict.
"""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

import httpx

from benchmarks.crate import Crate, crate, recorded_rows
from benchmarks.databases import postgresql, sqlite
from benchmarks.harness import BenchmarkError, Quiet
from benchmarks.report import ROUNDS, Gate, Report
from collab.formats import write_listing
from collab.formats.listing import Listed, Listing
from storage.catalogue import TrackRow

ENTRIES: Final = 11_000
IMPORT_S_MAX: Final = 2
FORMATS: Final = ("jspf", "csv")
REFERENCE: Final = "read, and a dict"
PATIENCE_S: Final = 60.0


def run(rounds: int = ROUNDS) -> Report:
    """Each database takes both files once a round."""
    report = Report("imports")
    rows = recorded_rows()
    entries = tuple(
        Listed(title=row.title, artists=row.artists, album=row.album, duration_ms=row.duration_ms)
        for row in rows[:ENTRIES]
    )
    files = {name: write_listing(Listing("Everything", entries=entries), name) for name in FORMATS}
    with ExitStack() as stack:
        crates = [
            stack.enter_context(crate(stack.enter_context(database()), rows))
            for database in (sqlite, postgresql)
        ]
        for _ in range(rounds):
            report.add(REFERENCE, _figure("jspf"), _looked_up_s(files["jspf"], rows))
            for each in crates:
                for name, file in files.items():
                    _import(report, each, name, file)
    for each in crates:
        for name in FORMATS:
            taken_s = report.median(each.name, _figure(name))
            report.gates.append(Gate(f"{each.name}: {_figure(name)}", taken_s, at_most=IMPORT_S_MAX))
    return report


def _figure(format: str) -> str:
    return f"{ENTRIES:,} entries of {format}, s"


def _import(report: Report, crate: Crate, format: str, file: bytes) -> None:
    url = crate.server.url
    guest = httpx.post(f"{url}/v1/guest", json={"name": "Benchmark"}).json()
    headers = {"Authorization": f"Bearer {guest['token']}"}
    quiet, began_s, began_cpu_s = Quiet(crate.server), time.perf_counter(), time.process_time()
    answer = httpx.post(
        f"{url}/v1/me/playlists/import?format={format}", content=file, headers=headers, timeout=PATIENCE_S
    )
    taken_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    if answer.status_code != 201 or answer.json()["report"]["imported"] < 0.99 * ENTRIES:
        raise BenchmarkError(f"{crate.name} does not import: {answer.text[:500]}")
    report.add(
        crate.name, _figure(format), taken_s, {"cpu": cpu_s / taken_s, "foreign_cpu": quiet.foreign_cpu()}
    )


def _looked_up_s(file: bytes, rows: Sequence[TrackRow]) -> float:
    ids = {(row.title, ", ".join(row.artists)): row.id for row in rows}
    began_s = time.perf_counter()
    found = [ids.get((track["title"], track["creator"])) for track in json.loads(file)["playlist"]["track"]]
    taken_s = time.perf_counter() - began_s
    # Spaces and commas that two databases of music write differently.
    if found.count(None) > ENTRIES // 100:
        raise BenchmarkError("the file does not hold what the catalogue has")
    return taken_s

"""Recorded playlists through real sockets, on real databases, in two languages; the server is killed."""

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from collab.replay.play import Plan
from collab.replay.recordings import read_recordings, read_tracks
from tests.clients.javascript import REPLAY, needs_programs
from tests.collab.command import refused, tutti
from tests.integration.crashing import DATA, CrashingServer, replay_with_crashes, verify

HISTORIES, TRACKS = DATA / "histories.jsonl.gz", DATA / "tracks.jsonl.gz"

pytestmark = pytest.mark.skipif(
    not HISTORIES.exists(), reason=f"the recorded playlists are not here: {HISTORIES}"
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The beginnings of some playlists that people worked on; the server is to be filled in."""
    recordings = [
        replace(recording, versions=recording.versions[:8])
        for recording in read_recordings(HISTORIES, 12)
        if len(recording.versions) > 8
    ]
    folder = tmp_path_factory.mktemp("nothing")
    return Plan("", recordings[:3], read_tracks(TRACKS), editors=4, edits_s=None, seed=1, journals=folder)


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CrashingServer]:
    more: tuple[object, ...] = ()
    if request.param == "postgres":
        more = ("--database-url", request.getfixturevalue("postgres_url"))
    with CrashingServer(tmp_path, *more) as server:
        yield server


async def test_a_kill_in_the_middle_loses_nothing(server: CrashingServer, plan: Plan, tmp_path: Path) -> None:
    tally = await replay_with_crashes(server, replace(plan, url=server.url, journals=tmp_path), crashes=1)
    assert tally.failures() == []
    assert server.crashes == 1
    assert tally.equal == 3
    assert tally.steps == tally.steps_in_all > 20
    assert tally.reconnects >= plan.editors
    assert tally.journalled == tally.acks > 0
    assert tally.transformed > 0
    server.kill()
    verified = verify(server)
    assert verified.stdout == "verified 3 documents, 0 findings\n"
    assert verified.returncode == 0


@needs_programs
async def test_half_of_the_editors_in_node(plan: Plan, tmp_path: Path) -> None:
    program = f"node {shlex.quote(str(REPLAY))}"
    with CrashingServer(tmp_path) as server:
        mixed = replace(
            plan, url=server.url, recordings=plan.recordings[:2], journals=tmp_path, program=program
        )
        tally = await replay_with_crashes(server, mixed, crashes=1)
        assert tally.failures() == []
        assert server.crashes == 1
        assert tally.equal == 2
        assert tally.steps == tally.steps_in_all
        assert tally.reconnects >= plan.editors
        assert tally.journalled == tally.acks
        journals = [tmp_path / f"editor-{number + 1}.jsonl" for number in range(plan.editors)]
        assert all(path.stat().st_size for path in journals), "everybody edited, in either language"


def test_the_command(tmp_path: Path) -> None:
    journals = tmp_path / "journals"
    with CrashingServer(tmp_path) as server:
        arguments = (HISTORIES, TRACKS, "--url", server.url, "--journal", journals, "--playlists", 4)
        run = tutti("replay", *arguments, "--editors", 1, "--pace", 1000)
        assert run.returncode == 0, run
        assert "as last recorded: 4 of 4 playlists" in run.stdout
        assert "byte-equal" in run.stdout
        assert [path.name for path in journals.iterdir()] == ["editor-1.jsonl"]
        assert "is not empty" in refused(tutti("replay", *arguments))
    assert server.url in refused(tutti("replay", HISTORIES, TRACKS, "--url", server.url))

"""`tutti replay-jam` on a database and on files, as a person runs it."""

import json
from pathlib import Path

import pytest

from collab.codec import pack_body
from jam import commands as c
from jam.events import encode_event
from jam.state import dump, new_jam
from storage.rows import Commit, OpRow, Snapshot
from storage.sqlite import open_sqlite
from tests.collab.command import refused, tutti
from tests.jam.party import START, Party

JAM = "J" * 22


def evening() -> tuple[Party, dict[int, dict[str, object]]]:
    """A small Jam, and its snapshots: of the beginning and of a moment in between."""
    party = Party(None, "ben")
    snapshots = {0: dump(new_jam("ann", "Ann", START, party.jam.settings))}
    first, second = party.add("ann", "a", 60), party.add("ben", "b", 60)
    party.do("ben", c.Vote(first, 1))
    party.steer("ann", c.Play)
    snapshots[len(party.events)] = dump(party.jam)
    party.passes(90_000)
    party.do("ann", c.Vote(second, 1))
    party.do("ben", c.Say("What a song!"))
    party.steer("ann", c.End)
    return party, snapshots


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    party, snapshots = evening()
    store = await open_sqlite(folder)
    try:
        await store.create_document(JAM, "jam", "epoch", "ann", pack_body(snapshots.pop(0)), START, "host")
        await store.create_document(
            "P" * 22, "playlist", "epoch", "ann", pack_body({"entries": [], "attributes": {}}), START
        )
        rows = tuple(
            OpRow(
                version,
                event.by or "server:room",
                version,
                event.by,
                event.at,
                pack_body(encode_event(event)),
            )
            for version, event in enumerate(party.events, 1)
        )
        assert await store.commit([Commit(JAM, "epoch", 0, 0, rows, ())]) == [True]
        for version, state in snapshots.items():
            await store.add_snapshot(JAM, "epoch", Snapshot(version, pack_body(state)))
    finally:
        await store.close()
    return folder


def test_a_jam_is_written_and_played_again(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "friday.jsonl"
    run = tutti("replay-jam", file, "--from", JAM, "--data", data)
    assert run.returncode == 0, run
    lines = file.read_text().splitlines()
    kinds = [json.loads(line)["line"] for line in lines]
    assert kinds[0] == "begin"
    assert kinds[-1] == "digest"
    assert kinds.count("digest") == 2
    told = run.stdout.splitlines()
    assert told[0] == f"wrote {kinds.count('event')} events to {file}"
    assert told[-1] == "every order, every digest and the final state: as recorded"
    assert "liked: a  +2, from Ann" in told
    assert "closest: Ann and Ben, alike on 2 songs" in told
    again = tutti("replay-jam", file)
    assert again.stdout.splitlines() == told[1:]


def test_a_damaged_log_is_said_to_be_so(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "friday.jsonl"
    assert tutti("replay-jam", file, "--from", JAM, "--data", data).returncode == 0
    lines = file.read_text().splitlines()
    version = next(
        number for number, line in enumerate(lines) if '"voted"' in line and json.loads(line)["version"] < 6
    )
    damaged = json.loads(lines[version])
    damaged["event"]["value"] = -1
    file.write_text("\n".join([*lines[:version], json.dumps(damaged), *lines[version + 1 :]]))
    run = tutti("replay-jam", file)
    assert run.returncode == 1
    [line] = run.stdout.splitlines()
    assert line.startswith(f"version {damaged['version']}: "), line
    file.write_text("\n".join(lines[:-1]))
    assert "its end is missing" in tutti("replay-jam", file).stdout


def test_what_cannot_be_done_is_said_in_a_sentence(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    assert "cannot be read" in refused(tutti("replay-jam", file))
    for stranger in ("Q" * 22, "P" * 22):
        assert "no such Jam" in refused(tutti("replay-jam", file, "--from", stranger, "--data", data))
    assert "no Tutti database" in refused(tutti("replay-jam", file, "--from", JAM, "--data", data / "other"))
    assert not file.exists()
    file.write_text("")
    assert "never overwritten" in refused(tutti("replay-jam", file, "--from", JAM, "--data", data))
    assert tutti("replay-jam", file).stdout == "version 0: The log is empty.\n"

"""Reading history and track files, and refusing what is none."""

import gzip
from pathlib import Path

import pytest

from collab.errors import CannotStart
from collab.replay.recordings import Recording, Track, read_recordings, read_tracks

HISTORIES = (
    '{"id": "a", "name": "A", "description": "d", "versions": [["2020-01-01", [0, 1]], ["2020-01-02", []]]}\n'
    '{"id": "b", "name": "B", "description": null, "versions": []}\n'
)
TRACKS = '{"id": "t", "title": "T", "artists": ["X", "Y"], "album": "L", "duration_ms": 1000}\n'


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_plain_and_gzipped(tmp_path: Path, suffix: str) -> None:
    for name, text in (("histories", HISTORIES), ("tracks", TRACKS)):
        data = text.encode()
        (tmp_path / (name + suffix)).write_bytes(gzip.compress(data) if suffix.endswith("gz") else data)
    recordings = read_recordings(tmp_path / f"histories{suffix}", 9)
    assert recordings == [Recording("A", "d", ((0, 1), ())), Recording("B", "", ())]
    assert read_recordings(tmp_path / f"histories{suffix}", 1) == recordings[:1]
    assert read_tracks(tmp_path / f"tracks{suffix}") == [Track("t", "T", ["X", "Y"], "L", 1000)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("no.jsonl", None),
        ("not.jsonl.gz", b"plain"),
        ("cut.jsonl.gz", gzip.compress(HISTORIES.encode() * 100)[:-20]),
        ("other.jsonl", b'{"name": 1}\n'),
        ("nothing.jsonl", b"\n"),
        ("binary.jsonl", b"\xff\xfe"),
    ],
)
def test_what_is_no_history(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CannotStart, match=name):
        read_recordings(tmp_path / name, 1000)

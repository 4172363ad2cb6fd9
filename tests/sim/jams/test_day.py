"""After simulated Jams on a real SQLite file the whole database keeps the promises."""

from pathlib import Path

from tests.collab.command import tutti
from tests.sim.jams.day import live_a_day

# `python -m tests.sim --day FOLDER` lives a whole day.
JAMS, MINUTES = 2, 10


def test_verify_finds_nothing_after_jams(tmp_path: Path) -> None:
    day = live_a_day(tmp_path, seed=1, jams=JAMS, minutes=MINUTES)
    assert list(day.findings) == []
    assert day.verified.documents == JAMS
    assert day.commits > 3 * MINUTES * JAMS
    said = tutti("verify", "--data", tmp_path)
    assert (said.returncode, said.stdout) == (0, f"verified {JAMS} documents, 0 findings\n")

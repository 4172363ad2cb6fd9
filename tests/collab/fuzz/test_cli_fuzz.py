"""What `tutti fuzz` says, and how it ends."""

import json
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from collab import cli_fuzz
from collab.cli import app
from collab.errors import CannotStart
from ot.fuzz.exhaustive import RUNS, Part, Run
from tests.ot.mutants import MUTANTS


def fuzz(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["fuzz", *arguments])


def test_says_what_it_did() -> None:
    result = fuzz("--seed", "1", "--rounds", "20")
    assert result.exit_code == 0
    first, counts, share, end = result.stdout.splitlines()
    assert first == "seed 1, from round 0 on"
    assert counts.startswith("rounds to 19: 20 rounds, ")
    assert "law checks" in counts
    assert "of the pairs collide in a gap or an entry" in share
    assert end == "all laws hold"


def test_a_seed_is_drawn_and_printed_and_replays() -> None:
    drawn = fuzz("--rounds", "3", "--law", "law-l").stdout.splitlines()
    seed = drawn[0].split()[1].rstrip(",")
    again = fuzz("--rounds", "3", "--law", "law-l", "--seed", seed).stdout.splitlines()
    assert (drawn[0], drawn[2:]) == (again[0], again[2:])
    assert again[-1] == "law-l holds"


def test_a_failure_is_written_as_a_case_that_fails_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.name == "rightmost compose")
    monkeypatch.setattr(cli_fuzz, "OURS", mutant.algebra)
    result = fuzz("--seed", "1", "--law", "law-l", "--cases", str(tmp_path / "cases"))
    assert result.exit_code == 1
    assert "law-l does not hold in round" in result.stdout
    [path] = (tmp_path / "cases").iterdir()
    assert path.name.startswith("law-l-1-")
    assert json.loads(path.read_text())["law"] == "law-l"
    replay = next(line for line in result.stdout.splitlines() if line.startswith("the round itself"))
    assert fuzz(*shlex.split(replay.partition("tutti fuzz ")[2]), "--cases", str(tmp_path)).exit_code == 1
    again = fuzz("--case", str(path))
    assert again.exit_code == 1
    assert "law-l does not hold" in again.stdout
    monkeypatch.undo()
    assert "laws hold" in fuzz("--case", str(path)).stdout


def test_goes_on_from_a_journal(tmp_path: Path) -> None:
    journal = str(tmp_path / "journal")
    assert fuzz("--seed", "5", "--rounds", "2", "--journal", journal).exit_code == 0
    result = fuzz("--rounds", "2", "--journal", journal)
    assert result.stdout.startswith("seed 5, from round 2 on\nrounds to 3: 4 rounds")
    for other in (("--seed", "6"), ("--law", "law-l"), ("--start", "9")):
        assert isinstance(fuzz("--journal", journal, *other).exception, CannotStart)


def test_against_another_program() -> None:
    command = f"{sys.executable} -m ot.conformance"
    result = fuzz("--against", command, "--rounds", "5", "--seed", "1")
    assert result.stdout.splitlines()[-1] == "all laws hold"
    assert "14 laws" in result.stdout
    assert isinstance(fuzz("--against", command, "--law", "cursor").exception, CannotStart)


def test_exhaustive_runs_print_their_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def slice_of(run: Run) -> Run:
        return Run(run.name, run.cases, lambda _: 1, lambda algebra, _: run.checks(algebra, Part(0, 4000)))

    monkeypatch.setattr(cli_fuzz, "RUNS", [slice_of(run) for run in RUNS])
    result = fuzz("--exhaustive")
    assert result.exit_code == 0
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == [run.name for run in RUNS]
    mutant = next(mutant for mutant in MUTANTS if mutant.name == "rightmost compose")
    monkeypatch.setattr(cli_fuzz, "OURS", mutant.algebra)
    monkeypatch.setattr(cli_fuzz, "RUNS", RUNS[1:2])
    result = fuzz("--exhaustive")
    assert result.exit_code == 1
    assert "law L does not hold" in result.stdout


@pytest.mark.parametrize("content", [None, "{}", "[]", "no"])
def test_a_case_that_is_none(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "case.json"
    if content is not None:
        path.write_text(content)
    assert isinstance(fuzz("--case", str(path)).exception, CannotStart)


def test_a_law_that_is_none() -> None:
    error = fuzz("--law", "gravity").exception
    assert isinstance(error, CannotStart)
    assert "law-l" in str(error)

"""Whatever is asked of a real server is answered as its description says; `make requests` asks for longer."""

from pathlib import Path

from tests.documents.random_requests import ask

SEED = 1
# Of each operation, besides the cases that its schema itself names: every bound, and just beyond it.
EXAMPLES = "2"
# A request that is too long is shown as long.
SHOWN_CHARS = 300


def test_random_requests_are_answered_as_documented(tmp_path: Path) -> None:
    run = ask(tmp_path, SEED, "--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES)
    told = "\n".join(line[:SHOWN_CHARS] for line in (run.stdout + run.stderr).splitlines())
    assert run.returncode == 0, told
    assert "No issues found" in run.stdout, told

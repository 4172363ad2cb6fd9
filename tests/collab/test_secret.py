import os
import stat
from pathlib import Path

import pytest

from collab.errors import CannotStart
from collab.secret import SECRET_FILE, secret_from_text, secret_in


def test_the_first_start_makes_it_and_the_next_finds_it(tmp_path: Path) -> None:
    secret = secret_in(tmp_path, os.urandom)
    assert len(secret) >= 32
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600
    assert secret_in(tmp_path, os.urandom) == secret
    assert [path.name for path in tmp_path.iterdir()] == [SECRET_FILE]


def test_of_two_that_start_at_once_the_first_wins(tmp_path: Path) -> None:
    def another_is_faster(count: int) -> bytes:
        (tmp_path / SECRET_FILE).write_bytes(b"f" * 64)
        return os.urandom(count)

    assert secret_in(tmp_path, another_is_faster) == b"f" * 64


def test_a_truncated_one_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / SECRET_FILE).write_bytes(b"half")
    with pytest.raises(CannotStart, match="damaged"):
        secret_in(tmp_path, os.urandom)
    assert (tmp_path / SECRET_FILE).read_bytes() == b"half"


def test_the_operators_own(tmp_path: Path) -> None:
    assert secret_from_text("x" * 32) == b"x" * 32
    with pytest.raises(CannotStart, match="too short"):
        secret_from_text("x" * 31)

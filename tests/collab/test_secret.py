import os
import stat
from pathlib import Path

import pytest

from collab.config import Settings
from collab.errors import CannotStart
from collab.secret import SECRET_FILE, existing_secret, server_secret


def test_the_first_start_makes_it_and_the_next_finds_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "new" / "data")
    secret = server_secret(settings, os.urandom)
    assert len(secret) >= 32
    assert stat.S_IMODE((settings.data / SECRET_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    assert server_secret(settings, os.urandom) == secret
    assert existing_secret(settings) == secret
    assert [path.name for path in settings.data.iterdir()] == [SECRET_FILE]


def test_of_two_that_start_at_once_the_first_wins(tmp_path: Path) -> None:
    def another_is_faster(count: int) -> bytes:
        (tmp_path / SECRET_FILE).write_bytes(b"f" * 64)
        return os.urandom(count)

    assert server_secret(Settings(data=tmp_path), another_is_faster) == b"f" * 64


def test_a_truncated_one_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / SECRET_FILE).write_bytes(b"half")
    with pytest.raises(CannotStart, match="damaged"):
        server_secret(Settings(data=tmp_path), os.urandom)
    assert (tmp_path / SECRET_FILE).read_bytes() == b"half"


def test_the_operators_own(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "none", secret="x" * 32)
    assert server_secret(settings, os.urandom) == existing_secret(settings) == b"x" * 32
    assert not settings.data.exists()
    with pytest.raises(CannotStart, match="too short"):
        server_secret(Settings(data=tmp_path, secret="x" * 31), os.urandom)


def test_beside_a_server_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="start the server once"):
        existing_secret(Settings(data=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("")
    with pytest.raises(CannotStart, match="is a file"):
        server_secret(Settings(data=file), os.urandom)
    with pytest.raises(CannotStart, match="cannot be used: Not a directory"):
        server_secret(Settings(data=file / "below"), os.urandom)

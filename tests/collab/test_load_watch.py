from pathlib import Path

import pytest

from collab.config import Limits, Settings
from collab.load_watch import capacity_of, container_bytes, held_bytes

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("said", "limit_bytes"),
    [("134217728\n", 134_217_728), ("max\n", 0), ("9223372036854771712\n", 0), ("", 0)],
)
def test_what_a_container_may_have(tmp_path: Path, said: str, limit_bytes: int) -> None:
    file = tmp_path / "memory.max"
    file.write_text(said)
    assert container_bytes((tmp_path / "missing", file)) == limit_bytes


def test_without_containers_there_is_no_limit(tmp_path: Path) -> None:
    assert container_bytes((tmp_path / "missing",)) == 0


def test_what_the_operator_says_counts() -> None:
    settings = Settings(memory_max_mib=512, limits=Limits(sockets_max=7))
    capacity = capacity_of(settings)
    assert (capacity.memory_bytes, capacity.sockets) == (512 * MIB, 7)


def test_workers_share_the_memory() -> None:
    settings = Settings(memory_max_mib=512, workers=4, database_url="postgresql://", redis_url="redis://")
    assert capacity_of(settings).memory_bytes == 128 * MIB


def test_this_process_holds_something() -> None:
    assert 10 * MIB < held_bytes() < 1 << 40

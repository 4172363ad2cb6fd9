from pathlib import Path

import pytest

from collab.config import Limits, Settings
from collab.load_watch import capacity_of, container_bytes, held_bytes

MIB = 1024 * 1024


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Says that this process is a service."""
    own = tmp_path / "cgroup"
    own.write_text("1:name=old:/x\n0::/system.slice/tutti.service\n")
    return own


@pytest.mark.parametrize(
    ("said", "limit_bytes"),
    [("134217728\n", 134_217_728), ("max\n", 0), ("9223372036854771712\n", 0), ("", 0)],
)
@pytest.mark.parametrize(
    "place", ["system.slice/tutti.service/memory.max", "memory.max", "memory/memory.limit_in_bytes"]
)
def test_what_a_container_may_have(
    tmp_path: Path, own: Path, place: str, said: str, limit_bytes: int
) -> None:
    limit = tmp_path / "tree" / place
    limit.parent.mkdir(parents=True)
    limit.write_text(said)
    assert container_bytes(own, tmp_path / "tree") == limit_bytes


def test_a_services_own_limit_comes_first(tmp_path: Path, own: Path) -> None:
    service = tmp_path / "system.slice/tutti.service"
    service.mkdir(parents=True)
    (service / "memory.max").write_text("5")
    (tmp_path / "memory.max").write_text("7")
    assert container_bytes(own, tmp_path) == 5


def test_without_containers_there_is_no_limit(tmp_path: Path) -> None:
    assert container_bytes(tmp_path / "missing", tmp_path) == 0


def test_what_the_operator_says_counts() -> None:
    settings = Settings(memory_max_mib=512, limits=Limits(sockets_max=7))
    capacity = capacity_of(settings)
    assert (capacity.memory_bytes, capacity.sockets) == (512 * MIB, 7)


def test_workers_share_the_memory() -> None:
    settings = Settings(memory_max_mib=512, workers=4, database_url="postgresql://", redis_url="redis://")
    assert capacity_of(settings).memory_bytes == 128 * MIB


def test_this_process_holds_something() -> None:
    assert 10 * MIB < held_bytes() < 1 << 40

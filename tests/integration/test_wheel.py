"""The wheel, installed where nothing else is: it brings its migrations, serves, and its base is the SDK."""

import re
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.integration.environments import Environment, build_wheel

CHECKOUT = Path(__file__).parents[2]
PATIENCE_S = 30


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(CHECKOUT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def server(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What `pip install 'tutti-collab[server]'` gives."""
    return Environment(tmp_path_factory.mktemp("server"), wheel, {"server"})


@pytest.fixture(scope="module")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What `pip install tutti-collab` gives."""
    return Environment(tmp_path_factory.mktemp("base"), wheel, set())


def test_it_says_its_version(server: Environment, wheel: Path) -> None:
    _, version, *_ = wheel.name.split("-")
    assert server.run("tutti", "--version").stdout == f"tutti {version}\n"


def test_it_serves_from_an_empty_folder(server: Environment, tmp_path: Path) -> None:
    command = server.command("tutti", "serve", "--data", tmp_path / "data", "--port", 0)
    with subprocess.Popen(
        command, cwd=tmp_path, env=server.variables, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None, "it is a pipe"
            ready = re.match(r"Tutti is ready at (\S+)", process.stdout.readline())
            assert ready is not None, "it did not start"
            assert httpx.get(f"{ready[1]}/readyz").json()["ready"]
            # A row in a table: the migrations were found and ran.
            assert httpx.post(f"{ready[1]}/v1/guest", json={"name": "Ada"}).status_code == 201
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()


def test_its_migrations_do_not_shadow_the_library(server: Environment) -> None:
    where = server.run("python", "-c", "import alembic, storage.migrate as m; print(m.script_folder())")
    assert where.stdout.strip().endswith("site-packages/storage/migrations"), where.stderr
    assert server.run("python", "-c", "import alembic.command").returncode == 0


def test_the_base_is_the_sdk(base: Environment) -> None:
    run = base.run("python", "-c", "import tutti_client; print(tutti_client.__file__)")
    assert "site-packages" in run.stdout, run.stderr


@pytest.mark.parametrize("arguments", [("serve",), ("serve", "--port", "0"), ("--help",)])
def test_without_the_extra_it_says_what_to_install(base: Environment, arguments: tuple[str, ...]) -> None:
    run = base.run("tutti", *arguments)
    assert run.returncode == 1
    assert run.stdout == ""
    [sentence] = run.stderr.splitlines()
    assert "pip install 'tutti-collab[server]'" in sentence


def test_it_carries_its_types(wheel: Path, base: Environment) -> None:
    find = "import importlib.resources as r; print([r.files(p).joinpath('py.typed').is_file() for p in {}])"
    packages = ["ot", "collab", "storage", "tutti_client"]
    assert base.run("python", "-c", find.format(packages)).stdout == "[True, True, True, True]\n"

"""The wheel, installed where nothing else is: it brings its migrations and the web app, serves, and its base
is the SDK."""

import importlib.util
import re
import signal
import subprocess
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest

from tests.integration.environments import Environment, build_wheel

CHECKOUT = Path(__file__).parents[2]
PATIENCE_S = 30
DESCRIPTIONS = CHECKOUT / "collab" / "descriptions"
PAGE = {"Accept": "text/html"}
BUILT = CHECKOUT / "clients" / "web" / "dist"
needs_app = pytest.mark.skipif(not (BUILT / "index.html").is_file(), reason="`make web` builds the app")


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
            shows_the_app_if_it_was_built(ready[1])
            describes_itself(ready[1])
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()


def shows_the_app_if_it_was_built(url: str) -> None:
    page = httpx.get(url, headers=PAGE).text
    if not (BUILT / "index.html").is_file():
        assert "Its web app is not built here: install Node.js" in page
        return
    scripts = re.findall(r'<script type="module" crossorigin src="([^"]+)"', page)
    assert scripts
    for path in (*scripts, "/sw.js", "/app.webmanifest"):
        assert httpx.get(f"{url}{path}").status_code == 200, path


def describes_itself(url: str) -> None:
    for file in DESCRIPTIONS.iterdir():
        path = file.name if file.suffix == ".json" else file.stem
        assert httpx.get(f"{url}/{path}").content == file.read_bytes(), path


@needs_app
def test_it_carries_the_web_app_as_it_was_built(wheel: Path) -> None:
    with ZipFile(wheel) as packed:
        carried = {name.removeprefix("collab/web/") for name in packed.namelist() if "collab/web/" in name}
    assert carried == {str(file.relative_to(BUILT)) for file in BUILT.rglob("*") if file.is_file()}


@pytest.mark.parametrize(("version", "carries"), [("standard", True), ("editable", False)])
def test_what_was_not_built_is_not_missed(tmp_path: Path, version: str, *, carries: bool) -> None:
    built = tmp_path / "clients" / "web" / "dist"
    hook = web_app_hook(tmp_path)
    data: dict[str, Any] = {"force_include": {}}
    hook.initialize(version, data)
    assert data == {"force_include": {}}
    built.mkdir(parents=True)
    (built / "index.html").touch()
    hook.initialize(version, data)
    assert data == {"force_include": {str(built): "collab/web"} if carries else {}}


def web_app_hook(root: Path) -> Any:
    spec = importlib.util.spec_from_file_location("in_wheel", CHECKOUT / "clients" / "web" / "in_wheel.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.WebApp(str(root), {}, None, None, "", "wheel")


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

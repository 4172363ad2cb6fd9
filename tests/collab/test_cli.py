"""The command line in real processes: what it says, what it exits with, and that it serves."""

import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.collab.command import refused, serving, tutti


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def guest(url: str, name: str = "Ada") -> httpx.Client:
    session = httpx.post(f"{url}/v1/guest", json={"name": name}).json()
    return httpx.Client(base_url=f"{url}/v1", headers={"Authorization": f"Bearer {session['token']}"})


def test_a_server_starts_serves_and_stops(data: Path) -> None:
    with serving(data) as server:
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        assert httpx.get(f"{server.url}/").text.startswith("This is Tutti")
        with guest(server.url) as ada:
            playlist = ada.post("/me/playlists", json={"name": "Friday"}).json()
            assert ada.put(f"/playlists/{playlist['id']}", json={"name": "Saturday"}).status_code == 200
            assert ada.get("/me/playlists").json()["items"][0]["name"] == "Saturday"
        assert server.stop() == 0


def test_what_was_said_is_there_after_a_restart(data: Path) -> None:
    with serving(data) as server:
        session = httpx.post(f"{server.url}/v1/guest", json={"name": "Ada"}).json()
        headers = {"Authorization": f"Bearer {session['token']}"}
        made = httpx.post(f"{server.url}/v1/me/playlists", json={"name": "Friday"}, headers=headers).json()
        server.process.kill()
        server.process.wait()
    with serving(data) as server:
        found = httpx.get(f"{server.url}/v1/playlists/{made['id']}", headers=headers)
        assert found.json()["name"] == "Friday"


def test_a_port_in_use(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused(tutti("serve", "--data", data, "--port", port)).startswith(f"Port {port} is in use")
    assert not data.exists()


def test_a_second_server_on_the_same_folder(data: Path) -> None:
    with serving(data) as server:
        assert "in use" in refused(tutti("serve", "--data", data, "--port", 0))
        assert httpx.get(f"{server.url}/readyz").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--tls-cert", "none.pem", "--tls-key", "none.pem"], "cannot be used"),
        (["--database-url", "postgresql://tutti:hunter2@127.0.0.1:1/tutti"], "database"),
    ],
)
def test_what_cannot_be_served(data: Path, arguments: list[str], says: str) -> None:
    sentence = refused(tutti("serve", "--data", data, "--port", 0, *arguments))
    assert says in sentence
    assert "hunter2" not in sentence


def test_a_file_where_the_folder_should_be(data: Path) -> None:
    data.write_text("precious")
    assert str(data) in refused(tutti("serve", "--port", 0, "--data", data))
    assert str(data) in refused(tutti("migrate", "--data", data))
    assert data.read_text() == "precious"


def test_migrate_makes_a_database_and_serve_refuses_a_foreign_one(data: Path) -> None:
    run = tutti("migrate", "--data", data)
    assert (run.returncode, run.stdout) == (0, "The database is up to date.\n")
    [database] = data.glob("*.db")
    database.write_bytes(b"something else" * 1000)
    assert str(database) in refused(tutti("serve", "--data", data, "--port", 0))
    assert database.read_bytes() == b"something else" * 1000


def test_options_are_environment_variables_too(data: Path) -> None:
    assert "too short" in refused(tutti("serve", "--port", 0, TUTTI_DATA=str(data), TUTTI_SECRET="short"))
    with serving(data, TUTTI_ALLOW_ORIGIN="https://a.example.com https://b.example.com") as server:
        headers = {"Origin": "https://b.example.com"}
        answer = httpx.get(f"{server.url}/healthz", headers=headers)
        assert answer.headers["access-control-allow-origin"] == "https://b.example.com"


def test_the_admin_port(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        admin_port = probe.getsockname()[1]
    with serving(data, "--admin-port", admin_port) as server:
        assert "tutti_connections" in httpx.get(f"http://127.0.0.1:{admin_port}/metrics").text
        assert httpx.get(f"http://127.0.0.1:{admin_port}/v1/me").status_code == 404
        assert server.stop() == 0


def test_a_token_beside_a_running_server(data: Path) -> None:
    with serving(data) as server:
        made = tutti("token", "--data", data, "--user", "Backup", "--ttl", "2d", "--label", "nightly")
        assert made.returncode == 0, made.stderr
        headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
        assert httpx.get(f"{server.url}/v1/me", headers=headers).json()["name"] == "Backup"
        [_, row] = tutti("token", "--data", data, "--list").stdout.splitlines()
        assert row.endswith("Backup nightly")
        assert tutti("token", "--data", data, "--revoke", row.split()[0]).returncode == 0
        assert httpx.get(f"{server.url}/v1/me", headers=headers).status_code == 401
        assert "revoked" in tutti("token", "--data", data, "--list").stdout
        assert "--revoke" in refused(tutti("token", "--data", data, "--list", "--user", "x"))
        assert "90 days" in refused(tutti("token", "--data", data, "--user", "x", "--ttl", "91d"))


def test_a_token_before_there_is_a_server(data: Path) -> None:
    refused(tutti("token", "--data", data, "--user", "Backup"))
    assert not data.exists()


def test_version() -> None:
    run = tutti("--version")
    assert (run.returncode, run.stdout) == (0, "tutti 0.2.0\n")


def test_without_the_servers_packages_it_says_what_to_install() -> None:
    script = "import sys; sys.modules['typer'] = None; from collab.main import main; main()"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "pip install 'tutti-collab[server]'" in refused(run)

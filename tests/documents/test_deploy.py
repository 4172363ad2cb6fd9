"""The files of `docs/deploy` agree with the program, with each other and with their page."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from collab.cli import COMMANDS, app
from collab.config import DEFAULT_PORT
from collab.serve import DRAIN_S, LAST_RESPONSES_S
from collab.supervisor import STOP_S

DEPLOY = Path(__file__).parents[2] / "docs/deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.name != "README.md")
PAGE = (DEPLOY / "README.md").read_text()
# P8, from the end of the drain delay.
GONE_S = 25
# A person's own, for compose.
NO_SETTINGS = {"TUTTI_NAME"}
NAME = re.compile(r"\bTUTTI_[A-Z_]+[A-Z]\b")


def settings() -> set[str]:
    """The environment variables that some command knows."""
    tutti: Any = typer.main.get_command(app)
    commands = [tutti.get_command(None, name) for name in COMMANDS]
    parameters = [parameter for command in commands for parameter in command.params]
    return {str(parameter.envvar) for parameter in parameters if parameter.envvar}


def manifests() -> dict[str, dict[str, Any]]:
    """What Kubernetes is to make, by kind."""
    return {one["kind"]: one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())}


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


def environment_file() -> dict[str, str]:
    lines = (DEPLOY / "tutti.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def unit(name: str) -> str:
    found = re.search(rf"^{name}=(.*)$", (DEPLOY / "tutti.service").read_text(), re.MULTILINE)
    assert found is not None, name
    return found[1]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_exists_and_is_explained(file: Path) -> None:
    names = set(NAME.findall(file.read_text())) - NO_SETTINGS
    assert names <= settings()
    for name in names - {"TUTTI_SOCKETS_MAX"}:
        assert f"| `{name}` |" in PAGE, f"{name} has no line in README.md"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_is_on_the_page(file: Path) -> None:
    assert f"]({file.name})" in PAGE or file.name == "Dockerfile.dockerignore"


def test_the_program_keeps_its_time() -> None:
    assert DRAIN_S + LAST_RESPONSES_S <= STOP_S <= GONE_S


def test_nobody_is_killed_before_the_drain_is_over() -> None:
    pod = manifests()["Deployment"]["spec"]["template"]["spec"]
    delay_s = int(manifests()["ConfigMap"]["data"]["TUTTI_DRAIN_DELAY"])
    assert pod["terminationGracePeriodSeconds"] > delay_s + GONE_S
    node = compose()["services"]["node1"]
    grace_s = int(node["stop_grace_period"].removesuffix("s"))
    assert grace_s > int(node["environment"]["TUTTI_DRAIN_DELAY"]) + GONE_S
    assert int(unit("TimeoutStopSec")) > int(environment_file()["TUTTI_DRAIN_DELAY"]) + GONE_S
    assert unit("KillMode") == "mixed", "the supervisor tells its workers"
    assert "-HUP" in unit("ExecReload")


def test_haproxy_notices_within_the_drain_delay() -> None:
    check = re.search(r"check inter (\d+)s fall (\d+)", (DEPLOY / "haproxy.cfg").read_text())
    assert check is not None
    noticed_s = int(check[1]) * int(check[2]) + 1
    assert noticed_s < int(environment_file()["TUTTI_DRAIN_DELAY"])
    assert noticed_s < int(compose()["services"]["node1"]["environment"]["TUTTI_DRAIN_DELAY"])


def test_ports_are_the_same_everywhere() -> None:
    container = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    data = manifests()["ConfigMap"]["data"]
    env = environment_file()
    admin = {
        ports["operators"],
        int(data["TUTTI_ADMIN_PORT"]),
        int(env["TUTTI_ADMIN_PORT"]),
        int(compose()["services"]["node1"]["environment"]["TUTTI_ADMIN_PORT"]),
    }
    assert len(admin) == 1
    assert {ports["people"], int(data["TUTTI_PORT"]), int(env["TUTTI_PORT"])} == {DEFAULT_PORT}
    for file in ("haproxy.cfg", "nginx.conf"):
        assert set(re.findall(r"node\d:(\d+)", (DEPLOY / file).read_text())) == {str(DEFAULT_PORT)}
    assert f"EXPOSE {DEFAULT_PORT} {admin.pop()}" in (DEPLOY / "Dockerfile").read_text()


def test_kubernetes_refers_to_what_there_is() -> None:
    made = manifests()
    assert set(made) == {"Secret", "ConfigMap", "Job", "Deployment", "Service", "PodDisruptionBudget"}
    labels = made["Deployment"]["spec"]["template"]["metadata"]["labels"]
    for selector in (
        made["Deployment"]["spec"]["selector"]["matchLabels"],
        made["Service"]["spec"]["selector"],
        made["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
    ):
        assert selector == labels
    containers = [
        container
        for kind in ("Job", "Deployment")
        for container in made[kind]["spec"]["template"]["spec"]["containers"]
    ]
    assert len({container["image"] for container in containers}) == 1
    for variable in (variable for container in containers for variable in container["env"]):
        if "valueFrom" in variable:
            assert variable["valueFrom"]["secretKeyRef"]["key"] in made["Secret"]["stringData"]
    node = containers[1]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert node[probe]["httpGet"]["port"] == "operators"
    assert node["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert node["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_compose_refers_to_what_there_is() -> None:
    services = compose()["services"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in compose()["volumes"] or (DEPLOY / source).is_file()
    dockerfile = DEPLOY / services["node1"]["build"]["context"] / services["node1"]["build"]["dockerfile"]
    assert dockerfile.resolve() == DEPLOY / "Dockerfile"


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    file = tmp_path / "tutti.service"
    # The program itself is not there; all else is as it will be.
    file.write_text((DEPLOY / "tutti.service").read_text().replace("/opt/tutti/bin/tutti", "/bin/true"))
    run = subprocess.run([program, "verify", file], capture_output=True, text=True, check=False, timeout=60)
    complaints = [line for line in run.stderr.splitlines() if line.startswith(("tutti.service", str(file)))]
    assert complaints == []

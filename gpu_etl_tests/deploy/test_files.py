"""The files that deploy it: as far as they can be checked without systemd as process 1 and without containers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gpu_etl.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = [*sorted((DEPLOY / "systemd").iterdir()), DEPLOY / "celery" / "gpu-etl-worker@.service"]
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "docker" / "compose.yaml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if name != "postgres"}
DOCKERFILE = (DEPLOY / "docker" / "Dockerfile").read_text()
HADOLINT = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


# --- systemd --------------------------------------------------------------------------------------------------------
@pytest.fixture
def units(tmp_path: Path) -> list[str]:
    """The units with a program in place of ours, which is not installed where they say: its absence is no fault."""
    copies = []
    for unit in UNITS:
        text = re.sub(r"/(opt|srv)/gpu-etl/\.venv/bin/\S+", "/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(text)
        copies.append(str(tmp_path / unit.name))
    return copies


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(units: list[str]) -> None:
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
def test_a_service_that_is_broken_into_can_do_little(units: list[str]) -> None:
    services = [unit for unit in units if unit.endswith(".service")]
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=25", *services]  # of 0 (none) to 100
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-400:]
    levels = [float(level) for level in re.findall(r"exposure level for \S+: ([\d.]+)", done.stdout)]
    assert len(levels) == 3
    assert max(levels) < 2.5


def test_units_hold_no_secret_and_stop_gracefully() -> None:
    service = (DEPLOY / "systemd" / "gpu-etl.service").read_text()
    assert "EnvironmentFile=/etc/gpu-etl/environment" in service
    assert "ExecStop=/opt/gpu-etl/.venv/bin/gpu-etl scheduler stop" in service
    assert int(re.findall(r"TimeoutStopSec=(\d+)", service)[0]) > 600, "longer than `scheduler stop` waits"
    secrets = [name.upper() for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)]
    assert len(secrets) >= 4
    for unit in UNITS:
        assert not [name for name in secrets if f"{name}=" in unit.read_text()], unit.name


# --- YAML -----------------------------------------------------------------------------------------------------------
YAML_RULES = """
extends: default
rules:
  line-length: {max: 120}
  document-start: disable
  braces: {max-spaces-inside: 1}
"""


def test_the_linter_of_yaml_finds_nothing(tmp_path: Path) -> None:
    def findings(*places: Path) -> tuple[int, str]:
        command = [sys.executable, "-m", "yamllint", "--strict", "-d", YAML_RULES, *map(str, places)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    assert findings(DEPLOY) == (0, "")
    text = (DEPLOY / "kubernetes" / "values.yaml").read_text()
    (tmp_path / "values.yaml").write_text(f"{text}telemetry:\n  enabled: true\n")
    assert 'duplication of key "telemetry"' in findings(tmp_path)[1], "it looks"


# --- compose --------------------------------------------------------------------------------------------------------
def test_every_service_is_watched_comes_back_and_can_do_little() -> None:
    assert {*COMPOSE["services"]} == {"postgres", "code", "daemon", "webserver", "dashboard"}
    for name, service in COMPOSE["services"].items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["restart"] == "unless-stopped", name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["logging"]["options"]["max-size"], name
    for name, service in OURS.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert "user" not in service, f"{name}: the image's own, which is not root"
        assert "privileged" not in service, name
        needed = service["depends_on"].items()
        assert all(how == {"condition": "service_healthy"} for _, how in needed), name


def test_ports_are_published_on_loopback_only() -> None:
    ports = {name: service.get("ports", []) for name, service in COMPOSE["services"].items()}
    published = [port for each in ports.values() for port in each]
    assert sorted(published) == ["127.0.0.1:3000:3000", "127.0.0.1:3001:3001"]


def test_the_password_is_asked_for_and_written_nowhere() -> None:
    text = (DEPLOY / "docker" / "compose.yaml").read_text()
    assigned = re.findall(r"^\s+\w*PASSWORD: (.*)$", text, re.MULTILINE)
    assert len(assigned) == 2
    assert all(value.startswith("${POSTGRES_PASSWORD:?") for value in assigned)
    for service in OURS.values():
        for name in ("DATABASE_URL", "DAGSTER_POSTGRES_URL"):
            assert re.fullmatch(r"postgresql(\+psycopg2)?://gpu_etl@postgres/\w+", service["environment"][name])


def test_what_compose_mounts_and_copies_is_there() -> None:
    declared = set(COMPOSE["volumes"])
    for service in COMPOSE["services"].values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in declared or (DEPLOY / "docker" / source).exists(), volume
    build = COMPOSE["x-service"]["build"]
    assert (DEPLOY / "docker" / build["context"] / build["dockerfile"]).resolve() == DEPLOY / "docker" / "Dockerfile"
    (location,) = yaml.safe_load((DEPLOY / "docker" / "workspace.yaml").read_text())["load_from"]
    assert location["grpc_server"] == {"host": "code", "port": 4000, "location_name": "gpu_etl"}


@pytest.mark.skipif(
    shutil.which("docker") is None
    or subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode != 0,
    reason="docker compose is not installed",
)
def test_compose_itself_reads_the_file(tmp_path: Path) -> None:
    shutil.copytree(DEPLOY / "docker", tmp_path / "docker")
    (tmp_path / "docker" / ".env").write_text("POSTGRES_PASSWORD=only-for-this-test\n")
    command = ["docker", "compose", "-f", str(tmp_path / "docker" / "compose.yaml"), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# --- the image ------------------------------------------------------------------------------------------------------
def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions and their arguments, continued lines joined."""
    lines = [line for line in DOCKERFILE.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined.splitlines() if line.strip()]


def given(name: str) -> list[str]:
    return [argument for instruction, argument in instructions() if instruction == name]


@pytest.mark.skipif(HADOLINT is None, reason="hadolint has no wheel for this machine")
def test_the_linter_of_dockerfiles_finds_nothing(tmp_path: Path) -> None:
    def findings(dockerfile: Path) -> tuple[int, str]:
        done = subprocess.run([str(HADOLINT), str(dockerfile)], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    assert findings(DEPLOY / "docker" / "Dockerfile") == (0, "")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace("USER 10001", "USER root"))
    assert "DL3002" in findings(tmp_path / "Dockerfile")[1], "it looks"


def test_the_image_is_of_a_named_version_and_its_user_is_not_root() -> None:
    """What we ask beyond the linter, and what it says of all Dockerfiles, also where it has no wheel."""
    assert all(re.match(r"[\w/.-]+:[\d.]+[\w.-]*( AS \w+)?$", image) for image in given("FROM")), "pinned tags"
    assert len({image.split()[0] for image in given("FROM")}) == 1, "built and run on the same Python"
    order = [name for name, _ in instructions()]
    assert given("USER") == ["10001"], "by number, so that a cluster can tell that it is not root"
    assert order.index("USER") > len(order) - 1 - order[::-1].index("COPY"), "root's last act comes before"
    assert not given("ADD")
    assert not given("MAINTAINER")
    assert all(argument.startswith("[") for argument in given("CMD"))
    assert "PIP_NO_CACHE_DIR=1" in given("ENV")[0]
    assert all("sudo" not in run and "curl" not in run and "apt-get upgrade" not in run for run in given("RUN"))
    assert all("--constraint constraints.txt" in run for run in given("RUN") if "pip install" in run)


def test_the_image_takes_named_files_only_and_no_secret() -> None:
    sources = []
    for copy in given("COPY"):
        parts = [part for part in copy.split() if not part.startswith("--")]
        if "--from=" not in copy:
            sources += parts[:-1]
    assert sources, "something is copied"
    for source in sources:
        assert source not in (".", "./", "*"), "a whole folder would take .env along"
        assert (ROOT / source).exists(), source
        assert ".env" not in source
    assert not given("ARG")
    assert not re.search(r"(PASSWORD|SECRET|TOKEN|KEY)\s*=", DOCKERFILE)


# --- the proxy ------------------------------------------------------------------------------------------------------
def test_the_proxies_ask_for_a_login_before_either_page() -> None:
    nginx = (DEPLOY / "proxy" / "nginx.conf").read_text()
    assert nginx.count("{") == nginx.count("}")
    servers = [block for block in nginx.split("\nserver {")[1:] if "proxy_pass" in block]
    assert [re.findall(r"proxy_pass (\S+);", block) for block in servers] == [
        ["http://127.0.0.1:3000"],
        ["http://127.0.0.1:3001"],
    ]
    for block in servers:
        before = block[: block.index("location /")]
        assert "auth_basic_user_file" in before
        assert "listen 443 ssl" in before
        assert "auth_basic off" not in block
    caddy = (DEPLOY / "proxy" / "Caddyfile").read_text()
    assert caddy.count("{") == caddy.count("}")
    assert caddy.count("import login") == caddy.count("reverse_proxy 127.0.0.1:300") == 2

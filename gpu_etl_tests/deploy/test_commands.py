"""The commands of the compose file, run without containers: each with its environment, on a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import yaml

from gpu_etl.cli import processes
from gpu_etl.cli.services import free_port
from gpu_etl.database import urls
from gpu_etl_tests.deploy.test_files import DEPLOY, OURS
from gpu_etl_tests.endtoend.command import KEPT, Command
from gpu_etl_tests.endtoend.instance import Instance, eventually, kill_what_is_left
from gpu_etl_tests.endtoend.simulated import DAY, simulated_market

pytestmark = [pytest.mark.slow, pytest.mark.exhaustive]

BIN = Path(sys.executable).parent


class Deployed:
    """The services of the compose file on this machine: other ports, another home, and no container names."""

    def __init__(self, home: Path, product: str, dagster: str, market: dict[str, str]) -> None:
        self.home = home
        self.ports = {"4000": str(free_port()), "3000": str(free_port()), "3001": str(free_port())}
        self.environment = {
            **{name: os.environ[name] for name in KEPT if name in os.environ},
            **market,
            **OURS["code"]["environment"],
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "GPU_ETL_HOME": str(home),
            "DAGSTER_HOME": str(home / "dagster"),
            "DATABASE_URL": product,
            "DAGSTER_POSTGRES_URL": dagster,
        }

    def prepare(self) -> None:
        """What the image has in its home."""
        (self.home / "dagster").mkdir(mode=0o700)
        dagster_yaml = (DEPLOY / "postgres" / "dagster.yaml").read_text()
        (self.home / "dagster" / "dagster.yaml").write_text(dagster_yaml)
        workspace = (DEPLOY / "docker" / "workspace.yaml").read_text()
        here = workspace.replace("host: code", "host: 127.0.0.1").replace("4000", self.ports["4000"])
        assert yaml.safe_load(here) != yaml.safe_load(workspace)
        (self.home / "dagster" / "workspace.yaml").write_text(here)

    def _here(self, words: Sequence[str]) -> list[str]:
        line = "\0".join(words).replace("/var/lib/gpu-etl", str(self.home)).replace("0.0.0.0", "127.0.0.1")  # noqa: S104
        for inside, here in self.ports.items():
            line = line.replace(inside, here)
        return line.split("\0")

    @contextmanager
    def running(self, service: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start a service's command and wait for its own healthcheck to pass."""
        log = self.home / f"{service}.out"
        with log.open("ab") as output:
            process = subprocess.Popen(
                self._here(OURS[service]["command"]),
                env=self.environment,
                cwd=self.home,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:

            def healthy() -> bool:
                assert process.poll() is None, log.read_text()[-2000:]
                return self.check(service).returncode == 0

            eventually(healthy, 120, f"{service} is healthy: {log.read_text()[-500:]}")
            yield process
        finally:
            processes.stop([process])

    def check(self, service: str) -> subprocess.CompletedProcess[str]:
        """The service's healthcheck, once."""
        command = self._here(OURS[service]["healthcheck"]["test"][1:])
        return subprocess.run(
            command, env=self.environment, cwd=self.home, capture_output=True, text=True, timeout=60, check=False
        )


def test_the_services_of_compose_do_their_work_and_tell_when_they_are_ill(
    tmp_path: Path, database_url: str, empty_database_url: str
) -> None:
    with simulated_market() as market, ExitStack() as stack:
        deployed = Deployed(tmp_path, database_url, urls.for_dagster(empty_database_url), market)
        deployed.prepare()
        stack.callback(kill_what_is_left, tmp_path)
        for service in ("code", "daemon", "webserver", "dashboard"):
            assert deployed.check(service).returncode != 0, f"{service} is not there yet"
            stack.enter_context(deployed.running(service))

        instance = Instance(f"http://127.0.0.1:{deployed.ports['3000']}", None)  # type: ignore[arg-type]
        instance.materialize(["raw_pages", "price_offers", "skus", "price_logs"], DAY)
        instance.wait_for(["__ASSET_JOB"], "SUCCESS", 120)
        command = Command(tmp_path, database_url, deployed.environment)
        assert command("doctor", "--offline").returncode == 0
        (run,) = command.json("scheduler", "history")
        assert (run["status"], run["day"]) == ("SUCCESS", DAY)
        assert run["rows"]["price_logs"] > 100
    assert not list((tmp_path / "dagster").rglob("*.db")), "Dagster's records are in PostgreSQL"

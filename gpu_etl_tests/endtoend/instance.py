"""A running `gpu-etl up`, asked over GraphQL as the UI asks it; and the processes that belong to a home.

Belongs here: starting, asking, stopping. Does not belong here: what a test expects.
"""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests

from gpu_etl_tests.endtoend.command import Command

T = TypeVar("T")

RUNS = "{runsOrError{... on Runs{results{runId jobName status tags{key value}}}}}"
LAUNCH = """mutation($params: ExecutionParams!) {
  launchPipelineExecution(executionParams: $params) { __typename ... on LaunchRunSuccess { run { runId } } }
}"""


def eventually(look: Callable[[], T | None], seconds: float, what: str, *, every: float = 0.25) -> T:
    """Look until there is something to see; fails in words when there never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if seen := look():
            return seen
        time.sleep(every)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")


class Instance:
    """The UI's server, as the UI uses it."""

    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self.url = url
        self.process = process

    def ask(self, query: str, **variables: Any) -> Any:
        """One GraphQL request."""
        answer = requests.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=30)
        answer.raise_for_status()
        return answer.json()["data"]

    def materialize(self, assets: Sequence[str], day: str) -> str:
        """Materialize assets of a day, as the button in the UI does; returns the run's id."""
        launched = self.ask(
            LAUNCH,
            params={
                "selector": {
                    "repositoryLocationName": "gpu_etl",
                    "repositoryName": "__repository__",
                    "pipelineName": "__ASSET_JOB",
                    "assetSelection": [{"path": [asset]} for asset in assets],
                },
                "executionMetadata": {"tags": [{"key": "dagster/partition", "value": day}]},
            },
        )["launchPipelineExecution"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def runs(self) -> list[dict[str, Any]]:
        """All runs, the latest first."""
        found: list[dict[str, Any]] = self.ask(RUNS)["runsOrError"]["results"]
        return found

    def wait_for(self, jobs: Sequence[str], status: str, seconds: float = 60) -> list[dict[str, Any]]:
        """Wait until the latest runs, in this order of launching, have this status; fails at once on a failed run."""

        def look() -> list[dict[str, Any]] | None:
            runs = self.runs()
            failed = [run for run in runs if run["status"] in {"FAILURE", "CANCELED"} - {status}]
            assert not failed, failed
            latest = runs[: len(jobs)][::-1]
            done = [run["jobName"] for run in latest] == list(jobs) and all(run["status"] == status for run in latest)
            return latest if done else None

        return eventually(look, seconds, f"{' and '.join(jobs)} {status}")


@contextmanager
def running(command: Command, *arguments: str, ready: str, seconds: float = 90) -> Iterator[tuple[Instance, list[str]]]:
    """Start a service; yields when it printed what matches ``ready``, whose first group is its address if it has one.

    It is stopped at the end, also on failure, and all of its processes with it.
    """
    process = command.begin(*arguments, stderr=subprocess.STDOUT)
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(iter(process.stdout.readline, "")), daemon=True)  # type: ignore[union-attr]
    reader.start()
    try:

        def look() -> re.Match[str] | None:
            assert process.poll() is None, said
            return re.search(ready, "".join(said))

        found = eventually(look, seconds, f"{' '.join(arguments)} is ready")
        yield Instance(found[1] if found.re.groups else "", process), said
    finally:
        stop(process)
        reader.join(timeout=10)
        print("".join(said))
        process.stdout.close()  # type: ignore[union-attr]
        kill_what_is_left(command.home)


def stop(process: subprocess.Popen[str], seconds: float = 60) -> None:
    """Ask a process to end, and make it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def processes_of(home: Path) -> dict[int, str]:
    """What runs with this ``GPU_ETL_HOME`` in its environment: command lines by pid."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
            if f"GPU_ETL_HOME={home}".encode() in environment:
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # ended in the meantime, or not ours to look at
    return found


def kill_what_is_left(home: Path) -> None:
    """For the end of a failed test."""
    for pid in processes_of(home):
        subprocess.run(["kill", "-KILL", str(pid)], check=False, stderr=subprocess.DEVNULL)

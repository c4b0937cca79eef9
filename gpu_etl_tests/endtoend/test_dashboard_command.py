"""``gpu-etl dashboard`` as a user starts it: it answers, is bound to loopback, and leaves nothing running."""

from __future__ import annotations

import re
import signal
import socket
from urllib.parse import urlsplit

import pytest
import requests

from gpu_etl_tests.conftest import server_home
from gpu_etl_tests.endtoend.command import Command
from gpu_etl_tests.endtoend.instance import eventually, processes_of, running

pytestmark = pytest.mark.slow


def test_it_serves_an_empty_home_and_stops_with_its_server() -> None:
    with server_home() as home:
        command = Command(home, "")
        with running(command, "dashboard", "--port", "0", ready=r"Dashboard: (http://127\.0\.0\.1:\d+)\n") as (
            site,
            said,
        ):
            port = urlsplit(site.url).port
            page = requests.get(site.url, timeout=20)
            assert page.status_code == 200
            assert "gpu-etl run price-crawl" in page.text
            with socket.socket() as other:  # answers where a server listens on every address of the machine
                assert other.connect_ex(("127.0.0.2", port)) != 0
            refused = command("dashboard", "--port", str(port))
            assert refused.returncode == 1
            assert re.fullmatch(rf"gpu-etl: port {port} is taken: choose another with --port, .*\n", refused.stderr)
            site.process.send_signal(signal.SIGINT)
            assert site.process.wait(30) == 0
        assert "Traceback" not in "".join(said)
        eventually(lambda: not processes_of(home), 5, "nothing is left running")

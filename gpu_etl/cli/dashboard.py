"""``gpu-etl dashboard``: serve the web pages on loopback.

Belongs here: the server's start and end. Does not belong here: the pages (``dashboard``), starting it beside the
Dagster UI (``services``).
"""

from __future__ import annotations

import errno
import socket
from contextlib import closing, suppress

import click

from gpu_etl.cli import fail
from gpu_etl.cli.database import opened
from gpu_etl.settings import load_settings

ADDRESS = "127.0.0.1"


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="port on 127.0.0.1; 0 takes a free one  [DASHBOARD_PORT]")
@click.option(
    "--host",
    default=ADDRESS,
    show_default=True,
    help="address to listen on; another one only in a container whose port is published on loopback",
)
def dashboard(port: int | None, host: str) -> None:
    """Serve the web pages on 127.0.0.1; Ctrl-C stops it."""
    settings = load_settings()
    port = settings.dashboard_port if port is None else port
    of_its_own = settings.database_url is not None  # it keeps files in its home, which may be another one's or new
    with closing(_listen(host, port)) as listening, opened(settings, begins=of_its_own) as database:
        import uvicorn

        from gpu_etl.dashboard.app import create_app

        app = create_app(settings, database)
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        click.echo(f"Dashboard: http://{host}:{listening.getsockname()[1]}\nCtrl-C stops it.")
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started, so that a taken one costs nothing but a line."""
    try:
        return socket.create_server((host, port))
    except socket.gaierror as error:
        fail(f"--host {host} is no address of this machine: {error.strerror}")
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            fail(f"--host {host} is no address of this machine")
        why = "taken" if error.errno == errno.EADDRINUSE else f"no use ({error.strerror})"
        fail(f"port {port} is {why}: choose another with --port, or --port 0 for a free one")

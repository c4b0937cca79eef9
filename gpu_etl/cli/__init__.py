"""The ``gpu-etl`` command: its table of contents, and how errors end it.

Belongs here: which commands there are, exit codes, error lines. Does not belong here: what a command does (its module).

Exit codes: 0 done, 1 failed (one line on standard error says why), 2 wrong usage. A command is imported when it is
called; the list of commands imports none of them, nor the settings, so that ``gpu-etl --help`` answers at once.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import signal
import sys
import threading
from typing import Any, NoReturn

import click

from gpu_etl.errors import SettingsError

COMMANDS = {
    "init": ("gpu_etl.cli.services", "init", "make GPU_ETL_HOME and Dagster's home in it"),
    "run": ("gpu_etl.cli.run", "run", "run a job here and now"),
    "trigger": ("gpu_etl.cli.run", "trigger", "queue a job on the running instance"),
    "accept": ("gpu_etl.cli.data", "accept", "vouch for a day that the blindness gate refuses"),
    "rebuild": ("gpu_etl.cli.rebuild", "rebuild", "build days anew from their stored pages"),
    "retract": ("gpu_etl.cli.retract", "retract", "take days to come out again, stored by a clock that ran ahead"),
    "scheduler": ("gpu_etl.cli.scheduler", "scheduler", "the daemon and its schedules"),
    "up": ("gpu_etl.cli.services", "up", "start the Dagster UI, the daemon and the dashboard"),
    "dashboard": ("gpu_etl.cli.dashboard", "dashboard", "serve the web pages"),
    "down": ("gpu_etl.cli.services", "down", "stop what runs on this GPU_ETL_HOME"),
    "import": ("gpu_etl.cli.data", "import_", "bring in history from files"),
    "analyse": ("gpu_etl.cli.analyse", "analyse", "compute past days' numbers from the prices that are stored"),
    "alerts": (
        "gpu_etl.cli.alerts",
        "alerts",
        "what happened to prices and sources: list, acknowledge, snooze, watch, deliver",
    ),
    "stock": ("gpu_etl.cli.stock", "stock", "what the inventory is worth, and what to sell first"),
    "report": ("gpu_etl.cli.data", "report", "print the market: cheapest card per chipset, weekly change, risk"),
    "launches": ("gpu_etl.cli.launches", "launches", "what launches did to prices, and whether talk leads them"),
    "explain": ("gpu_etl.cli.risk", "explain", "follow a card's risk score down to the stored page"),
    "train": ("gpu_etl.cli.risk", "train", "learn the risk score from the history in the database"),
    "backtest": ("gpu_etl.cli.risk", "backtest", "how good the risk score was on days it had not seen"),
    "doctor": ("gpu_etl.cli.doctor", "doctor", "check settings, database, sources, schedules and data"),
    "export": ("gpu_etl.cli.export", "export", "write a table as CSV or Parquet"),
    "backup": ("gpu_etl.cli.backup", "backup", "write the whole state to a file"),
    "restore": ("gpu_etl.cli.backup", "restore", "make this installation what a backup holds"),
    "demo": ("gpu_etl.cli.demo", "demo", "run everything on a simulated market"),
}


OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors that any command may meet at any write, and of which a person knows what to do where no file is named."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of the table above."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands in the words of the table above, whose modules are not imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, _, told) in COMMANDS.items()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; ``None`` where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gpu-etl", prog_name="gpu-etl")
def cli() -> None:
    """Observe the GPU market: prices, talk, risk.

    Begin with gpu-etl demo, which needs nothing; then gpu-etl up for the real market. Settings are environment
    variables, also from .env in this folder; data lies in GPU_ETL_HOME, .gpu_etl unless it says otherwise.

    Exit codes: 0 done, 1 failed (one line on standard error says why), 2 wrong usage.
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; expected errors end in one line and exit code 1.

    What it and all that it starts create is for its own user only: folders 0700, files 0600.
    """
    os.umask(0o077)
    _end_like_ctrl_c()
    _print_what_the_terminal_can()
    try:
        return cli.main(args=arguments, prog_name="gpu-etl")
    except SettingsError as error:
        fail(str(error))
    except UnicodeEncodeError as error:
        told = ascii(error.object)
        if "\\udc" not in told:  # an argument's bytes that are no UTF-8, of a terminal in EUC-KR for one
            raise
        fail(f"{told}: this is no text in UTF-8")
    except OSError as error:
        if error.errno not in OF_THE_DISK and error.filename is None:
            raise
        fail(f"{error.filename or 'a file'}: {error.strerror}")


def _end_like_ctrl_c() -> None:
    """Have SIGTERM and a closed terminal unwind like Ctrl-C, so that what a command started is stopped.

    Ctrl-C itself is ignored in what a script starts with ``&``. Dagster gives SIGTERM whatever SIGINT has, so that it
    has to be heard for either to be. ``nohup`` stays in force.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        replaced = (signal.SIG_DFL,) if number == signal.SIGHUP else (signal.SIG_DFL, signal.SIG_IGN)
        if signal.getsignal(number) in replaced:
            signal.signal(number, signal.default_int_handler)


def _print_what_the_terminal_can() -> None:
    """Have a character that the terminal's encoding lacks printed as its number; it is no reason to end."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def fail(message: str) -> NoReturn:
    """Say one line on standard error and leave with exit code 1."""
    click.echo(f"gpu-etl: {message}", err=True)
    sys.exit(1)

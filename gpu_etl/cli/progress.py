"""What a person sees of a run in this process: a line for each asset as it finishes, and what is worth a warning.

Belongs here: which of Dagster's log records are shown, and how. Does not belong here: the log file, which keeps
everything (``dagster.yaml``).

https://docs.dagster.io/guides/log-debug/logging/custom-logging
"""

from __future__ import annotations

import logging
from typing import Any

import click
import dagster as dg

from gpu_etl.run_records import asset_name, materialized_rows


class _Terminal(logging.Handler):
    def __init__(self, level: int, *, results_to_stderr: bool) -> None:
        super().__init__()
        self._wanted = level
        self._results_to_stderr = results_to_stderr

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record of Dagster's log, or pass over it."""
        event = getattr(record, "dagster_event", None)
        if self._wanted <= logging.DEBUG:
            click.echo(record.getMessage(), err=True)
        elif event is None and max(self._wanted, logging.WARNING) <= record.levelno:
            self._warn(record)
        if event is not None:
            self._show(event)

    def _warn(self, record: logging.LogRecord) -> None:
        told: Any = getattr(record, "dagster_meta", {})
        message, step = str(told.get("orig_message", record.getMessage())), told.get("step_key")
        if not message.startswith("Dependencies for step"):
            click.echo(f"  {record.levelname.lower()}: {f'{step}: ' if step else ''}{message}", err=True)
        elif self._wanted <= logging.WARNING:  # Dagster has more words for it, and calls it an error
            click.echo(f"  {step:<16} skipped: what it needs has failed", err=True)

    def _show(self, event: dg.DagsterEvent) -> None:
        if self._wanted <= logging.INFO and (line := asset_line(event)):
            click.echo(line, err=self._results_to_stderr)
        if self._wanted <= logging.WARNING and (warning := check_warning(event)):
            click.echo(f"  warning: {warning}", err=True)


def asset_line(event: dg.DagsterEvent) -> str | None:
    """An asset that was materialized, with its rows where it has any; ``None`` for any other event."""
    if not event.is_step_materialization:
        return None
    rows = materialized_rows(event)
    return f"  {asset_name(event):<16} {'' if rows is None else f'{rows:,} rows'}".rstrip()


def check_warning(event: dg.DagsterEvent) -> str | None:
    """What a check that did not pass says; ``None`` for any other event."""
    if event.event_type_value != dg.DagsterEventType.ASSET_CHECK_EVALUATION.value:
        return None
    check = event.asset_check_evaluation_data
    return None if check.passed else f"{check.asset_key.to_user_string()}: {check.description or check.check_name}"


def terminal(log_level: str, *, results_to_stderr: bool) -> dg.LoggerDefinition:
    """A Dagster logger that writes for a person.

    ``log_level``: DEBUG shows everything that Dagster says, INFO results and warnings, WARNING no results, ERROR none
    of them. Results go to standard output unless that is kept for machines.
    """
    logger = logging.Logger("gpu_etl terminal", logging.DEBUG)
    logger.addHandler(_Terminal(logging.getLevelNamesMapping()[log_level], results_to_stderr=results_to_stderr))
    return dg.LoggerDefinition(lambda _context: logger, description="for a person at a terminal")

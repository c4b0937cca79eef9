"""Why a run failed, in one line a step: for the console, the history and the notification alike.

Belongs here: finding that line in Dagster's events. Does not belong here: writing it (``assets.failures``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

INTERRUPTIONS = ("DagsterExecutionInterruptedError", "KeyboardInterrupt")


def error_lines(events: Sequence[dg.DagsterEvent]) -> list[str]:
    """A line for each failed step; where none failed but the run did, its reason."""
    steps = [f"{event.step_key}: {_step_failure(event)}" for event in events if event.is_step_failure]
    if steps:
        return steps
    return [_run_failure(event) for event in events if event.event_type is dg.DagsterEventType.RUN_FAILURE]


def _step_failure(event: dg.DagsterEvent) -> str:
    data = event.step_failure_data
    if data.user_failure_data and data.user_failure_data.description:
        return data.user_failure_data.description.splitlines()[0]
    return _line_of(data.error) or "failed"


def _run_failure(event: dg.DagsterEvent) -> str:
    data: Any = event.event_specific_data  # there is none where a run was marked as failed from outside
    return (_line_of(data.error) if data else None) or event.message or "failed"


def _line_of(error: Any) -> str | None:
    """The one line of a serialized error: of the first in its chain that is ours, or else of the one that began it."""
    chain = []
    while error is not None:
        chain.append(error)
        error = error.cause
    if not chain:
        return None
    if any(link.cls_name in INTERRUPTIONS for link in chain):
        return "interrupted"
    told = next((link for link in chain if link.message.startswith("gpu_etl.")), chain[-1])
    line = told.message.strip().splitlines()[0]
    return str(line.removeprefix(f"gpu_etl.database.errors.{told.cls_name}: "))

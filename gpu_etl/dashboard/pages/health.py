"""``/health``: whether the numbers can be trusted today, and what to do where they cannot.

Belongs here: what that page holds, and what follows from it. Does not belong here: how it looks (the template), its
queries (``database.dashboard_health``), Dagster's records (``dashboard.runs``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.dashboard.coverage import CoverageRow, by_part
from gpu_etl.dashboard.page import DAY_PARAMETERS, Asked, Page
from gpu_etl.dashboard.runs import Run, last_runs
from gpu_etl.database import dashboard_health as queries
from gpu_etl.database.dashboard_community import CoverageDay, coverage
from gpu_etl.market.gates import GATE

PERIOD = timedelta(days=30)
RUNS = 15
STALE_AFTER_DAYS = 2


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something that is wrong, and what to do about it."""

    problem: str
    """stale, unread, run_failed, undelivered, unidentified or refused"""
    about: str
    """What it is about: a source, a job, a receiver, a reason."""
    detail: str | None
    count: int | None
    command: str | None
    """What to run."""


@dataclass(frozen=True, slots=True)
class HealthPage:
    """The state of everything that the numbers stand on."""

    today: date
    day: date | None
    """The latest day with prices."""
    first: date
    """First day of ``coverage``."""
    last: date
    todo: list[ToDo]
    """The most urgent first; empty when all is well."""
    sources: list[queries.SourceState]
    coverage: list[CoverageDay]
    runs: list[Run]
    runs_reason: str | None
    """Why there are no runs."""
    refused: list[queries.Refused]
    unidentified: list[queries.Unidentified]
    undelivered: list[queries.Undelivered]
    accepted: list[queries.Accepted]
    table_sizes: list[queries.TableSize]

    def parts(self) -> list[CoverageRow]:
        """Coverage, a row a part of a source."""
        days = [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]
        return by_part(self.coverage, days)


def load(connection: Connection[DictRow], asked: Asked) -> HealthPage:
    """Read it."""
    period = asked.period(PERIOD, asked.today)
    sources = queries.sources(connection)
    refused = queries.refused(connection, asked.today - PERIOD)
    unidentified = queries.unidentified(connection)
    undelivered = queries.undelivered(connection)
    runs, runs_reason = last_runs(asked.settings, RUNS)
    todo = [
        *_stale(asked),
        *_unread(sources, asked.today),
        *_failed(runs),
        *(
            ToDo("undelivered", m.receiver, m.last_error, m.waiting + m.given_up, "gpu-etl alerts deliver")
            for m in undelivered
        ),
        *(
            ToDo("unidentified", u.reason, u.examples[0] if u.examples else None, u.listings, None)
            for u in unidentified
        ),
        *(
            ToDo("refused", r.source, r.reason, r.inputs, None)
            for r in refused
            if r.last_day >= asked.today - timedelta(1)
        ),
    ]
    return HealthPage(
        today=asked.today,
        day=asked.day,
        first=period.first,
        last=period.last,
        todo=todo,
        sources=sources,
        coverage=coverage(connection, period.first, period.last),
        runs=runs,
        runs_reason=runs_reason,
        refused=refused,
        unidentified=unidentified,
        undelivered=undelivered,
        accepted=queries.accepted(connection),
        table_sizes=queries.table_sizes(connection),
    )


def _stale(asked: Asked) -> Iterator[ToDo]:
    if asked.day is None:
        yield ToDo("empty", "prices", None, None, "gpu-etl run price-crawl")
    elif (age := (asked.today - asked.day).days) >= STALE_AFTER_DAYS:
        yield ToDo("stale", "prices", None, age, "gpu-etl run price-crawl")


def _unread(sources: list[queries.SourceState], today: date) -> Iterator[ToDo]:
    """Parts whose last try did not read everything; those not asked for a week are no longer asked."""
    for state in sources:
        if state.status != "complete" and today - state.last_day <= timedelta(days=7):
            yield ToDo("unread", f"{state.source} {state.part}", state.reason or state.status, None, _command(state))


def _command(state: queries.SourceState) -> str:
    if state.part == GATE:
        return f"gpu-etl accept {state.last_day} --source {state.source} --why ..."
    return "gpu-etl run reddit-collection" if state.source == "reddit" else "gpu-etl run price-crawl"


def _failed(runs: list[Run]) -> Iterator[ToDo]:
    """Jobs whose latest run failed: an earlier failure was made good."""
    seen: set[str] = set()
    for run in runs:
        if run.job not in seen and run.status == "FAILURE":
            yield ToDo("run_failed", run.job, run.error, None, "gpu-etl scheduler history")
        seen.add(run.job)


PAGE = Page("health", "/health", HealthPage, load, in_menu=True, parameters=DAY_PARAMETERS)

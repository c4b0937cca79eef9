"""Why a run failed, in one line a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest

from gpu_etl.database import DatabaseError
from gpu_etl.reasons import error_lines


def lines(raising: Callable[[], Any], **resources: Any) -> list[str]:
    @dg.asset(required_resource_keys=set(resources))
    def prices() -> None:
        raising()

    result = dg.materialize([prices], resources=resources, raise_on_error=False)
    assert not result.success
    return error_lines(result.all_events)


def fail(error: BaseException) -> None:
    raise error


def fail_from(error: Exception, cause: Exception) -> None:
    raise error from cause


@pytest.mark.parametrize(
    ("raising", "line"),
    [
        (lambda: fail(dg.Failure("danawa blocked: a captcha")), "prices: danawa blocked: a captcha"),
        (lambda: fail(dg.Failure("no column\nLINE 1: select")), "prices: no column"),
        (lambda: fail(KeyError("x")), "prices: KeyError: 'x'"),
        (lambda: fail_from(ValueError("outer"), KeyError("inner")), "prices: KeyError: 'inner'"),
        (
            lambda: fail_from(DatabaseError("cannot use the database"), OSError("fd 7")),
            "prices: cannot use the database",
        ),
        (lambda: fail(KeyboardInterrupt()), "prices: interrupted"),
    ],
)
def test_a_failed_step_is_one_line(raising: Callable[[], Any], line: str) -> None:
    assert lines(raising) == [line]


def test_a_run_that_fails_before_its_first_step_has_a_reason_too() -> None:
    @dg.resource
    def postgres() -> None:
        raise DatabaseError('cannot use database "db" on 127.0.0.1:1: Connection refused')

    assert lines(lambda: None, postgres=postgres) == ['cannot use database "db" on 127.0.0.1:1: Connection refused']


def test_a_run_that_was_ended_from_outside_has_the_words_of_who_ended_it() -> None:
    @dg.asset
    def prices() -> None: ...

    job = dg.Definitions([prices], jobs=[dg.define_asset_job("any")]).resolve_job_def("any")
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(job)
        instance.report_run_failed(run, "the command that ran it was killed")
        records = instance.get_records_for_run(run.run_id).records
    events = [event for record in records if (event := record.event_log_entry.dagster_event)]
    assert error_lines(events) == ["the command that ran it was killed"]

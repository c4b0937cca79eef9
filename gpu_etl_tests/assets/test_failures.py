"""What is tried again, what is not, and that an interruption is none of it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest

from gpu_etl.assets.failures import Refused, TryAgain, reported
from gpu_etl.database import DatabaseError
from gpu_etl.reasons import error_lines
from gpu_etl_tests.endtoend.instance import eventually


@pytest.fixture(autouse=True)
def _two_retries_without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_RETRIES", "2")
    monkeypatch.setenv("RETRY_BACKOFF_SECONDS", "0")


class Step:
    """An asset that goes through these ends, one a try; ``None`` is success."""

    def __init__(self, *ends: Exception | None) -> None:
        self.ends = list(ends)
        self.tries = 0

    def __call__(self) -> None:
        end = self.ends[min(self.tries, len(self.ends) - 1)]
        self.tries += 1
        if end is not None:
            raise end


def materialized(step: Callable[[], Any]) -> dg.ExecuteInProcessResult:
    @dg.asset
    def prices() -> None:
        with reported():
            step()

    return dg.materialize([prices], raise_on_error=False)


@pytest.mark.parametrize("error", [TryAgain("no answer"), DatabaseError("away", transient=True)])
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    step = Step(error, error, None)
    assert materialized(step).success
    assert step.tries == 3


def test_a_step_that_is_out_of_tries_fails_with_its_own_reason() -> None:
    step = Step(TryAgain("no answer"))
    result = materialized(step)
    assert (result.success, step.tries) == (False, 3)
    assert error_lines(result.all_events) == ["prices: no answer"]


@pytest.mark.parametrize(
    ("error", "line"), [(Refused("a captcha"), "prices: a captcha"), (KeyError("x"), "prices: KeyError: 'x'")]
)
def test_what_will_not_pass_is_tried_once(error: Exception, line: str) -> None:
    step = Step(error, None)
    result = materialized(step)
    assert (result.success, step.tries) == (False, 1)
    assert error_lines(result.all_events) == [line]


def test_an_interrupted_step_does_not_begin_anew() -> None:
    tries = []

    def interrupted() -> None:
        tries.append(1)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

    result = materialized(interrupted)
    assert (result.success, len(tries)) == (False, 1)
    assert error_lines(result.all_events) == ["prices: interrupted"]


def test_the_pause_before_a_retry_can_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETRY_BACKOFF_SECONDS", "30")
    step = Step(TryAgain("no answer"))

    def interrupt_the_pause() -> None:
        eventually(lambda: step.tries, 30, "the step has been tried")  # before that nobody would catch the signal
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    someone = threading.Thread(target=interrupt_the_pause)
    someone.start()
    started = time.monotonic()
    result = materialized(step)
    someone.join()
    assert (result.success, step.tries) == (False, 1)
    assert time.monotonic() - started < 10


def test_outside_a_run_there_is_nothing_to_try_again() -> None:
    with pytest.raises(dg.Failure, match="no answer"), reported():
        raise TryAgain("no answer")

"""How an error becomes a failed step: one line that names it, and whether trying again can help.

Belongs here: that mapping, and the pause before the step is tried again. Does not belong here: the retries of a single
request or transaction (``resources``, ``database``), which bridge seconds where this bridges a minute.

Dagster's own retry of a step repeats all of it. That helps against a database that went away or a site that hiccups;
it is noise against a page whose layout changed, and rude to a site that has just refused us.

The step asks for its retry by itself, as a ``RetryPolicy`` on the job would take Ctrl-C, SIGTERM and the UI's
"Terminate" for one more reason to begin anew (dagster 1.13, ``op_execution_error_boundary``).
https://docs.dagster.io/guides/build/ops/op-retries
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from gpu_etl.database import DatabaseError
from gpu_etl.settings import load_settings


class Refused(Exception):
    """The step will not do it, and doing it again will not help: a gate, a block, a past day, bad credentials."""


class TryAgain(Exception):
    """The step could not do it now and may be able to in a while."""


@contextmanager
def reported() -> Iterator[None]:
    """Turn any error into a :class:`dagster.Failure` with one line; the UI shows the traceback as its cause.

    An error that nobody expected is a defect, which trying again does not mend.

    Raises:
        dagster.Failure: the step has failed.
        dagster.RetryRequested: the step is to begin anew, MAX_RETRIES times at most; the pause is already over.
    """
    try:
        yield
    except Refused as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except (TryAgain, DatabaseError) as error:
        failure = dg.Failure(str(error), allow_retries=True)
        failure.__cause__ = error
        _begin_anew_after_a_pause(failure)
        raise failure from error
    except Exception as error:
        line = (str(error).splitlines() or ["no reason given"])[0]  # PostgreSQL's details and hints come after it
        raise dg.Failure(f"{type(error).__name__}: {line}", allow_retries=False) from error


def _begin_anew_after_a_pause(failure: dg.Failure) -> None:
    """Wait here, where an interruption is heard at once (Dagster's own wait sleeps through it), then ask for the retry.

    Returns where there is no run to retry in, or the tries are used up.
    """
    try:
        context = dg.AssetExecutionContext.get()
    except dg.DagsterInvariantViolationError:
        return  # called directly, without a run
    settings = load_settings()
    pauses = dg.RetryPolicy(
        max_retries=settings.max_retries,
        delay=settings.retry_backoff_seconds,
        backoff=dg.Backoff.EXPONENTIAL,
        jitter=dg.Jitter.PLUS_MINUS,  # several installations behind one address should not come back in step
    )
    if context.retry_number >= pauses.max_retries:
        return
    pause = pauses.calculate_delay(context.retry_number + 1)
    context.log.warning(f"{failure.description}; trying again in {pause:.0f} s")
    time.sleep(pause)
    raise dg.RetryRequested(max_retries=pauses.max_retries, seconds_to_wait=0) from failure

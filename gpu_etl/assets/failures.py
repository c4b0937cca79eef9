"""How an error becomes a failed step: one line that names it, and whether trying again can help.

Belongs here: that mapping. Does not belong here: retry counts and pauses (``jobs``).

Dagster's own retry of a step repeats all of it. That helps against a database that went away or a site that hiccups;
it is noise against a page whose layout changed, and rude to a site that has just refused us.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from gpu_etl.database import DatabaseError


class Refused(Exception):
    """The step will not do it, and doing it again will not help: a gate, a block, a past day, bad credentials."""


class TryAgain(Exception):
    """The step could not do it now and may be able to in a while."""


@contextmanager
def reported() -> Iterator[None]:
    """Turn any error into a :class:`dagster.Failure` with one line; the UI shows the traceback as its cause.

    An error that nobody expected is a defect, which trying again does not mend.
    """
    try:
        yield
    except Refused as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except (TryAgain, DatabaseError) as error:
        raise dg.Failure(str(error), allow_retries=True) from error
    except Exception as error:
        raise dg.Failure(f"{type(error).__name__}: {error}", allow_retries=False) from error

"""One line of the doctor's report.

Belongs here: its shape. Does not belong here: what is looked at (``doctor_installation``, ``doctor_data``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is; ``fix`` is what a person can do about it."""

    level: Literal["ok", "warn", "fail"]
    subject: str
    says: str
    fix: str = ""


def ok(subject: str, says: str) -> Finding:
    """Nothing to do."""
    return Finding("ok", subject, says)


def warn(subject: str, says: str, fix: str) -> Finding:
    """Works, but not as well as it could, or not for long."""
    return Finding("warn", subject, says, fix)


def failed(subject: str, says: str, fix: str) -> Finding:
    """Does not work."""
    return Finding("fail", subject, says, fix)


def names(given: Iterable[str]) -> str:
    """A list in words."""
    return ", ".join(given)

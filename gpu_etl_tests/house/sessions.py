"""Reading the commands and sessions of a Markdown page, and comparing a session with what a command really prints.

Belongs here: finding commands, taking a shown output's shape. Does not belong here: which pages (``test_readme``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

ELLIPSIS = "..."
_COMMAND = re.compile(r"^(?:export \S+|make|git|cp|(?:\.venv/bin/)?(?:gpu-etl|dagster|python)|pre-commit)\b")
_NUMBER = re.compile(r"[+-]?\d[\d,.:]*")


@dataclass(frozen=True, slots=True)
class Session:
    """A command typed at ``$`` and the lines that the page shows under it."""

    command: str
    shown: list[str] = field(default_factory=list)


def commands(page: str) -> list[str]:
    """Every command of a page: in indented and fenced blocks, and in `code` that begins like one."""
    found: list[str] = []
    for line in _code_lines(page):
        found += _typed(line.removeprefix("$ ").split(" #")[0])
    for code in re.findall(r"`([^`\n]+)`", _prose(page)):
        found += _typed(code)
    return found


def _typed(line: str) -> list[str]:
    """The commands of a line, which may chain several."""
    return [command.strip() for command in line.split("&&") if _COMMAND.match(command.strip())]


def sessions(page: str) -> list[Session]:
    """The sessions of a page's ``console`` blocks."""
    found: list[Session] = []
    for block in re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Session(line.removeprefix("$ ")))
            else:
                found[-1].shown.append(line)
    return found


def missing(session: Session, printed: str) -> list[str]:
    """Shown lines that were not printed, in order. Numbers may differ; a line that holds any must keep its words'
    beginning and how many numbers there are; ``...`` stands for any lines."""
    actual = iter([shape(line) for line in printed.splitlines()])
    return [
        line
        for line in session.shown
        if line.strip() != ELLIPSIS and not any(_alike(shape(line), seen) for seen in actual)
    ]


def shape(line: str) -> str:
    """A line with its numbers made equal and its spaces made single."""
    return " ".join(_NUMBER.sub("0", line).split())


def _alike(shown: str, seen: str) -> bool:
    if "0" not in shown:
        return shown == seen
    return shown.split("0")[0].split()[:1] == seen.split("0")[0].split()[:1] and shown.count("0") <= seen.count("0")


def _code_lines(page: str) -> Iterator[str]:
    fenced = False
    for line in page.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            yield line
        elif line.startswith("    "):
            yield line.strip()


def _prose(page: str) -> str:
    without_fences = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    return "\n".join(line for line in without_fences.splitlines() if not line.startswith("    "))

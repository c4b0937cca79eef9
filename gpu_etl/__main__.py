"""``python -m gpu_etl --task=...``: a second spelling of ``gpu-etl``, for scripts of the scheduler it replaces."""

from __future__ import annotations

import sys

from gpu_etl.cli import main

TASKS = {
    "full": ["run", "full"],
    "price_crawl": ["run", "price-crawl"],
    "reddit_collection": ["run", "reddit-collection"],
    "start_scheduler": ["scheduler", "start"],
}


def translate(arguments: list[str]) -> list[str]:
    """Turn ``--task=NAME`` or ``--task NAME`` into the command it stands for; anything else passes unchanged."""
    joined = [
        part
        for argument in arguments
        for part in (argument.split("=", 1) if argument.startswith("--task=") else [argument])
    ]
    if joined[:1] != ["--task"]:
        return arguments
    if len(joined) < 2 or joined[1] not in TASKS:
        print(f"gpu-etl: --task must be one of {', '.join(TASKS)}", file=sys.stderr)
        sys.exit(2)
    return [*TASKS[joined[1]], *joined[2:]]


if __name__ == "__main__":
    main(translate(sys.argv[1:]))

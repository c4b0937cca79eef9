"""Writes the pages of ``docs`` that are made from code, and the columns that the Dagster UI shows.

python -m gpu_etl_tests.house.make_docs
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gpu_etl.assets.metadata import COLUMNS
from gpu_etl_tests.faults import matrix
from gpu_etl_tests.house import columns, dictionary, numbers, public

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES: dict[str, Callable[[], str]] = {
    "assets.md": public.assets,
    "command-line.md": public.command_line,
    "data-dictionary.md": dictionary.markdown,
    "faults.md": matrix.markdown,
    "numbers.md": numbers.markdown,
}


def main() -> None:
    for name, markdown in PAGES.items():
        (DOCS / name).write_text(markdown(), encoding="utf-8")
        print(f"docs/{name}")
    COLUMNS.write_text(columns.told(), encoding="utf-8")


if __name__ == "__main__":
    main()

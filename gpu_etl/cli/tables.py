"""Tables for a terminal.

Belongs here: how they look. Does not belong here: what is in them.
"""

from __future__ import annotations

from typing import Literal

from rich.table import Table

WRAPPED = ("card", "successor", "predecessor", "reason")


def new_table(title: str, *columns: str) -> Table:
    """A table whose columns are right-aligned where their name begins with ">"; only names and reasons may wrap."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        justify: Literal["left", "right"] = "right" if column.startswith(">") else "left"
        table.add_column(column.removeprefix(">"), justify=justify, no_wrap=column not in WRAPPED)
    return table

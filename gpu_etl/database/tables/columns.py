"""How a column is written down, and the words that many of them share.

Belongs here: the one collection of tables, helpers for columns. Does not belong here: any table.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

TIMESTAMP = sa.TIMESTAMP(timezone=True)
SOURCE = "where the row comes from: danawa, crawler_csv, reddit, ..."
LISTING = "the source's own id of the listing; Danawa: the pcode"
DAY = "the market day, in MARKET_TIMEZONE"
CURRENCY = "ISO 4217 code of the amounts in this row"
WON = "integer in minor units of the currency"


def column(
    name: str, kind: Any, comment: str, *, is_key: bool = False, null: bool = True, default: str | None = None
) -> sa.Column[Any]:
    """A column that may be unknown, hence NULL; the comment goes into the database and the data dictionary."""
    server_default = sa.text(default) if default is not None else None
    return sa.Column(
        name, kind, primary_key=is_key, nullable=null and not is_key, comment=comment, server_default=server_default
    )


def key(name: str, kind: Any, comment: str) -> sa.Column[Any]:
    """A part of the primary key."""
    return column(name, kind, comment, is_key=True)


def must(name: str, kind: Any, comment: str, default: str | None = None) -> sa.Column[Any]:
    """A column that is always known."""
    return column(name, kind, comment, null=False, default=default)

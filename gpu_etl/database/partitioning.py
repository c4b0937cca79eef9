"""The largest tables in parts: ``price_logs`` and ``raw_pages`` by month, ``reddit_posts`` by a hash of its key.

Belongs here: making the parts, of an empty database or a full one. Does not belong here: the tables' columns and keys
(``tables``), which stay as they are, as do all queries and loads.

Parts pay off where old months are to be dropped or moved at once, or a table no longer fits a machine's memory; below
some ten million rows they only cost (``docs/scale.md``). A post has no day in its key, so a month cannot hold it.
There is no way back by the switch: ``gpu-etl backup`` and ``restore`` into an unpartitioned database are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

BY_MONTH = ("price_logs", "raw_pages")
BY_HASH = ("reddit_posts",)
HASHES = 8
FIRST_MONTH = date(2020, 1, 1)
"""The public price files begin here; what is older goes to the part for everything else."""
MONTHS_AHEAD = 12
_LOCK = 0x70617274  # "part"


def apply(connection: Connection[DictRow], today: date) -> None:
    """Bring the tables into parts if they are not yet, and have parts for the coming year; a query when all is done."""
    if _is_done(connection, today):
        return
    connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
    for table in BY_MONTH:
        if not _is_partitioned(connection, table):
            _convert(connection, table, sql.SQL("range (market_day)"), today)
        for first, after in _months(today):
            _add_month(connection, table, first, after)
    for table in BY_HASH:
        if not _is_partitioned(connection, table):
            _convert(connection, table, sql.SQL("hash (post_id)"), today)


def _is_done(connection: Connection[DictRow], today: date) -> bool:
    *_, (last, _) = _months(today)
    wanted = [*(_part(table, last) for table in BY_MONTH), *(f"{table}_0" for table in BY_HASH)]
    row = connection.execute(
        "select count(*) as n from unnest(%s::text[]) as part where to_regclass(part) is not null", (wanted,)
    ).fetchone()
    return row is not None and row["n"] == len(wanted)


def _is_partitioned(connection: Connection[DictRow], table: str) -> bool:
    row = connection.execute("select relkind from pg_class where oid = %s::regclass", (table,)).fetchone()
    return row is not None and row["relkind"] == "p"


def _months(today: date) -> Iterator[tuple[date, date]]:
    """First days of the months that have a part of their own, each with the first day after it."""
    month = FIRST_MONTH
    until = date(today.year + (today.month + MONTHS_AHEAD - 1) // 12, (today.month + MONTHS_AHEAD - 1) % 12 + 1, 1)
    while month <= until:
        after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        yield month, after
        month = after


def _part(table: str, month: date) -> str:
    return f"{table}_{month:%Y_%m}"


def _add_month(connection: Connection[DictRow], table: str, first: date, after: date) -> None:
    connection.execute(
        sql.SQL("create table if not exists {} partition of {} for values from ({}) to ({})").format(
            sql.Identifier(_part(table, first)), sql.Identifier(table), str(first), str(after)
        )
    )


def _convert(connection: Connection[DictRow], table: str, by: sql.SQL, today: date) -> None:
    """Move a table's rows into a partitioned one of the same name, columns, comments, key and indexes."""
    name, old = sql.Identifier(table), sql.Identifier(f"{table}_whole")
    comment = connection.execute("select obj_description(%s::regclass, 'pg_class') as said", (table,)).fetchone()
    names = _index_names(connection, table)
    connection.execute(sql.SQL("alter table {} rename to {}").format(name, old))
    for index in names.values():
        connection.execute(
            sql.SQL("alter index {} rename to {}").format(sql.Identifier(index), sql.Identifier(f"{index}_whole"))
        )
    connection.execute(sql.SQL("create table {} (like {} including all) partition by {}").format(name, old, by))
    if table in BY_HASH:
        for number in range(HASHES):
            connection.execute(
                sql.SQL("create table {} partition of {} for values with (modulus {}, remainder {})").format(
                    sql.Identifier(f"{table}_{number}"), name, HASHES, number
                )
            )
    else:
        rest = sql.Identifier(f"{table}_rest")
        connection.execute(sql.SQL("create table {} partition of {} default").format(rest, name))
        for first, after in _months(today):
            _add_month(connection, table, first, after)
    for definition, made in _index_names(connection, table).items():
        if made != names[definition]:
            connection.execute(
                sql.SQL("alter index {} rename to {}").format(sql.Identifier(made), sql.Identifier(names[definition]))
            )
    connection.execute(sql.SQL("comment on table {} is {}").format(name, comment["said"] if comment else None))
    connection.execute(sql.SQL("insert into {} select * from {}").format(name, old))
    connection.execute(sql.SQL("drop table {}").format(old))


def _index_names(connection: Connection[DictRow], table: str) -> dict[str, str]:
    """A table's indexes by what they are: whether it is the key, and the columns in order."""
    rows = connection.execute(
        """select c.relname as name, i.indisprimary || ' ' || string_agg(a.attname, ',' order by k.place) as told
           from pg_index i join pg_class c on c.oid = i.indexrelid
           cross join unnest(i.indkey::int2[]) with ordinality as k(number, place)
           join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
           where i.indrelid = %s::regclass group by c.relname, i.indisprimary, i.indexrelid""",
        (table,),
    )
    return {row["told"]: row["name"] for row in rows}

"""Days without data between the first reading and today.

Belongs here: finding them, and marking those that stay empty. Does not belong here: who rebuilds the others
(``schedules.gaps``), judging a day that was read (``market``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from gpu_etl.database.readings import SOURCE as COMMUNITY
from gpu_etl.market.gates import GATE
from gpu_etl.sources.records import CoverageStatus

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

PRICES = "danawa"
MISSING = "not read on this day, and no source of ours tells it afterwards: missing for good"
IMPORTED = "not read on this day; its prices are those of an imported file"
MOST_MARKED = 5000
"""Rows marked at once: half a dozen parts over two years."""


@dataclass(frozen=True, slots=True)
class Unloaded:
    """A day whose pages are stored whole and whose prices are not there."""

    day: date
    accepted_at: datetime | None
    """When a person vouched for the day; without that, a day that the gate refused is none of these."""


def first_day(connection: Connection[DictRow]) -> date | None:
    """The first market day on which prices were asked for."""
    row = connection.execute(
        "select min(market_day) as day from source_coverage where source = %s", (PRICES,)
    ).fetchone()
    return row["day"] if row else None


def unloaded_days(connection: Connection[DictRow], since: date, finished_before: datetime) -> list[Unloaded]:
    """Days from ``since`` on with a whole crawl that ended before a moment, and no prices."""
    rows = connection.execute(
        """select c.market_day, a.accepted_at from crawls c
           left join accepted_days a on a.source = c.source and a.market_day = c.market_day
           where c.source = %(source)s and c.part = 'list' and c.market_day >= %(since)s and c.finished_at < %(before)s
             and not exists (select from price_logs p where p.market_day = c.market_day and p.source = c.source)
             and (a.accepted_at is not null or not exists (
                  select from source_coverage g where g.source = c.source and g.part = %(gate)s
                    and g.market_day = c.market_day and g.status = 'failed'))
           order by 1""",
        {"source": PRICES, "since": since, "before": finished_before, "gate": GATE},
    )
    return [Unloaded(row["market_day"], row["accepted_at"]) for row in rows]


def may_be_asked_again(connection: Connection[DictRow], day: date) -> bool:
    """Whether no crawl of a day is stored, and its site has not refused us on it."""
    row = connection.execute(
        """select exists (select from crawls where source = %(source)s and market_day = %(day)s)
               or exists (select from source_coverage where source = %(source)s and market_day = %(day)s
                          and status in ('blocked', 'unavailable')) as is_over""",
        {"source": PRICES, "day": day},
    ).fetchone()
    return row is not None and not row["is_over"]


def unanalysed_days(connection: Connection[DictRow], since: date, until: date) -> list[date]:
    """Days from ``since`` to ``until`` with prices of known cards of our own crawl, and none of the analyses."""
    rows = connection.execute(
        """select c.market_day from crawls c
           where c.source = %(source)s and c.part = 'list' and c.market_day between %(since)s and %(until)s
             and exists (select from price_logs p where p.market_day = c.market_day and p.source = c.source
                         and p.sku_id is not null)
             and not exists (select from price_changes x where x.market_day = c.market_day)
           order by 1""",
        {"source": PRICES, "since": since, "until": until},
    )
    return [row["market_day"] for row in rows]


def priced_days(connection: Connection[DictRow], since: date, until: date) -> list[date]:
    """Days from ``since`` to ``until`` that have analyses of prices."""
    rows = connection.execute(
        """select day::date as day from generate_series(%s::date, %s::date, interval '1 day') as day
           where exists (select from price_changes x where x.market_day = day::date) order by 1""",
        (since, until),
    )
    return [row["day"] for row in rows]


def unread_reddit_days(
    connection: Connection[DictRow], subreddits: Sequence[str], since: date, until: date
) -> list[date]:
    """Days from ``since`` to ``until``, after the first reading, on which a readable subreddit was not read in full."""
    rows = connection.execute(
        """with readable as (
               select lower(part) as name, min(market_day) as first from source_coverage
               where source = %(source)s and lower(part) = any(%(names)s) and status in ('complete', 'partial')
               group by 1
           )
           select distinct day::date as day
           from readable r cross join generate_series(%(since)s::date, %(until)s::date, interval '1 day') as day
           where day >= r.first and not exists (
               select from source_coverage c where c.source = %(source)s and lower(c.part) = r.name
                 and c.market_day = day::date and c.status = 'complete')
           order by 1""",
        {
            "source": COMMUNITY,
            "names": [name.lower() for name in subreddits],
            "since": since,
            "until": until,
        },
    )
    return [row["day"] for row in rows]


def mark_missing(connection: Connection[DictRow], *, prices_before: date, reddit_before: date, at: datetime) -> int:
    """Write into coverage which days a part of a source was never asked for between two that it was; returns how many.

    A day whose pages are stored is not missing. A later import or archive puts its own verdict in the mark's place.
    """
    return connection.execute(
        """with asked as (
               select source, part, min(market_day) as first, max(market_day) as last
               from source_coverage where part <> %(gate)s group by 1, 2
           )
           insert into source_coverage (source, part, market_day, status, got, reason, checked_at)
           select a.source, a.part, day::date, %(status)s, 0,
                  case when a.source = %(prices)s and exists (
                           select from price_logs p where p.market_day = day::date and p.source = 'crawler_csv')
                       then %(imported)s else %(missing)s end,
                  %(at)s
           from asked a
           cross join generate_series(a.first, least(a.last, case when a.source = %(community)s
                          then %(reddit_before)s::date else %(prices_before)s::date end) - 1, interval '1 day') as day
           where not exists (select from source_coverage c where c.source = a.source and c.part = a.part
                             and c.market_day = day::date)
             and not exists (select from crawls w where w.source = a.source and w.market_day = day::date)
           order by 3 limit %(most)s
           on conflict do nothing""",
        {
            "gate": GATE,
            "status": CoverageStatus.UNAVAILABLE.value,
            "prices": PRICES,
            "community": COMMUNITY,
            "prices_before": prices_before,
            "reddit_before": reddit_before,
            "imported": IMPORTED,
            "missing": MISSING,
            "at": at,
            "most": MOST_MARKED,
        },
    ).rowcount

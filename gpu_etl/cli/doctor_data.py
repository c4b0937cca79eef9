"""The doctor's look at the product database.

Belongs here: what its rows say about the state of things. Does not belong here: the queries (``database.queries``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from gpu_etl.cli.findings import Finding, failed, names, ok, warn
from gpu_etl.database import Database, DatabaseError, ahead, migrate, open_database, outbox, pages, queries
from gpu_etl.database.connection import NOT_ALLOWED, not_allowed
from gpu_etl.database.migrations import HEAD
from gpu_etl.settings import Settings
from gpu_etl.sources.records import CoverageStatus

STALE_AFTER = timedelta(days=1)
QUARANTINE_DAYS = timedelta(days=7)
FALSE_DAYS_SHOWN = 5
MISSING_DAYS = timedelta(days=30)


def findings(settings: Settings) -> Iterator[Finding]:
    """The database, its schema, and what is in it; nothing is migrated."""
    try:
        database = open_database(settings, migrating=False)
    except DatabaseError as error:
        yield failed("database", str(error), "check DATABASE_URL, or leave it empty for the embedded server")
        return
    try:
        with database.transaction() as connection:
            server = connection.execute("show server_version").fetchone() or {}
            schema = migrate.version(connection)
        yield ok("database", f"{database.where}, PostgreSQL {server['server_version']}")
        yield _schema(schema)
        if migrate.is_current(schema):
            yield from _ahead(database, settings)
            for check in (_prices, _coverage, _missing, _unidentified, _quarantine, _messages):
                yield from check(database, settings.today())
    except DatabaseError as error:
        yield failed("database", str(error), "check DATABASE_URL, or leave it empty for the embedded server")
    except NOT_ALLOWED as error:
        yield failed("rights", f"{database.where}: {not_allowed(error)}", "alter database NAME owner to USER")
    finally:
        database.close()


def _schema(found: str | None) -> Finding:
    if migrate.is_current(found):
        return ok("schema", f"{found}, up to date")
    if found is None:
        return warn("schema", "none yet", "it is made by the first command that needs it, e.g. gpu-etl run price-crawl")
    if found in migrate.known_revisions():
        fix = "gpu-etl backup FILE, then any command that reads the database brings it up to date"
        return warn("schema", f"{found}, older than this program's {HEAD}", fix)
    return failed("schema", f"{found}, newer than this program's {HEAD}", "upgrade gpu-etl")


def _ahead(database: Database, settings: Settings) -> Iterator[Finding]:
    from gpu_etl.assets import clock

    now, today = settings.now() + clock.MAY_DIFFER, settings.today()
    found = database.run(lambda connection: pages.crawled_ahead(connection, now, today))
    if wrong := clock.behind(found, settings):
        says, _, fix = wrong.partition(": ")
        yield failed("clock", says, fix)
    if days := database.run(lambda connection: ahead.false_days(connection, now, today)):
        shown = names(map(str, list(days)[:FALSE_DAYS_SHOWN])) + (", ..." if len(days) > FALSE_DAYS_SHOWN else "")
        fix = "if this machine's clock is right: gpu-etl retract"
        yield failed("days to come", f"{len(days)} day(s) later than {today} are stored: {shown}", fix)


def _prices(database: Database, today: date) -> Iterator[Finding]:
    latest = database.run(queries.latest_day)
    if latest is None:
        yield warn("prices", "none yet", "gpu-etl run price-crawl")
    elif today - latest > STALE_AFTER:
        yield warn("prices", f"latest day {latest}, {(today - latest).days} days old", "gpu-etl scheduler history")
    else:
        yield ok("prices", f"latest day {latest}")


def _coverage(database: Database, today: date) -> Iterator[Finding]:
    rows = database.run(lambda connection: queries.coverage_of(connection, today))
    if not rows:
        yield ok("coverage", "nothing was asked for yet today")
        return
    complete = sum(row["status"] == CoverageStatus.COMPLETE for row in rows)
    yield ok("coverage", f"{complete} of {len(rows)} parts of sources were read whole today")
    by_reason: dict[tuple[str, str, str | None], list[str]] = defaultdict(list)
    for row in rows:
        if row["status"] != CoverageStatus.COMPLETE:
            by_reason[row["source"], row["status"], row["reason"]].append(row["part"])
    for (source, status, reason), parts in by_reason.items():
        says = f"{source} {names(parts)} {status}: {reason}"
        if status in (CoverageStatus.PARTIAL, CoverageStatus.UNAVAILABLE):
            yield warn("coverage", says, "what is missing is counted as unknown, not as nothing")
        else:
            yield failed("coverage", says, "gpu-etl scheduler history tells what became of the run")


def _missing(database: Database, today: date) -> Iterator[Finding]:
    since = today - MISSING_DAYS
    rows = database.run(lambda connection: queries.missing_days(connection, since))
    by_source = Counter(row["source"] for row in rows)
    if not rows:
        yield ok("gaps", f"no day since {since} is missing")
    for source, count in sorted(by_source.items()):
        days = ", ".join(str(row["market_day"]) for row in rows if row["source"] == source)[:120]
        fix = "past days come only from files (gpu-etl import) or archives; is the scheduler always running?"
        yield warn("gaps", f"{source} was not read on {count} day(s) since {since}: {days}", fix)


def _unidentified(database: Database, today: date) -> Iterator[Finding]:
    groups = database.run(queries.unidentified)
    if not groups:
        yield ok("identity", "every listing is identified or known to be no card")
    for group in groups:
        examples = "; ".join(group["examples"])
        fix = "a new chipset is one line in gpu_etl/catalog/chipsets.csv; a single listing one in sku_overrides.csv"
        says = f"{group['listings']:,} listings unidentified ({group['reason']}), e.g. {examples}"
        yield Finding("warn", "identity", says, fix if group is groups[-1] else "")


def _quarantine(database: Database, today: date) -> Iterator[Finding]:
    since = today - QUARANTINE_DAYS
    rows = database.run(lambda connection: queries.quarantined(connection, since))
    if not rows:
        yield ok("quarantine", f"nothing was refused since {since}")
    for row in rows:
        says = f"{row['n']:,} x {row['source']}: {row['reason']} (last {row['last_day']}), e.g. {row['example'][:60]!r}"
        fix = "the stored page is in raw_pages; after a parser was mended: gpu-etl rebuild DAY"
        yield warn("quarantine", says, fix if row is rows[-1] else "")


def _messages(database: Database, today: date) -> Iterator[Finding]:
    troubles = database.run(outbox.troubles)
    for row in troubles:
        says = f"{row['waiting']} wait for {row['receiver_name']}, {row['given_up']} given up: {row['last_error']}"
        yield warn("messages", says, "mend the address in NOTIFY_URLS, then gpu-etl alerts deliver --all")
    if not troubles:
        yield ok("messages", "none waits to be delivered")

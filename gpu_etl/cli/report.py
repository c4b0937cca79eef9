"""The market on one screen: what ``gpu-etl report`` and the demo print.

Belongs here: laying numbers out for a terminal. Does not belong here: the numbers (``database.queries``).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import DictRow
from rich.console import Console
from rich.text import Text

from gpu_etl import offline
from gpu_etl.cli import fail
from gpu_etl.cli.tables import new_table
from gpu_etl.database import Database, acting, glance, queries
from gpu_etl.market import wording
from gpu_etl.market.alerts import Kind
from gpu_etl.settings import Settings

WIDE = 110  # columns of a terminal from which the cards' names find room


def print_report(database: Database, console: Console, day: date | None) -> None:
    """Print a day: cheapest card per chipset, weekly changes, active alerts, keywords, coverage."""
    shown = _day(database, day)
    database.run(lambda connection: _print_all(connection, console, shown))


def write_report(database: Database, settings: Settings, day: date | None, path: Path) -> str:
    """Write a day as one HTML file; returns a line that tells of it."""
    shown = _day(database, day)
    report = database.run(lambda connection: offline.read(connection, shown))
    if not report.chipsets:
        fail(f"no prices on {report.day}")
    try:
        size = offline.write(offline.render(report, settings.now(), settings.zone, settings.pages_language), path)
    except OSError as error:
        fail(f"{path}: {error.strerror}")
    return f"{path}: the market on {report.day}, {size:,} bytes"


def _day(database: Database, day: date | None) -> date:
    day = day or database.run(queries.latest_day)
    if day is None:
        fail("no prices yet: run `gpu-etl run price-crawl`, or `gpu-etl demo` to see a simulated market")
    return day


def _print_all(connection: Connection[DictRow], console: Console, day: date) -> None:
    cheapest = queries.cheapest_by_chipset(connection, day)
    if not cheapest:
        fail(f"no prices on {day}")
    console.print(f"\n[bold]The GPU market on {day}[/bold]")
    _print_cheapest(console, cheapest)
    falls, rises = queries.largest_changes(connection, day)
    _print_changes(console, "Fell most against last week", falls)
    _print_changes(console, "Rose most against last week", rises)
    if day == queries.latest_day(connection):
        _print_alerts(console, "Active alerts", acting.list_alerts(connection, only_open=True))
    else:
        _print_alerts(console, f"Alerts open on {day}", glance.alerts_on(connection, day))
    _print_keywords(console, queries.top_keywords(connection, day), day)
    _print_coverage(console, queries.coverage_of(connection, day))


def _won(value: Any) -> str:
    return "" if value is None else f"{value:,.0f}"


def _percent(value: Any) -> Text:
    if value is None:
        return Text("unknown", style="dim")
    style = "green" if value < 0 else "red" if value > 0 else ""
    return Text(f"{value:+.1f} %", style=style)


def _index_change(row: DictRow) -> Text:
    """The chipset's own change over the week, where its index is published; else why there is none to act on."""
    if row["index_status"] == "published" and row["index_change_pct"] is not None:
        return _percent(row["index_change_pct"])
    status = "new" if row["index_status"] == "published" else row["index_status"] or ""
    return Text({"end_of_life": "ended"}.get(status, status), style="dim")


def _advice(row: DictRow) -> Text:
    known = row["advice"] in ("buy", "wait")
    return Text(row["advice"], style="bold") if known else Text("–", style="dim")


def _print_cheapest(console: Console, rows: list[DictRow]) -> None:
    """Eighty columns hold every figure whole; how many cards, and which, stand beside them on a wider terminal."""
    wide = console.width >= WIDE
    more = (">cards", "card") if wide else ()
    table = new_table(
        "Cheapest card per chipset", "chipset", ">won", ">week", ">28 d", ">index", ">launch", "advice", *more
    )
    for row in rows:
        figures = (
            row["chipset"],
            _won(row["price"]),
            _percent(row["change_pct"]),
            "" if row["percentile_28"] is None else f"{row['percentile_28']:.0f}",
            _index_change(row),
            "" if row["premium_pct"] is None else f"{row['premium_pct']:+.0f} %",
            _advice(row),
        )
        table.add_row(*figures, *((str(row["cards"] or ""), Text(row["board"])) if wide else ()))
    console.print(table)
    console.print(
        "28 d: place in four weeks' range, 0 a new low, 100 a high; index: the chipset's week; launch: its premium",
        style="dim",
    )


def _print_changes(console: Console, title: str, rows: list[DictRow]) -> None:
    if not rows:
        return
    table = new_table(f"\n{title}", "card", ">won", ">last week", ">change")
    for row in rows:
        table.add_row(Text(row["product"]), _won(row["price"]), _won(row["last_week_avg"]), _percent(row["change_pct"]))
    console.print(table)


def _print_alerts(console: Console, title: str, rows: list[DictRow], most: int = 5) -> None:
    """Kind by kind, the most urgent first; a few of each."""
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in Kind}
    counts = ", ".join(f"{len(found)} {wording.NAMES[kind]}" for kind, found in by_kind.items() if found)
    table = new_table(f"\n{title}: {counts}", "kind", "card", "what", "since", "id")
    for kind, found in by_kind.items():
        for row in found[:most]:
            told = wording.brief(row)
            table.add_row(wording.NAMES[kind], Text(row["product"]), told, str(row["opened_day"]), row["alert_id"])
        if len(found) > most:
            table.add_row("", Text(f"and {len(found) - most} more: gpu-etl alerts list --kind {kind}", style="dim"))
    console.print(table if rows else f"\n[bold]{title}: none[/bold]")


def _print_keywords(console: Console, rows: list[DictRow], day: date) -> None:
    """Those of the day before, where the day's own posts were not counted yet."""
    if not rows:
        return
    counted = rows[0]["market_day"]
    heading = "today" if counted == day else f"{counted:%m-%d}"
    table = new_table("\nWhat Reddit talks about", "keyword", f">{heading}", ">7 days", ">growth", ">score")
    for row in rows:
        table.add_row(
            row["keyword"],
            "not read" if row["mentions"] is None else str(row["mentions"]),
            _won(row["mentions_7d"]),
            Text(f"{row['growth_pct']:+.0f} %", style="bold" if row["is_rising"] else "")
            if row["growth_pct"] is not None
            else Text("unknown", style="dim"),
            "" if row["weighted_score"] is None else f"{row['weighted_score']:.0f}",
        )
    console.print(table)


def _print_coverage(console: Console, rows: list[DictRow]) -> None:
    gaps = [row for row in rows if row["status"] != "complete"]
    if not gaps:
        return
    table = new_table("\nNot read in full", "source", "part", "status", "reason")
    for row in gaps:
        table.add_row(row["source"], row["part"], row["status"], row["reason"] or "")
    console.print(table)

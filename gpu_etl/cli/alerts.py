"""``gpu-etl alerts``: what happened to prices and sources, what people did about it, who was told.

Belongs here: reading arguments and printing. Does not belong here: SQL (``database``), when an alert opens
(``market.alerts``), sending (``resources.delivery``).

ID is the eight characters that a list shows, or an alert's subject (a card, a chipset, a source): all its open alerts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import click
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.cli import fail
from gpu_etl.cli.database import opened
from gpu_etl.cli.run import MarketDay
from gpu_etl.database import Database
from gpu_etl.market.alerts import Kind
from gpu_etl.settings import Settings, load_settings

KINDS = click.Choice([kind.value for kind in Kind])
MOST_WON = 1_000_000_000
"""No card costs more, and the column holds it."""
JSON = click.option("--json", "as_json", is_flag=True, help="JSON on standard output")


@click.group()
def alerts() -> None:
    """What happened to prices and sources: list it, acknowledge it, wait for prices, send the messages."""


@alerts.command("list")
@click.option("--all", "everything", is_flag=True, help="closed, acknowledged and snoozed ones too")
@click.option("--kind", "kinds", multiple=True, type=KINDS, help="only this kind; may be repeated")
@JSON
def list_(everything: bool, kinds: tuple[str, ...], as_json: bool) -> None:
    """List active alerts, the most urgent kind and the worst first."""
    from gpu_etl.database import acting

    settings = load_settings()
    wanted = [Kind(kind) for kind in kinds] or None
    with opened(settings) as database:
        rows = database.run(lambda c: acting.list_alerts(c, only_open=not everything, kinds=wanted, now=settings.now()))
        _print(rows, settings, as_json, none="no active alert" if not everything else "no alert")
        _tell_of_troubles(database)


@alerts.command()
@click.argument("subject", required=False)
@JSON
def history(subject: str | None, as_json: bool) -> None:
    """List all alerts, of one subject or of all, the latest first, those that are over too."""
    from gpu_etl.database import acting

    settings = load_settings()
    with opened(settings) as database:
        rows = database.run(lambda c: acting.list_alerts(c, only_open=False, subject=subject, now=settings.now()))
    rows.sort(key=lambda row: row["opened_day"], reverse=True)
    _print(rows, settings, as_json, none=f"no alert of {subject}" if subject else "no alert")


@alerts.command()
@click.argument("alert", metavar="ID")
@JSON
def show(alert: str, as_json: bool) -> None:
    """Show an alert with its numbers, what people did with it, and who was told."""
    settings = load_settings()
    with opened(settings) as database:
        found = database.run(lambda c: _with_what_followed(c, alert, settings.now()))
    if not found:
        fail(f"no alert {alert}: see `gpu-etl alerts list`")
    if as_json:
        click.echo(_json(found))
        return
    for row in found:
        _print_one(row, settings)


def _with_what_followed(connection: Connection[DictRow], alert: str, now: datetime) -> list[DictRow]:
    from gpu_etl.database import acting, outbox

    found = acting.find(connection, alert, now)
    for row in found:
        key = (row["kind"], row["subject"], row["opened_day"])
        row["actions"] = acting.actions_of(connection, row)
        row["messages"] = outbox.deliveries(connection, [outbox.message_id(how, *key) for how in ("opened", "closed")])
    return found


@alerts.command()
@click.argument("alert", metavar="ID")
@click.option("--note", default="", help="what to remember about it")
def ack(alert: str, note: str) -> None:
    """Acknowledge an alert: it is active no more, and stays in history."""
    _act(alert, "acknowledged", note)


@alerts.command()
@click.argument("alert", metavar="ID")
@click.option("--days", type=click.IntRange(1, 365), help="how long it is not shown as active")
@click.option("--until", type=MarketDay(), help="the day on which it is shown again")
@click.option("--note", default="", help="what to remember about it")
def snooze(alert: str, days: int | None, until: date | None, note: str) -> None:
    """Put an alert off: it is shown as active again afterwards, if it is still open then."""
    settings = load_settings()
    if (days is None) == (until is None):
        raise click.UsageError("one of --days and --until is needed")
    until = until or settings.today() + timedelta(days=days or 0)
    if until <= settings.today():
        raise click.UsageError(f"--until {until} is not after today, {settings.today()}")
    _act(alert, "snoozed", note, until=datetime.combine(until, time(), settings.zone))


@alerts.command()
@click.argument("alert", metavar="ID")
@click.option("--note", default="", help="what to remember about it")
def reopen(alert: str, note: str) -> None:
    """Take an acknowledgement or a snooze back."""
    _act(alert, "reopened", note)


def _act(alert: str, action: str, note: str, until: datetime | None = None) -> None:
    from gpu_etl.database import acting

    settings = load_settings()
    with opened(settings) as database:
        changed = database.run(lambda c: acting.act(c, alert, action, settings.now(), note=note, until=until))
    if not changed:
        more = " that is not acknowledged yet" if action == "acknowledged" else ""
        fail(f"{alert} has no open alert{more}")
    click.echo(f"{alert} {action}" + (f" until {until:%Y-%m-%d}" if until else ""))


@alerts.command()
@click.argument("subject", metavar="[SKU|CHIPSET]", required=False)
@click.option("--below", type=click.IntRange(1, MOST_WON), help="tell when it costs this many won or less")
@click.option("--note", default="", help="what for")
@JSON
def watch(subject: str | None, below: int | None, note: str, as_json: bool) -> None:
    """Wait for a price of a card or of a chipset's cheapest card; without a subject, list what is waited for."""
    from gpu_etl.database import acting

    settings = load_settings()
    if subject is not None and below is None:
        raise click.UsageError("--below WON is needed")
    with opened(settings) as database:
        if subject is None or below is None:
            _print_targets(database.run(acting.targets), as_json)
            return
        name, kind, words = _subject(database, subject)
        database.run(lambda c: acting.watch(c, name, kind, below, note, settings.now()))
    click.echo(f"waiting for {words} at {below:,} won or less")


@alerts.command()
@click.argument("subject", metavar="SKU|CHIPSET")
def unwatch(subject: str) -> None:
    """Wait for a price no longer; an open alert of it ends with the next run."""
    from gpu_etl.database import acting

    with opened(load_settings()) as database:
        ended = database.run(lambda c: acting.unwatch(c, subject))
        if not ended:
            name, _, _ = _subject(database, subject)
            ended = database.run(lambda c: acting.unwatch(c, name))
    if not ended:
        fail(f"nobody waits for a price of {subject}: see `gpu-etl alerts watch`")
    click.echo(f"{subject} is not waited for any more")


@alerts.command()
@click.option("--all", "everything", is_flag=True, help="also what is not due yet, and what was given up")
def deliver(everything: bool) -> None:
    """Send the messages that wait, to everybody in NOTIFY_URLS; exit code 1 when a receiver fails."""
    from gpu_etl.resources.delivery import deliver as deliver_messages

    settings = load_settings()
    if not settings.notify_urls:
        fail("NOTIFY_URLS is empty: there is nobody to tell")
    with opened(settings) as database:
        done = deliver_messages(database, settings, everything=everything)
    click.echo(f"{done.sent} messages delivered")
    if done.failures:
        fail(f"not delivered, and tried again later: {'; '.join(done.failures)}")


def _subject(database: Database, name: str) -> tuple[str, str, str]:
    """What a person means by a card's id or a chipset's name: subject, kind and words."""
    from gpu_etl import catalog
    from gpu_etl.database import acting

    product = database.run(lambda c: acting.product_of(c, name))
    if product is not None:
        return name, "sku", product
    try:
        chipset = catalog.chipset(name).name
    except ValueError as error:
        fail(f"{name} is neither a known card nor a chipset: {error}")
    return chipset, "chipset", f"the cheapest {chipset}"


def _print(rows: list[dict[str, Any]], settings: Settings, as_json: bool, none: str) -> None:
    if as_json:
        click.echo(_json(rows))
        return
    for row in rows:
        click.echo(_line(row, settings))
    if not rows:
        click.echo(none)


def _line(row: Mapping[str, Any], settings: Settings) -> str:
    from gpu_etl.market import wording

    return (
        f"{row['alert_id']}  {wording.name(row)}: {wording.line(row)} [{row['subject']}], "
        f"since {row['opened_day']}, {_state(row, settings)}"
    )


def _state(row: Mapping[str, Any], settings: Settings) -> str:
    if row["closed_day"]:
        return f"closed {row['closed_day']}: {row['closed_reason']}"
    if row["acknowledged_at"]:
        return "acknowledged" + (f": {row['acknowledged_note']}" if row["acknowledged_note"] else "")
    if not row["is_active"]:
        return f"snoozed until {row['snoozed_until'].astimezone(settings.zone):%Y-%m-%d}"
    return "open"


def _print_one(row: Mapping[str, Any], settings: Settings) -> None:
    click.echo(_line(row, settings))
    for name, value in row["factors"].items():
        click.echo(f"  {name}: {json.dumps(value, ensure_ascii=False)}")
    for action in row["actions"]:
        note = f": {action['note']}" if action["note"] else ""
        click.echo(f"  {action['acted_at'].astimezone(settings.zone):%Y-%m-%d %H:%M} {action['action']}{note}")
    for message in row["messages"]:
        click.echo(f"  told {message['receiver_name']}: {_delivery(message, settings)}")


def _delivery(message: Mapping[str, Any], settings: Settings) -> str:
    def at(moment: datetime) -> str:
        return f"{moment.astimezone(settings.zone):%Y-%m-%d %H:%M}"

    if message["delivered_at"]:
        return f"delivered {at(message['delivered_at'])}"
    tries = f" after {message['attempts']} tries: {message['last_error']}" if message["attempts"] else ""
    if message["given_up_at"]:
        return f"given up {at(message['given_up_at'])}{tries}"
    return f"due {at(message['not_before'])}{tries}"


def _print_targets(rows: Iterable[Mapping[str, Any]], as_json: bool) -> None:
    rows = list(rows)
    if as_json:
        click.echo(_json(rows))
        return
    for row in rows:
        costs = "not to be had" if row["price"] is None else f"{row['price']:,} won on {row['market_day']}"
        note = f" ({row['note']})" if row["note"] else ""
        name = f"{row['product']} [{row['subject']}]" if row["product"] else row["subject"]
        click.echo(f"{name}: {row['target_price']:,} won or less{note}; now {costs}")
    if not rows:
        click.echo("no price is waited for: gpu-etl alerts watch SKU|CHIPSET --below WON")


def _tell_of_troubles(database: Database) -> None:
    """On standard error, so that a list stays a list."""
    from gpu_etl.database import outbox

    for row in database.run(outbox.troubles):
        click.echo(
            f"gpu-etl: {row['waiting']} messages wait for {row['receiver_name']} and {row['given_up']} were given up: "
            f"{row['last_error']}; gpu-etl alerts deliver --all tries again",
            err=True,
        )


def _json(rows: Any) -> str:
    return json.dumps(rows, default=str, ensure_ascii=False)

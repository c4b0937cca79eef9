"""Asset ``risk_alerts``: events that begin and end, and the messages about them.

Belongs here: read, move the events on, store, tell. Does not belong here: when an event begins and ends
(``market.alerts``), what is measured (``market.watching``), delivery (``resources.delivery``).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from gpu_etl.assets import showing
from gpu_etl.assets.changes import GROUP
from gpu_etl.assets.clock import refuse_to_come
from gpu_etl.assets.declaring import table_asset
from gpu_etl.assets.failures import reported
from gpu_etl.assets.index import chipset_index
from gpu_etl.assets.metadata import table
from gpu_etl.assets.risk import risk_scores
from gpu_etl.database import acting, outbox, readings
from gpu_etl.database import alert_readings as numbers
from gpu_etl.database import alerts as stored
from gpu_etl.database.transactions import Transactions
from gpu_etl.market import alerts, watching
from gpu_etl.market.alerts import Kind, OpenAlert, Reading
from gpu_etl.partitions import market_day
from gpu_etl.resources.delivery import deliver
from gpu_etl.resources.messages import about, receivers
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings
from gpu_etl.sources import danawa, jsonld, naver

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow

SILENCE = max(rule.forget_after for kind, rule in alerts.RULES.items() if kind is not Kind.SOURCE_BLIND)
"""A day that is computed again can end events by their silence for this long after it."""
LATE = timedelta(hours=3)
"""A run that goes on past midnight still tells its day."""


@table_asset("risk_alerts", GROUP, deps=[risk_scores, chipset_index])
def risk_alerts(
    context: dg.AssetExecutionContext, postgres: PostgresResource, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[None]:
    """Events of every kind: opened once, closed after recovery, acknowledged by a person, never doubled by a re-run."""
    day = market_day(context)
    with reported():
        refuse_to_come(day, settings)
        moved = postgres.run(lambda connection: load_risk_alerts(connection, day, settings))
        active = postgres.run(lambda connection: acting.list_alerts(connection, only_open=True, now=settings.now()))
    delivered = deliver(postgres, settings)
    for failure in delivered.failures:
        context.log.warning(failure)
    shown = [{k: row[k] for k in ("kind", "product", "value", "opened_day")} for row in active[:20]]
    by_kind = Counter(row["kind"] for row in active)
    return dg.MaterializeResult(
        metadata={
            "opened": moved.opened.total(),
            "closed": moved.closed.total(),
            "active": len(active),
            **{f"active_{kind}": by_kind[kind] for kind in Kind if by_kind[kind]},
            "messages_sent": delivered.sent,
            "messages_failed": len(delivered.failures),
            "active_alerts": table(shown),
            **({"dashboard": page} if (page := showing.dashboard_page(settings, "/alerts")) else {}),
        }
    )


@dataclass(slots=True)
class Moved:
    """How many events of each kind a day began and ended."""

    opened: Counter[Kind] = field(default_factory=Counter)
    closed: Counter[Kind] = field(default_factory=Counter)


def load_risk_alerts(connection: "Connection[DictRow]", day: date, settings: Settings) -> Moved:
    """Move the events on by a day, and by every later day that it changes; returns what began and ended on ``day``.

    Only events of the current market day are told: computing a past day again sends nothing.
    """
    first = Moved()
    for walked in numbers.days_from(connection, day):
        may_be_over = walked - day > SILENCE
        before = _state_after(connection, walked, settings) if may_be_over else None
        moved = _move(connection, walked, settings, list(Kind))
        first = moved if walked == day else first
        if may_be_over and _state_after(connection, walked, settings) == before:
            break
    return first


def watch_sources(connection: "Connection[DictRow]", settings: Settings) -> Moved:
    """Open and close the events of sources that went blind, as of today; for when nothing could be read, and so no
    other day is analysed.
    """
    return _move(connection, settings.today(), settings, [Kind.SOURCE_BLIND])


def tell_of_blind_sources(database: Transactions, settings: Settings) -> None:
    """Do so, and send what it says."""
    moved = database.run(lambda connection: watch_sources(connection, settings))
    if moved.opened or moved.closed:
        deliver(database, settings)


def asked_sources(settings: Settings) -> frozenset[str]:
    """The sources that these settings want read."""
    shops = {jsonld.source_of(url) for url in settings.shop_urls}
    return frozenset({danawa.SOURCE, readings.SOURCE, *shops, *([naver.SOURCE] if settings.naver_has_key else [])})


def _state_after(connection: "Connection[DictRow]", day: date, settings: Settings) -> dict[alerts.Key, OpenAlert]:
    return _open_before(connection, day + timedelta(days=1), settings, list(Kind))


def _open_before(
    connection: "Connection[DictRow]", day: date, settings: Settings, kinds: Collection[Kind]
) -> dict[alerts.Key, OpenAlert]:
    baseline = watching.BASELINES[settings.drop_alert_baseline].column
    return stored.open_alerts_before(connection, day, kinds, baseline)


def _move(connection: "Connection[DictRow]", day: date, settings: Settings, kinds: Collection[Kind]) -> Moved:
    step = alerts.step(day, _open_before(connection, day, settings, kinds), _readings(connection, day, settings, kinds))
    done = stored.store_step(connection, day, step, kinds)
    outbox.withdraw(connection, [outbox.message_id("opened", *key, day) for key in done.taken_back])
    if day in {settings.today(), (settings.now() - LATE).astimezone(settings.zone).date()}:
        recovered = [key for key in done.closed if key[0] is Kind.SOURCE_BLIND]
        _tell(connection, day, settings, [reading.key for reading in step.opened] + recovered)
    return Moved(Counter(reading.kind for reading in step.opened), Counter(kind for kind, _ in done.closed))


def _readings(
    connection: "Connection[DictRow]", day: date, settings: Settings, kinds: Collection[Kind]
) -> Iterator[Reading]:
    for seen in numbers.sources(connection, day, asked_sources(settings)):
        yield watching.source_reading(day, seen, is_due=_is_due(seen.source, day, settings))
    if set(kinds) == {Kind.SOURCE_BLIND}:
        return
    limits = watching.Limits(
        settings.risk_score_threshold,
        settings.drop_alert_percent,
        settings.drop_alert_baseline,
        settings.rise_alert_percent,
    )
    cards = numbers.cards(connection, day, limits.risk_score)
    first = min((card["last_sold"] for card in cards if card["last_sold"] and card["price"] is not None), default=day)
    yield from watching.day_readings(cards, limits, numbers.published_days(connection, first, day))
    for row in numbers.chipsets(connection, day):
        yield from watching.chipset_readings(row, limits)
    day_ends = datetime.combine(day + timedelta(days=1), time(), settings.zone).astimezone(UTC)
    yield from watching.target_readings(numbers.targets(connection, day, day_ends))


def _is_due(source: str, day: date, settings: Settings) -> bool:
    """Whether a day's reading is due. Reddit is also read hour by hour before; one that fails is not a blind day."""
    due = datetime.combine(day, time(settings.reddit_crawl_hour, settings.reddit_crawl_minute), settings.zone)
    return source != readings.SOURCE or settings.now() >= due


def _tell(connection: "Connection[DictRow]", day: date, settings: Settings, keys: Sequence[alerts.Key]) -> None:
    """Write a message for each event that began, and for each source that can be read again."""
    told = receivers(settings)
    if not told:
        return
    wanted = settings.notify_kinds or tuple(Kind)
    rows = stored.events_of(connection, day, [key for key in keys if key[0] in wanted])
    outbox.write(connection, told, [about(row, settings) for row in rows], settings.now())

"""``gpu-etl train``, ``backtest`` and ``explain``: the learned risk score, its record, and where a score comes from.

Belongs here: reading arguments, progress, printing. Does not belong here: learning (``assets.learning``), following a
score down (``database.explaining``).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from gpu_etl.cli import fail
from gpu_etl.cli.database import opened
from gpu_etl.cli.run import MarketDay
from gpu_etl.settings import load_settings


def _progress() -> Callable[[str], None]:
    """Tells each step with the seconds since the beginning, on standard error."""
    began = time.monotonic()
    return lambda step: click.echo(f"{time.monotonic() - began:5.0f} s  {step}", err=True)


@click.command()
@click.option(
    "--export",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="also write the model to a JSON file, with the figures of the longest backtest",
)
@click.option("--about", default="the prices in this database", show_default=True, help="what that file says of itself")
@click.option("--json", "as_json", is_flag=True, help="one JSON object on standard output instead of words")
def train(path: Path | None, about: str, as_json: bool) -> None:
    """Learn the risk score from the history in the database: a minute for two years of prices.

    The new model scores from the next day on, if it predicted the last 60 days well that it was not shown.
    """
    from gpu_etl.assets import learning
    from gpu_etl.assets.failures import Refused
    from gpu_etl.database import scoring

    settings = load_settings()
    rules = settings.keyword_rules()
    with opened(settings) as database:
        try:
            trained = learning.train(database, settings, rules, settings.now(), _progress())
        except Refused as refusal:
            fail(f"not trained: {refusal}")
        record = database.run(lambda connection: scoring.backtest_until(connection, settings.today()))
    model = trained.model
    if path is not None:
        shown = replace(model, metrics=learning.kept(record), about=about).as_json()
        path.write_text(json.dumps(shown, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    told = {
        "version": trained.version,
        "trained_from": model.trained_from.isoformat(),
        "trained_to": model.trained_to.isoformat(),
        "rows": model.rows,
        "base_rate": round(model.base_rate, 4),
        "is_active": trained.is_active,
        "why": trained.why,
        "learned_parts": sorted(model.learned_parts),
        "left_out": trained.left_out,
        "metrics": dict(model.metrics),
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(
        f"{trained.version}: learned from {model.rows:,} card-days, {model.trained_from} to {model.trained_to}, "
        f"of which {model.base_rate:.1%} fell\n"
        f"{'scores from now on' if trained.is_active else 'does not score'}: {trained.why}"
    )
    if trained.left_out:
        click.echo(f"learned without the talk: {trained.left_out}")


@click.command()
@click.option("--from-day", type=MarketDay(), help="first day to predict; default: after half a year of history")
@click.option("--to-day", type=MarketDay(), help="last day to predict; default: the last whose outcome is known")
@click.option("--json", "as_json", is_flag=True, help="one JSON object on standard output instead of words")
def backtest(from_day: date | None, to_day: date | None, as_json: bool) -> None:
    """Predict past days as if they were today and compare with what happened: minutes for a year.

    Each day is predicted by a model that had learned from days at least 31 days earlier alone.
    """
    from gpu_etl.assets import learning
    from gpu_etl.assets.failures import Refused

    settings = load_settings()
    if from_day and to_day and from_day > to_day:
        raise click.UsageError(f"--from-day {from_day} is after --to-day {to_day}")
    rules = settings.keyword_rules()
    with opened(settings) as database:
        try:
            result = learning.backtest(database, settings, rules, from_day, to_day, settings.now(), _progress())
        except Refused as refusal:
            fail(f"no backtest: {refusal}")
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False))
        return
    for line in _record(result):
        click.echo(line)


def _record(result: dict[str, Any]) -> Iterator[str]:
    head = f"{'':<24}{'n':>9}{'fell':>7}{'said':>7}{'AUC':>7}{'within':>8}{'skill':>8}{'ECE':>7}"
    yield head
    for fold in result["folds"]:
        yield _figures(f"{fold['from_day']}..{fold['to_day']}", fold)
    yield _figures("all days", result)
    yield _figures("cards", result["by_card"])
    yield ""
    yield "of the card-days with a score of"
    for band in result["by_score_band"]:
        if band["n"]:
            yield (
                f"  {band['from']:>3} to {band['to']:<3} (n = {band['n']:,}) {band['fell']:.1%} fell 5 % or more "
                f"within 28 days, {band['cheaper']:.1%} were cheaper"
            )
    for word, found in result["by_advice"].items():
        if found["n"]:
            yield f"the advice to {word} was right on {found['right']:.1%} of {found['n']:,} card-days"


def _figures(name: str, of: dict[str, Any]) -> str:
    def told(key: str, digits: int = 3) -> str:
        return "-" if of.get(key) is None else f"{of[key]:.{digits}f}"

    return (
        f"{name:<24}{of['n']:>9,}{told('base_rate'):>7}{told('said'):>7}{told('auc'):>7}{told('within_day_auc'):>8}"
        f"{told('brier_skill'):>8}{told('ece'):>7}"
    )


@click.command()
@click.argument("sku_id")
@click.argument("day", type=MarketDay())
@click.option(
    "--page", type=click.Path(dir_okay=False, path_type=Path), help="write the stored page the price was read from"
)
@click.option("--json", "as_json", is_flag=True, help="one JSON object on standard output instead of words")
def explain(sku_id: str, day: date, page: Path | None, as_json: bool) -> None:
    """Follow a card's risk score of a day down: its parts, the listings, their offers, the stored pages.

    SKU_ID may be the beginning of one, as lists show it.
    """
    from gpu_etl.database import explaining

    with opened(load_settings()) as database:
        sku_id = database.run(lambda connection, name=sku_id: explaining.card_named(connection, name))  # type: ignore[misc]
        found = database.run(lambda connection: explaining.explanation(connection, sku_id, day))
        if found is None:
            fail(database.run(lambda connection: explaining.why_nothing(connection, sku_id, day)))
        body = database.run(lambda connection: explaining.page_body(connection, found)) if page else None
    if page and body is None:
        fail(f"no stored page of {sku_id} on {day}: imported prices have none, and old pages are deleted")
    if page and body is not None:
        page.write_bytes(body)
    if as_json:
        click.echo(json.dumps(found, default=str, ensure_ascii=False))
        return
    for line in explaining.in_words(found):
        click.echo(line)

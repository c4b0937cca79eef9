"""``gpu-etl launches``: what launches did to prices, and whether talk comes before them.

Belongs here: reading arguments and printing. Does not belong here: measuring (``assets.launches``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from gpu_etl.cli import fail
from gpu_etl.cli.database import opened
from gpu_etl.settings import load_settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow
    from rich.console import Console

    from gpu_etl.market.lags import Lag
    from gpu_etl.market.launches import Effect


@click.command()
@click.option("--json", "as_json", is_flag=True, help="a JSON object on standard output: launches, rumours")
def launches(as_json: bool) -> None:
    """Measure what each launch did to its predecessors' prices, and whether talk leads prices; store and print it."""
    from rich.console import Console

    from gpu_etl.assets.launches import load_launch_effects, load_rumour_lags

    settings = load_settings()

    def measure(connection: Connection[DictRow]) -> tuple[Sequence[Effect], Sequence[Lag]]:
        return load_launch_effects(connection, settings)[0], load_rumour_lags(connection)[0]

    with opened(settings) as database:
        effects, found = database.run(measure)
    if as_json:
        told: dict[str, Any] = {"launches": [asdict(e) for e in effects], "rumours": [asdict(lag) for lag in found]}
        click.echo(json.dumps(told, default=str, ensure_ascii=False))
        return
    if not effects:
        fail("no launch within the days that are analysed: import history, then run `gpu-etl analyse`")
    console = Console(highlight=False)
    _print_effects(console, effects)
    _print_leads(console, found)


def _print_effects(console: Console, effects: Sequence[Effect]) -> None:
    from gpu_etl.cli.tables import new_table

    columns = ("launched", "successor", "predecessor", ">change", ">others", ">effect", ">95 % within", "reason")
    table = new_table("What launches did to their predecessors", *columns)
    for effect in effects:
        table.add_row(
            str(effect.launch_day),
            effect.successor,
            effect.predecessor,
            *(_percent(value) for value in (effect.change_pct, effect.control_pct, effect.effect_pct)),
            "" if effect.effect_low is None else f"{effect.effect_low:+.1f} .. {effect.effect_high:+.1f}",
            f"withheld: {effect.reason}" if effect.reason else f"against {len(effect.controls)} untouched chipsets",
        )
    console.print(table)


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:+.1f} %"


def _print_leads(console: Console, found: Sequence[Lag]) -> None:
    from gpu_etl.cli.tables import new_table

    leads = [lag for lag in found if lag.is_significant]
    tested = sum(lag.p_value is not None for lag in found)
    if not leads:
        said = f"none of {tested} keywords and lags" if tested else "too few days of talk and prices together"
        console.print(f"\n[bold]Talk that leads prices:[/bold] {said}")
        return
    table = new_table("\nTalk that leads prices", "keyword", ">days before", ">correlation", ">p over all")
    for lag in leads:
        table.add_row(lag.keyword, str(lag.lag_days), f"{lag.correlation:+.2f}", f"{lag.p_value:.3f}")
    console.print(table)

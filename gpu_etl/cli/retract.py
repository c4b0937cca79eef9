"""``gpu-etl retract``: days to come taken out again, which a clock that ran ahead has stored.

Belongs here: saying what would go, and waiting for a yes. Does not belong here: taking it out (``database.ahead``).
"""

from __future__ import annotations

import click

from gpu_etl.cli import fail
from gpu_etl.cli.database import opened
from gpu_etl.settings import load_settings


@click.command()
@click.option("--yes", is_flag=True, help="do it; without it only tell which days would go")
def retract(yes: bool) -> None:
    """Take days later than today out of the database, which a clock that ran ahead has stored; their pages stay.

    Look at this machine's clock first: where it is the one that is wrong, these days are true.
    """
    from gpu_etl.assets import clock
    from gpu_etl.database import ahead

    settings = load_settings()
    if settings.gpu_etl_now is not None:
        fail("GPU_ETL_NOW pretends what today is: leave it empty to retract days")
    now, today = settings.now(), settings.today()
    with opened(settings) as database:
        work = ahead.retract if yes else ahead.false_days
        found = database.run(lambda connection: work(connection, now + clock.MAY_DIFFER, today))
    if not found:
        click.echo(f"no day later than {today} is stored")
        return
    for day, prices in found.items():
        click.echo(f"{day}: {prices:,} prices {'are taken out' if yes else 'would be taken out'}")
    if not yes:
        local = now.astimezone(settings.zone)
        click.echo(f"nothing was changed; if it is {local:%Y-%m-%d %H:%M} ({local:%Z}) indeed: gpu-etl retract --yes")

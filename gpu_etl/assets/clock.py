"""Is this machine's clock right? A wrong one would give a day another day's prices.

Belongs here: comparing it with a site's and with what is stored, and the line that says what to do. Does not belong
here: fetching (``fetching``), which day a run is for (``partitions``).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from gpu_etl.assets.failures import Refused
from gpu_etl.database import pages
from gpu_etl.resources.http import HttpError
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from gpu_etl.database.transactions import Transactions
    from gpu_etl.resources.http_client import HttpClient

MAY_DIFFER = timedelta(hours=1)
"""By more than this, over midnight: less is a crawl that met it, or a page that a cache did not say it had held."""


def another_day_than(theirs: datetime | None, settings: Settings) -> str | None:
    """Why a crawl should stop, where it is another day by the clock of a site that tells one."""
    ours = settings.now()
    if settings.gpu_etl_now is not None or theirs is None or abs(ours - theirs) <= MAY_DIFFER:
        return None
    if theirs.astimezone(settings.zone).date() == settings.today():
        return None
    return f"{_ours(settings)}, the site's {_shown(theirs, settings)}: set the clock (timedatectl set-ntp true)"


def behind(stored: pages.CrawledAhead | None, settings: Settings, theirs: datetime | None = None) -> str | None:
    """Why no crawl should begin, where one is stored of a day to come, unless a site's clock says that ours is right.

    Not every site tells its time. ``GPU_ETL_NOW`` is for replays, which may go back.
    """
    if settings.gpu_etl_now is not None or stored is None:
        return None
    if theirs is not None and abs(settings.now() - theirs) <= MAY_DIFFER:
        return None
    return (
        f"{_ours(settings)}, but a crawl of {stored.market_day} is stored, "
        f"ended {_shown(stored.finished_at, settings)}: set the clock (timedatectl set-ntp true); or, if it is "
        "right and ran ahead then, take the days to come out again (gpu-etl retract)"
    )


def refuse_if_behind(client: HttpClient, database: Transactions, settings: Settings) -> None:
    """Ask Danawa for the time only where what is stored speaks against ours.

    Raises:
        Refused: it is behind what is stored, and Danawa does not say that it is right.
    """
    now, today = settings.now() + MAY_DIFFER, settings.today()
    stored = database.run(lambda connection: pages.crawled_ahead(connection, now, today))
    if behind(stored, settings) is None:
        return
    try:
        theirs = client.get(f"{settings.danawa_base_url}/robots.txt").answered_at
    except HttpError:
        theirs = None
    if wrong := behind(stored, settings, theirs):
        raise Refused(wrong)


def refuse_to_come(day: date, settings: Settings) -> None:
    """Refuse a day that was asked for by hand and is still to come: its silence would end every open alert.

    Raises:
        Refused: it is later than today.
    """
    if day > settings.today():
        raise Refused(f"{day} is still to come, today is {settings.today()}: nothing is known of it")


def _ours(settings: Settings) -> str:
    return f"this machine's clock says {_shown(settings.now(), settings)}"


def _shown(moment: datetime, settings: Settings) -> str:
    return f"{moment.astimezone(settings.zone):%Y-%m-%d %H:%M}"

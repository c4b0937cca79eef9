"""``make screenshots``: README's pictures, made anew from the demo's market.

Belongs here: which pictures there are. Does not belong here: the browser (``browser``), the market (``gpu_etl.demo``).
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from gpu_etl.database import Database, open_database
from gpu_etl.settings import load_settings
from gpu_etl_tests.conftest import server_home
from gpu_etl_tests.dashboard.browser import Theme, chromium, tab
from gpu_etl_tests.dashboard.serving import served


@dataclass(frozen=True)
class Picture:
    """One picture; ``{card}`` in its path is the card that fell most."""

    name: str
    path: str
    theme: Theme = "light"
    width: int = 1280
    height: int = 860
    locale: str = "en-US"


PICTURES = (
    Picture("overview", "/"),
    Picture("chipset-dark", "/chipsets/geforce-rtx-5070", theme="dark"),
    Picture("card", "/skus/{card}"),
    Picture(
        "compare", "/compare?chipset=geforce-rtx-5070&chipset=geforce-rtx-5070-ti&chipset=geforce-rtx-4070&mode=indexed"
    ),
    Picture("community", "/community"),
    Picture("alerts", "/alerts"),
    Picture("card-phone-ko", "/skus/{card}", theme="dark", width=390, height=860, locale="ko-KR"),
)


def main(folder: Path) -> None:
    """Run the demo in a home of its own, serve it, and take every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with server_home() as home:
        environment = {**os.environ, "GPU_ETL_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}
        subprocess.run([sys.executable, "-m", "gpu_etl", "demo"], env=environment, cwd=home, check=True)
        (home / "demo").chmod(0o711)
        settings = load_settings(gpu_etl_home=home / "demo", database_url=None, _env_file=None)
        database = open_database(settings)
        try:
            card = _fallen(database)
            with served(settings, database, settings.now()) as site, chromium() as browser:
                for picture in PICTURES:
                    _take(browser, site.url, picture, card, folder)
        finally:
            database.close()


def _fallen(database: Database) -> str:
    row = database.run(
        lambda connection: connection.execute(
            """select sku_id from price_changes where market_day = (select max(market_day) from price_changes)
               order by change_pct nulls last, sku_id limit 1"""
        ).fetchone()
    )
    assert row is not None
    return str(row["sku_id"])


def _take(browser: Browser, base: str, picture: Picture, card: str, folder: Path) -> None:
    with tab(browser, base, width=picture.width, theme=picture.theme, locale=picture.locale) as opened:
        opened.page.set_viewport_size({"width": picture.width, "height": picture.height})
        opened.open(picture.path.replace("{card}", card))
        opened.page.screenshot(path=folder / f"{picture.name}.png")
        print(folder / f"{picture.name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

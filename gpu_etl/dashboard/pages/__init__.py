"""Which pages there are, in the order of the menu.

Belongs here: their list. Does not belong here: the pages (one module each).
"""

from __future__ import annotations

from gpu_etl.dashboard.page import Page
from gpu_etl.dashboard.pages import alerts, card, chipset, chipsets, community, compare, health, overview, skus, stock

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    chipsets.PAGE,
    chipset.PAGE,
    skus.PAGE,
    card.PAGE,
    compare.PAGE,
    community.PAGE,
    alerts.PAGE,
    stock.PAGE,
    health.PAGE,
)

"""Addresses: chipsets in ours (``GeForce RTX 4070 Ti`` is ``geforce-rtx-4070-ti``), and which of others' may be linked.

Belongs here: reading and writing them. Does not belong here: what a chipset is (``catalog``).
"""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

from gpu_etl import catalog


def slug(chipset: str) -> str:
    """A chipset's name as it stands in an address."""
    return re.sub(r"[^a-z0-9]+", "-", chipset.lower()).strip("-")


@cache
def _by_slug() -> dict[str, str]:
    return {slug(chip.name): chip.name for chip in catalog.chipsets()}


def chipset_of(text: str) -> str | None:
    """The chipset of an address; ``None`` where there is none."""
    return _by_slug().get(text.lower())


def is_sold(name: str) -> bool:
    """Tell a chipset, which has a page, from a series that is only expected."""
    return chipset_of(slug(name)) is not None


def web_address(url: str | None) -> str | None:
    """An address that may be linked to: ``http`` or ``https``, with a host; anything else is ``None``."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None

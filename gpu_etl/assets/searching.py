"""What posts speak of: keywords, chipsets and polarity as rows of the tables that hold them.

Belongs here: putting the three readers of a text together. Does not belong here: the readers (``market.signals``,
``market.polarity``, ``catalog``), which posts (``database.community``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from gpu_etl import catalog
from gpu_etl.database import community, tables
from gpu_etl.database.bulk import LoadCounts
from gpu_etl.market import signals
from gpu_etl.market.polarity import polarity
from gpu_etl.market.signals import Rules, Signal

if TYPE_CHECKING:
    import sqlalchemy as sa
    from psycopg import Connection
    from psycopg.rows import DictRow

    Found = dict[sa.Table, list[dict[str, object]]]
    """Rows by table, of every table of ``community.found_in``."""


def search(posts: Iterable[Mapping[str, Any]], rules: Rules) -> Found:
    """Search posts, given as :func:`gpu_etl.database.community.posts_to_search` gives them."""
    found: Found = {table: [] for table in community.found_in()}
    for post in posts:
        shared = {"post_id": post["post_id"], "market_day": post["market_day"]}
        excluded = signals.why_excluded(post["title"], post["body"], is_stickied=post["is_stickied"])
        excluded = excluded or ("crosspost" if post["is_repeat"] else None)
        if excluded is None:
            thinks = polarity(post["title"], post["body"])
            shared |= {"polarity": round(thinks.score, 3), "polarity_sign": thinks.sign}
            for chipset in catalog.mentions(f"{post['title']}\n{post['body']}"):
                found[tables.chipset_mentions].append({**shared, "chipset": chipset})
            for signal in signals.find(post["post_id"], post["title"], post["body"], rules):
                found[tables.market_signals].append({**shared, **_columns(signal), "rules_version": rules.version})
        found[tables.searched_posts].append({**shared, "excluded": excluded, "digest": post["digest"]})
    return found


def _columns(signal: Signal) -> dict[str, object]:
    return {
        "keyword": signal.keyword,
        "matched_text": signal.matched_text,
        "matched_in": signal.matched_in,
        "span_start": signal.start,
        "span_end": signal.end,
    }


def search_days(connection: Connection[DictRow], days: Sequence[date], rules: Rules) -> tuple[LoadCounts, int]:
    """Search the posts of some market days; returns what changed in the signals, and how many posts were searched.

    Posts whose text was searched under the same rules and the same catalogue before are left as they are, as are those
    whose text is gone.
    """
    version = f"{rules.version} {catalog.mentions_version()}"
    found = search(community.posts_to_search(connection, days, version), rules)
    return community.store_found(connection, found, days), len(found[tables.searched_posts])

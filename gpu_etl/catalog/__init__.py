"""What a graphics card is: chipsets, makers, and reading both from a title or a post.

Belongs here: everything that answers "which card is this?", and the checked-in tables it needs. Does not belong here:
where titles come from (``sources``), prices (``market``), storage (``database``).

All of it is pure: the same text gives the same answer.
"""

from gpu_etl.catalog import overrides
from gpu_etl.catalog.card import Card, Condition, NotACard, RejectCode, SkuKey
from gpu_etl.catalog.chipsets import Chipset, chipsets
from gpu_etl.catalog.dollars import won_per_dollar
from gpu_etl.catalog.families import siblings
from gpu_etl.catalog.identify import identify
from gpu_etl.catalog.mentions import mentions, mentions_version
from gpu_etl.catalog.scope import RTX_4070_SERIES, chipset, recent, scope
from gpu_etl.catalog.search import matching, search_terms
from gpu_etl.catalog.successions import followers, new_successor, predecessors
from gpu_etl.catalog.tables import TableError

__all__ = [
    "RTX_4070_SERIES",
    "Card",
    "Chipset",
    "Condition",
    "NotACard",
    "RejectCode",
    "SkuKey",
    "TableError",
    "chipset",
    "chipsets",
    "followers",
    "identify",
    "matching",
    "mentions",
    "mentions_version",
    "new_successor",
    "overrides",
    "predecessors",
    "recent",
    "scope",
    "search_terms",
    "siblings",
    "won_per_dollar",
]

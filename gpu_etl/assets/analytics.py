"""The analytics group: from stored prices and talk to numbers that somebody acts on.

Belongs here: the order in which a day is analysed. Does not belong here: any analysis (a module each).

Both daily jobs end here, whichever came first: each step takes what is stored, and says what it did not find.
"""

from datetime import date
from typing import TYPE_CHECKING

from gpu_etl.assets.advice import load_buying_advice
from gpu_etl.assets.alerts import load_risk_alerts
from gpu_etl.assets.changes import load_price_changes
from gpu_etl.assets.index import load_chipset_index
from gpu_etl.assets.risk import load_risk_scores
from gpu_etl.market.signals import Rules
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import DictRow


def load_day(connection: "Connection[DictRow]", day: date, settings: Settings, rules: Rules) -> None:
    """Compute and store all analyses of one day, in the order of the graph."""
    load_price_changes(connection, day, settings)
    load_chipset_index(connection, day)
    load_risk_scores(connection, day, settings, rules)
    load_buying_advice(connection, day)
    load_risk_alerts(connection, day, settings)

"""The assets: what there is every market day, and how each comes from the ones before it.

Every command, and every process that Dagster starts, imports them to learn what there is. So no module here imports at
its top what only a run needs (requests, praw, psycopg, SQLAlchemy, numpy and what uses them): the function that
needs it does.
"""

from gpu_etl.assets.advice import buying_advice
from gpu_etl.assets.alerts import risk_alerts
from gpu_etl.assets.changes import price_changes
from gpu_etl.assets.community import keyword_trends, market_signals, reddit_posts
from gpu_etl.assets.index import chipset_index
from gpu_etl.assets.launches import launch_effects, rumour_lags
from gpu_etl.assets.models import risk_backtest, risk_model
from gpu_etl.assets.prices import price_logs, price_offers, raw_pages, skus
from gpu_etl.assets.report import market_report
from gpu_etl.assets.risk import risk_scores

PRICES = [raw_pages, price_offers, skus, price_logs]
COMMUNITY = [reddit_posts, market_signals, keyword_trends]
ANALYTICS = [price_changes, chipset_index, risk_scores, buying_advice, risk_alerts]
MODELS = [risk_model, risk_backtest]
OVER_ALL_DAYS = [launch_effects, rumour_lags, *MODELS]
"""What looks at the whole history at once: no partition, and in no daily job."""
EVERYTHING = [*PRICES, *COMMUNITY, *ANALYTICS, market_report, *OVER_ALL_DAYS]

"""Asset ``market_report``: a day's market as one HTML file, kept under ``GPU_ETL_HOME/reports``.

Belongs here: making the file once everything of the day is there. Does not belong here: what it holds (``offline``).
"""

import dagster as dg

from gpu_etl import offline
from gpu_etl.assets.advice import buying_advice
from gpu_etl.assets.alerts import risk_alerts
from gpu_etl.assets.changes import GROUP
from gpu_etl.assets.clock import refuse_to_come
from gpu_etl.assets.community import keyword_trends
from gpu_etl.assets.declaring import OWNERS
from gpu_etl.assets.failures import reported
from gpu_etl.assets.index import chipset_index
from gpu_etl.partitions import MARKET_DAYS, market_day
from gpu_etl.resources.postgres import PostgresResource
from gpu_etl.settings import Settings


@dg.asset(
    group_name=GROUP,
    owners=OWNERS[GROUP],
    partitions_def=MARKET_DAYS,
    deps=[risk_alerts, buying_advice, chipset_index, keyword_trends],
    kinds={"html"},
)
def market_report(
    context: dg.AssetExecutionContext, postgres: PostgresResource, settings: dg.ResourceParam[Settings]
) -> dg.MaterializeResult[None]:
    """The day in one HTML file that can be mailed: chipsets, alerts, talk, and whether it can be trusted."""
    day = market_day(context)
    path = settings.home / "reports" / f"{day}.html"
    with reported():
        refuse_to_come(day, settings)
        report = postgres.run(lambda connection: offline.read(connection, day))
        size = offline.write(offline.render(report, settings.now(), settings.zone, settings.pages_language), path)
    return dg.MaterializeResult(
        metadata={
            "file": dg.MetadataValue.path(str(path)),
            "bytes": size,
            "chipsets": len(report.chipsets),
            "alerts": len(report.alerts),
            "not_read_in_full": len(report.gaps),
        }
    )

"""When the risk score is learned anew: once a month, from all of the history.

Belongs here: that job and its schedule. Does not belong here: learning (``assets.learning``).
"""

import dagster as dg

from gpu_etl import jobs
from gpu_etl.assets import MODELS
from gpu_etl.declared import SETTINGS

risk_refit = dg.define_asset_job(
    "risk_refit",
    selection=dg.AssetSelection.assets(*MODELS),
    description="The risk score, learned anew from all of the history, and how good it was on days it had not seen.",
    tags={jobs.JOB_TAG: "risk_refit"},
)

risk_refit_monthly = dg.ScheduleDefinition(
    name="risk_refit_monthly",
    description="The risk score is learned anew once a month, where there is history enough.",
    job=risk_refit,
    cron_schedule="20 3 2 * *",  # the second day of a month before dawn: minutes of both cores, and nothing else is due
    execution_timezone=SETTINGS.market_timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

JOBS = [risk_refit]
SCHEDULES = [risk_refit_monthly]

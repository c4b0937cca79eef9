"""When launches and rumours are measured anew.

Belongs here: that job and its schedule. Does not belong here: the measurements (``assets.launches``).

Weekly: they stand on four weeks before and after a launch, and a day more hardly moves them.
"""

import dagster as dg

from gpu_etl import jobs
from gpu_etl.assets import launches
from gpu_etl.declared import SETTINGS

launch_measuring = dg.define_asset_job(
    "launch_measuring",
    selection=dg.AssetSelection.assets(launches.launch_effects, launches.rumour_lags),
    description="What launches did to prices, and whether talk comes before them, over the whole history.",
    tags={jobs.JOB_TAG: "launch_measuring"},
)

launch_measuring_weekly = dg.ScheduleDefinition(
    name="launch_measuring_weekly",
    description="What launches did to prices is measured anew once a week.",
    job=launch_measuring,
    cron_schedule="20 4 * * 1",  # Monday before dawn: no other schedule of ours is due then
    execution_timezone=SETTINGS.market_timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

JOBS = [launch_measuring]
SCHEDULES = [launch_measuring_weekly]

"""The table of contents: everything that Dagster is told about, and nothing else."""

import dagster as dg

from gpu_etl import (
    assets,
    checks,
    jobs,
    schedules,
    schedules_alerts,
    schedules_gaps,
    schedules_halves,
    schedules_launches,
    schedules_model,
    schedules_reddit,
    upkeep,
)
from gpu_etl.resources import build_resources
from gpu_etl.settings import load_settings

defs = dg.Definitions(
    assets=assets.EVERYTHING,
    asset_checks=checks.ALL,
    jobs=[
        *jobs.ALL,
        *schedules_reddit.JOBS,
        *schedules_gaps.JOBS,
        *schedules_launches.JOBS,
        *schedules_model.JOBS,
        *upkeep.JOBS,
    ],
    schedules=[
        *schedules.SCHEDULES,
        *schedules_reddit.SCHEDULES,
        *schedules_launches.SCHEDULES,
        *schedules_model.SCHEDULES,
        *upkeep.SCHEDULES,
    ],
    sensors=[*schedules.SENSORS, *schedules_alerts.SENSORS, *schedules_gaps.SENSORS, *schedules_halves.SENSORS],
    resources=build_resources(load_settings()),
    # A step in a process of its own costs 2-4 s of interpreter start; a whole day is seconds of work.
    executor=dg.in_process_executor,
)

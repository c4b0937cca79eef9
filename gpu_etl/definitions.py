"""The table of contents: everything that Dagster is told about, and nothing else."""

import gc

import dagster as dg

# What Dagster brings stays until the process ends: the collector need not walk half a million objects again and again.
gc.freeze()

from gpu_etl import assets, checks, jobs, schedules  # noqa: E402
from gpu_etl.declared import SETTINGS  # noqa: E402
from gpu_etl.resources import build_resources  # noqa: E402

defs = dg.Definitions(
    assets=assets.EVERYTHING,
    asset_checks=checks.ALL,
    jobs=[*jobs.ALL, *schedules.JOBS],
    schedules=schedules.SCHEDULES,
    sensors=schedules.SENSORS,
    resources=build_resources(SETTINGS),
    # A step in a process of its own costs 2-4 s of interpreter start; a whole day is seconds of work.
    executor=dg.in_process_executor,
)

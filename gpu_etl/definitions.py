"""The table of contents: everything that Dagster is told about, and nothing else."""

import dagster as dg

from gpu_etl import assets, checks, jobs, schedules
from gpu_etl.resources import build_resources
from gpu_etl.settings import load_settings

defs = dg.Definitions(
    assets=assets.EVERYTHING,
    asset_checks=checks.ALL,
    jobs=[*jobs.ALL, *schedules.JOBS],
    schedules=schedules.SCHEDULES,
    sensors=schedules.SENSORS,
    resources=build_resources(load_settings()),
    # A step in a process of its own costs 2-4 s of interpreter start; a whole day is seconds of work.
    executor=dg.in_process_executor,
)

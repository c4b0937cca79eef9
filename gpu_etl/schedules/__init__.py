"""When jobs run by themselves, and what happens between runs; a module a subject.

Belongs here: the table of all schedules, sensors and the jobs that only they run. Does not belong here: what the daily
jobs do (``jobs``).
"""

from __future__ import annotations

import dagster as dg

from gpu_etl.schedules import alerts, daily, gaps, halves, launches, model, reddit, upkeep

JOBS: list[dg.JobDefinition | dg.UnresolvedAssetJobDefinition] = [
    *reddit.JOBS,
    *gaps.JOBS,
    *launches.JOBS,
    *model.JOBS,
    *upkeep.JOBS,
]
SCHEDULES = [
    *daily.SCHEDULES,
    *reddit.SCHEDULES,
    *launches.SCHEDULES,
    *model.SCHEDULES,
    *upkeep.SCHEDULES,
]
SENSORS = [*daily.SENSORS, *alerts.SENSORS, *gaps.SENSORS, *halves.SENSORS]

"""The queue that runs wait in: one run of a job at a time, each with its market day.

Belongs here: what a run is given when it is queued. Does not belong here: the limits (``dagster.yaml``), or runs of
commands, which do not queue (``cli.run``).

``dagster job launch -j price_crawl`` knows nothing of partitions, and without one Dagster fails the second asset of a
partitioned job (1.13, "Cannot access partition_key for a non-partitioned run").
https://docs.dagster.io/deployment/execution/customizing-run-queue-priority
"""

from __future__ import annotations

import dagster as dg

JOB_TAG = "gpu_etl/job"
"""Every run of ours carries its job under this tag; ``dagster.yaml`` allows one running run for each value."""

RUN_BY_TAG = "gpu_etl/run_by"
"""Runs that a command carries out in its own process have its machine under this tag."""

PARTITION_TAGS = ("dagster/partition", "dagster/asset_partition_range_start")


class MarketDayCoordinator(dg.QueuedRunCoordinator):
    """Dagster's queue; a run of our jobs that comes without a partition gets today's."""

    def submit_run(self, context: dg.SubmitRunContext) -> dg.DagsterRun:
        """Queue a run."""
        run = context.dagster_run
        if JOB_TAG in run.tags and not any(tag in run.tags for tag in PARTITION_TAGS):
            from gpu_etl.settings import load_settings

            self._instance.add_run_tags(run.run_id, {"dagster/partition": load_settings().today().isoformat()})
            tagged = self._instance.get_run_by_id(run.run_id)
            if tagged is not None:
                context = context._replace(dagster_run=tagged)
        return super().submit_run(context)

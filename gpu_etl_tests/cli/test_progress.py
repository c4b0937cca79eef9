"""What a person at a terminal sees of a run."""

import dagster as dg
import pytest

from gpu_etl.cli.progress import terminal


@dg.asset
def raw_pages(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    context.log.info("page 1 of 5")
    context.log.warning("no answer; trying again in 5 s")
    return dg.MaterializeResult(metadata={"dagster/partition_row_count": 1234})


@dg.asset(deps=[raw_pages])
def risk_alerts() -> dg.MaterializeResult[None]:
    return dg.MaterializeResult()


@dg.asset_check(asset=raw_pages)
def coverage() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, description="r/nvidia blocked", severity=dg.AssetCheckSeverity.WARN)


@dg.asset
def broken() -> None:
    raise dg.Failure("a captcha")


@dg.asset(deps=[broken])
def after() -> None: ...


RESULTS = ["  raw_pages        1,234 rows", "  risk_alerts"]
TROUBLES = [
    "  warning: raw_pages: no answer; trying again in 5 s",
    "  warning: raw_pages: r/nvidia blocked",
    "  after            skipped: what it needs has failed",
]


@pytest.mark.parametrize(
    ("level", "for_machines", "output", "errors"),
    [
        ("INFO", False, RESULTS, TROUBLES),
        ("INFO", True, [], [*RESULTS, *TROUBLES]),
        ("WARNING", False, [], TROUBLES),
        ("ERROR", False, [], []),
    ],
)
def test_results_and_troubles_as_they_happen(
    level: str, for_machines: bool, output: list[str], errors: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    logger = terminal(level, results_to_stderr=for_machines)
    job = dg.Definitions(
        [raw_pages, risk_alerts, broken, after],
        asset_checks=[coverage],
        jobs=[dg.define_asset_job("full")],
        loggers={"terminal": logger},
    ).resolve_job_def("full")
    job.execute_in_process(run_config={"loggers": {"terminal": {}}}, raise_on_error=False)
    seen = capfd.readouterr()
    assert seen.out.splitlines() == output
    assert sorted(seen.err.splitlines()) == sorted(errors)

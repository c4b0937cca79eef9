"""``python -m gpu_etl --task=...``, the second spelling."""

from __future__ import annotations

import pytest

from gpu_etl.__main__ import translate


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["--task=full"], ["run", "full"]),
        (["--task=price_crawl"], ["run", "price-crawl"]),
        (["--task", "reddit_collection"], ["run", "reddit-collection"]),
        (["--task=start_scheduler"], ["scheduler", "start"]),
        (["--task=full", "--day", "2026-03-08"], ["run", "full", "--day", "2026-03-08"]),
        (["run", "full"], ["run", "full"]),
        ([], []),
    ],
)
def test_a_task_is_the_command_it_stands_for(given: list[str], meant: list[str]) -> None:
    assert translate(given) == meant


@pytest.mark.parametrize("given", [["--task=crawl"], ["--task"], ["--task="]])
def test_an_unknown_task_is_wrong_usage(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        translate(given)
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "gpu-etl: --task must be one of full, price_crawl, reddit_collection, start_scheduler\n"
    )

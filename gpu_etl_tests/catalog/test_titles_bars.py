"""The promised rates, on the labelled titles beside the project; the scoring command is what measures them."""

from pathlib import Path

import pytest

from benchmarks.identify import bars, main

TITLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "titles"
FILES = [TITLES / name for name in ("gpu.csv", "negatives.csv", "hard.csv", "reddit_mentions.csv")]

needs_titles = pytest.mark.skipif(
    not TITLES.is_dir(), reason="the labelled titles (../shared/data/titles) are not here"
)


@needs_titles
def test_the_bars_are_met(capsys: pytest.CaptureFixture[str]) -> None:
    code = main([str(path) for path in FILES])
    printed = capsys.readouterr().out
    assert code == 0, printed[printed.rindex("\nbars") :]
    assert printed.count("\n  ok   ") == 8


def test_a_missed_bar_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gpu.csv"
    path.write_text(
        "title,brand,chipset,vram_gb,is_gpu,source,tags\n"
        "MSI RTX 4070 12GB,MSI,GeForce RTX 4070,12,1,made up,easy\n"
        "MSI RTX 4080 16GB,ASUS,GeForce RTX 4070,16,1,made up,wrong|label\n",
        encoding="utf-8",
    )
    assert main([str(path)]) == 1
    printed = capsys.readouterr().out
    assert "MISS chipset, gpu.csv >= 99.0%                        50.00%" in printed
    assert "ok   VRAM, gpu.csv >= 98.5%                           100.00%" in printed
    assert "'GeForce RTX 4070' -> 'GeForce RTX 4080'" in printed
    assert "tag wrong" in printed


def test_no_files_no_bars() -> None:
    assert bars({}, {}) == []

"""Dumps of our own making through ``gpu-etl import reddit-dump``: routed, resumed, repeated, refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard

from gpu_etl.assets.dumps import DumpImport
from gpu_etl.database import Database
from gpu_etl.market.signals import load_rules
from gpu_etl.settings import Settings
from gpu_etl.sources.reddit_dump import DumpError
from gpu_etl_tests.assets.community import coverage, rows

MARCH = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
HOUR = 3600
TABLES = (
    "reddit_posts",
    "reddit_observations",
    "market_signals",
    "chipset_mentions",
    "searched_posts",
    "source_coverage",
    "keyword_trends",
    "quarantine",
    "file_imports",
)


def line(number: int, subreddit: str = "nvidia", **changes: Any) -> dict[str, Any]:
    return {
        "author": "somebody",
        "created_utc": MARCH + number * HOUR,
        "id": f"p{number:05d}",
        "num_comments": 2,
        "retrieved_on": MARCH + number * HOUR + 5,
        "_meta": {"retrieved_2nd_on": MARCH + (number + 36) * HOUR},
        "score": number,
        "selftext": "",
        "subreddit": subreddit,
        "title": f"RTX 5070 price drop {number}",
        **changes,
    }


def text(lines: list[dict[str, Any] | str]) -> bytes:
    return b"".join((one if isinstance(one, str) else json.dumps(one)).encode() + b"\n" for one in lines)


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """March 2026: a post of r/nvidia every hour, others in between, and three that make no sense."""
    lines: list[dict[str, Any] | str] = []
    for number in range(31 * 24):
        lines += [line(number), line(number, "aww", id=f"q{number:05d}")]
    lines[100:100] = [line(9, id="bad"), line(9, created_utc="soon"), '{"subreddit":"nvidia", oops']
    lines[100] = line(9, id="bad1", created_utc=None)
    path = tmp_path / "RS_2026-03.zst"
    path.write_bytes(zstandard.ZstdCompressor().compress(text(lines)))
    return path


@pytest.fixture
def load(database: Database, make_settings: Callable[..., Settings]) -> Callable[..., DumpImport]:
    """``load(path, **settings)``: one import by a process of its own, so to speak."""

    def once(path: Path, **changes: Any) -> DumpImport:
        work = DumpImport(database, make_settings(**{"reddit_subreddits": "nvidia", **changes}), load_rules())
        work.load(path)
        return work

    return once


def everything(database: Database) -> dict[str, list[Any]]:
    return {table: rows(database, f"select t::text || t.xmin as row from {table} t order by 1") for table in TABLES}


def test_a_month_is_routed_to_its_days(month: Path, database: Database, load: Callable[..., DumpImport]) -> None:
    work = load(month)
    assert (work.summary.posts, work.summary.inserted, dict(work.summary.by_subreddit)) == (744, 744, {"nvidia": 744})
    assert sum(work.summary.refused.values()) == 3
    covered = coverage(database)
    assert covered.pop("2026-03-01") == ("partial", 15, "not read: 00:00 to 09:00")  # a month begins in UTC
    assert covered.pop("2026-04-01")[1] == 9
    assert set(covered.values()) == {("complete", 24, None)}
    assert len(covered) == 30
    [trend] = rows(database, "select * from keyword_trends where keyword = 'Price Drop' and market_day = '2026-03-20'")
    assert (trend["mentions"], trend["posts"], trend["growth_pct"]) == (24, 24, 0)
    [stored] = rows(database, "select * from reddit_posts where post_id = 'p00030'")
    assert (str(stored["market_day"]), stored["title"], stored["has_text"]) == ("2026-03-02", "", False)
    [seen] = rows(database, "select * from reddit_observations where post_id = 'p00030'")
    assert (seen["score"], seen["observed_at"].timestamp()) == (30, MARCH + 66 * HOUR)
    assert {row["subject"] for row in rows(database, "select * from quarantine")} == {"bad1", "p00009", "line"}


def test_a_repeated_import_changes_nothing(month: Path, database: Database, load: Callable[..., DumpImport]) -> None:
    load(month)
    before = everything(database)
    again = load(month)
    assert everything(database) == before
    assert (again.summary.inserted, again.summary.unchanged, again.summary.resumed) == (0, 744, 0)


class Interrupted(BaseException):
    pass


def test_an_interrupted_import_goes_on_where_it_was(
    tmp_path: Path, database: Database, make_settings: Callable[..., Settings]
) -> None:
    path = tmp_path / "long.zst"
    lines: list[dict[str, Any] | str] = [line(n, created_utc=MARCH + n * 60, selftext="x " * 2000) for n in range(5000)]
    path.write_bytes(zstandard.ZstdCompressor().compress(text(lines)))
    settings = make_settings(reddit_subreddits="nvidia")

    def interrupt(position: int) -> None:
        if rows(database, "select * from file_imports"):
            raise Interrupted

    first = DumpImport(database, settings, load_rules())
    with pytest.raises(Interrupted):
        first.load(path, interrupt)
    assert 0 < first.summary.posts < 5000
    second = DumpImport(database, settings, load_rules())
    second.load(path)
    assert second.summary.resumed == 1
    assert first.summary.posts + second.summary.posts == 5000
    assert rows(database, "select count(*) as n from reddit_posts") == [{"n": 5000}]
    assert rows(database, "select * from file_imports") == []
    assert coverage(database)["2026-03-02"][:2] == ("complete", 1440)


def test_any_other_file_covers_from_its_first_post_to_its_last(
    tmp_path: Path, database: Database, load: Callable[..., DumpImport]
) -> None:
    path = tmp_path / "nvidia_submissions.ndjson"
    path.write_bytes(text([line(n) for n in range(20, 70)]))
    load(path)
    assert coverage(database) == {
        "2026-03-02": ("partial", 19, "not read: 00:00 to 05:00"),
        "2026-03-03": ("complete", 24, None),
        "2026-03-04": ("partial", 7, "not read: 06:00 to 24:00"),
    }


def test_a_month_that_ends_early_does_not_cover_its_end(
    tmp_path: Path, database: Database, load: Callable[..., DumpImport]
) -> None:
    path = tmp_path / "RS_2026-03.ndjson"
    path.write_bytes(text([line(n) for n in range(240)]))
    load(path)
    assert max(coverage(database)) == "2026-03-11"


def test_a_subreddit_that_is_not_in_the_file_is_not_covered(
    month: Path, database: Database, load: Callable[..., DumpImport]
) -> None:
    load(month, reddit_subreddits="nvidia hardware")
    assert coverage(database, "hardware") == {}


def test_a_cut_off_file_is_named_and_what_came_before_stands(
    tmp_path: Path, database: Database, load: Callable[..., DumpImport]
) -> None:
    path = tmp_path / "RS_2026-03.ndjson"
    path.write_bytes(text([line(n) for n in range(10)]) + b'{"id": "p0')
    with pytest.raises(DumpError, match="ends within a line"):
        load(path)
    assert len(rows(database, "select * from reddit_posts")) == 10
    assert coverage(database) == {}


def test_posts_deleted_later_come_without_text_and_are_not_searched(
    tmp_path: Path, database: Database, load: Callable[..., DumpImport]
) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(text([line(1), line(2, _meta={"was_deleted_later": True})]))
    load(path)
    assert [row["post_id"] for row in rows(database, "select * from searched_posts")] == ["p00001"]


def test_the_command_tells_what_it_took(month: Path, database_url: str, tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "GPU_ETL_HOME": str(tmp_path / "home"),
        "DATABASE_URL": database_url,
        "REDDIT_SUBREDDITS": "nvidia",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "gpu_etl", "import", "reddit-dump", *arguments]
        return subprocess.run(
            words, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )

    done = command(str(tmp_path), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["files"], told["posts"], told["first_day"], told["last_day"]) == (1, 744, "2026-03-01", "2026-04-01")
    others = tmp_path / "others.ndjson"
    others.write_bytes(text([line(1, "aww")]))
    nothing = command(str(others))
    assert (nothing.returncode, nothing.stdout) == (0, "1 file, 0 posts: 0 new, 0 already there\n")
    assert nothing.stderr.splitlines()[-1] == "gpu-etl: no post of r/nvidia; REDDIT_SUBREDDITS says which are taken"
    (tmp_path / "bad.zst").write_bytes(b"PK no dump")
    failed = command(str(tmp_path / "bad.zst"))
    assert failed.returncode == 1
    assert "not a zstandard file" in failed.stdout
    assert failed.stderr.strip().splitlines()[-1] == "gpu-etl: 1 of 1 files could not be read to their end"

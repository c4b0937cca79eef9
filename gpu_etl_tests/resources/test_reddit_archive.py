"""Arctic Shift from a script: paging by time, what it says when it does not answer, what a day of it is worth."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gpu_etl.resources.reddit_archive import ArchiveReader
from gpu_etl.resources.reddit_coverage import Collected
from gpu_etl.resources.reddit_session import FeedAnswer
from gpu_etl.sources.records import CoverageStatus

START = datetime(2026, 1, 9, 15, tzinfo=UTC)
END = START + timedelta(days=1)


class Archive:
    """Holds so many posts a subreddit, one every five minutes; ``script`` answers the requests that it names."""

    def __init__(self, posts: dict[str, int], script: dict[int, Any] | None = None) -> None:
        self.posts = posts
        self.script = script or {}
        self.urls: list[str] = []
        self.slept: list[float] = []

    def __call__(self, url: str, /) -> FeedAnswer:
        self.urls.append(url)
        answer = self.script.get(len(self.urls))
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            return FeedAnswer(answer[0], answer[1], {})
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        rows: list[dict[str, Any]] = [
            {
                "id": f"{asked['subreddit'].lower()}{number}",
                "subreddit": asked["subreddit"],
                "created_utc": int(START.timestamp()) + 300 * number,
                "title": f"post {number}",
                "selftext": "",
                "score": 1,
                "num_comments": 0,
                "retrieved_on": int(END.timestamp()),
            }
            for number in range(self.posts[asked["subreddit"]])
        ]
        found = [row for row in rows if int(asked["after"]) < int(str(row["created_utc"])) < int(asked["before"])]
        return FeedAnswer(200, json.dumps({"data": found[: int(asked["limit"])]}).encode(), {})

    def read(self, *names: str) -> Collected:
        return ArchiveReader(self, base_url="http://archive", sleep=self.slept.append).read(names, START, END)


def test_a_day_is_paged_through_slowly_and_each_post_comes_once() -> None:
    archive = Archive({"nvidia": 288, "Amd": 1})
    read = archive.read("nvidia", "Amd")
    assert len({post.post_id for post in read.posts}) == len(read.posts) == 289
    assert [(c.subreddit, c.status, c.got) for c in read.coverage] == [
        ("nvidia", CoverageStatus.COMPLETE, 288),
        ("Amd", CoverageStatus.COMPLETE, 1),
    ]
    assert {c.reaches_back_to for c in read.coverage} == {START}
    assert archive.slept == [1.0] * len(archive.urls)
    assert read.mode == "arctic_shift"
    assert {post.observed_at for post in read.posts} == {END}


def test_nothing_beyond_the_day_is_taken() -> None:
    read = Archive({"nvidia": 400}).read("nvidia")
    assert max(post.created_utc for post in read.posts) < END
    assert len(read.posts) == 288


def test_a_subreddit_of_which_it_holds_nothing_is_not_complete() -> None:
    [coverage] = Archive({"nvidia": 0}).read("nvidia").coverage
    assert (coverage.status, coverage.reaches_back_to) == (CoverageStatus.PARTIAL, None)
    assert coverage.reason == "the archive holds no post of it on that day"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((200, b'{"data":null,"error":"Slow down a little"}'), "Slow down a little"),
        ((503, b"<html>Under maintenance</html>"), "503 without JSON"),
        (ConnectionResetError(), "ConnectionResetError"),
    ],
)
def test_what_passes_is_tried_again_and_what_stays_is_a_gap(answer: Any, reason: str) -> None:
    passing = Archive({"nvidia": 3}, {1: answer, 2: answer})
    assert passing.read("nvidia").coverage[0].status is CoverageStatus.COMPLETE
    [coverage] = Archive({"nvidia": 3}, dict.fromkeys(range(1, 9), answer)).read("nvidia").coverage
    assert (coverage.status, coverage.got) == (CoverageStatus.FAILED, 0)
    assert reason in (coverage.reason or "")


def test_a_failure_halfway_is_a_lower_bound() -> None:
    archive = Archive({"nvidia": 288}, dict.fromkeys(range(2, 9), (200, b'{"data":null,"error":"Query timed out"}')))
    [coverage] = archive.read("nvidia").coverage
    assert (coverage.status, coverage.got, coverage.reaches_back_to) == (CoverageStatus.PARTIAL, 100, None)
    assert "Query timed out" in (coverage.reason or "")

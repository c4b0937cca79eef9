"""Hand-made Reddits: listings from a script, a feed from a script, and a clock that only sleeping moves.

Belongs here: what several ``test_reddit_*`` files use. Does not belong here: the replay of the market (``replay``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def child(number: int, *, subreddit: str = "nvidia", **changes: Any) -> dict[str, Any]:
    """The post that was made ``number`` minutes ago."""
    data = {
        "id": f"p{number:05d}",
        "subreddit": subreddit,
        "created_utc": (NOW - timedelta(minutes=number)).timestamp(),
        "title": f"post {number}",
        "selftext": "",
        "permalink": f"/r/{subreddit}/comments/p{number:05d}/post/",
        "score": 1,
        "num_comments": 0,
    }
    return {"kind": "t3", "data": {**data, **changes}}


def listing(children: list[dict[str, Any]], after: str | None = None) -> dict[str, Any]:
    return {"kind": "Listing", "data": {"after": after, "children": children}}


class FakeReddit:
    """Serves subreddits page by page; ``script`` holds, by request number from 1, what to answer or raise instead."""

    def __init__(self, posts: Mapping[str, int], script: Mapping[int, Any] | None = None) -> None:
        self.posts = posts
        self.script = dict(script or {})
        self.asked: list[tuple[str, str | int | None]] = []

    def request(self, *, method: str, path: str, params: dict[str, str | int]) -> Any:
        assert method == "GET"
        name = path.split("/")[1]
        self.asked.append((name, params.get("after", params.get("id"))))
        answer = self.script.get(len(self.asked))
        if isinstance(answer, Exception):
            raise answer
        if len(self.asked) in self.script:
            return answer
        if path == "api/info":
            numbers = [int(one.removeprefix("t3_p")) for one in str(params["id"]).split(",")]
            return listing([child(number, score=77) for number in numbers if number <= self.posts["info"]])
        first = int(str(params.get("after", "t3_p00000")).removeprefix("t3_p"))
        limit = int(params["limit"])
        last = min(first + limit, self.posts[name])
        children = [child(number, subreddit=name) for number in range(first + 1, last + 1)]
        return listing(children, f"t3_p{last:05d}" if last < self.posts[name] else None)


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    time: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@dataclass
class Answer:
    """One answer of the feed."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/atom+xml; charset=UTF-8"})


def feed(posts: list[tuple[int, str]]) -> bytes:
    """A feed of posts, each as (minutes ago, subreddit)."""
    entries = "".join(
        f'<entry><author><name>/u/jane</name></author><category term="{subreddit}"/>'
        f'<content type="html">{escape("submitted by /u/jane")}</content><id>t3_p{number:05d}</id>'
        f'<link href="https://www.reddit.com/r/{subreddit}/comments/p{number:05d}/"/>'
        f"<published>{(NOW - timedelta(minutes=number)).isoformat()}</published><title>post {number}</title></entry>"
        for number, subreddit in posts
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{entries}</feed>'.encode()


class FakeFetch:
    """Answers a feed's requests one after the other, the last one for ever; an exception is raised."""

    def __init__(self, *answers: Answer | Exception, clock: Clock | None = None) -> None:
        self.answers = answers
        self.clock = clock or Clock()
        self.urls: list[str] = []
        self.times: list[float] = []

    def __call__(self, url: str, /) -> Answer:
        self.urls.append(url)
        self.times.append(self.clock.time)
        answer = self.answers[min(len(self.urls), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

"""What people write in the simulated subreddits.

Belongs here: how many posts a day has on each topic, where and when they are written, how their scores grow. Does not
belong here: the sentences (``talk_texts``), Reddit's formats (``reddit``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from string import Formatter
from zoneinfo import ZoneInfo

from gpu_etl.demo.talk_texts import FILLERS, TOPICS

SUBREDDITS = ("nvidia", "pcmasterrace", "hardware", "buildapc", "hardwareswap", "Amd", "buildapcsales")

POSTS_A_DAY = {
    "release": 1.5,
    "release_date": 0.3,
    "leak": 0.8,
    "issues": 3.2,
    "price_drop": 2.2,
    "used_market": 3.5,
    "chatter": 16.0,
}
GROWTH_A_DAY = {"release": 0.9, "release_date": 0.3, "leak": 0.25}
"""How many more posts a day these topics get with each of the last seven days."""
RUMOUR_DAYS = 7

PLACES: dict[str, Mapping[str, int]] = {
    "release": {"nvidia": 5, "hardware": 4, "pcmasterrace": 2, "Amd": 1},
    "release_date": {"nvidia": 5, "buildapc": 3, "pcmasterrace": 1},
    "leak": {"hardware": 4, "nvidia": 3, "Amd": 2},
    "issues": {"nvidia": 4, "pcmasterrace": 3, "buildapc": 3, "Amd": 2},
    "price_drop": {"buildapcsales": 6, "pcmasterrace": 1, "nvidia": 1, "Amd": 1},
    "used_market": {"hardwareswap": 6, "buildapc": 1, "pcmasterrace": 1},
    "chatter": {"pcmasterrace": 6, "buildapc": 6, "hardware": 2, "nvidia": 2, "Amd": 2},
}
TYPICAL_SCORE = {"nvidia": 60, "pcmasterrace": 120, "hardware": 90, "buildapc": 6, "hardwareswap": 3, "Amd": 40,
                 "buildapcsales": 45}  # fmt: skip

REMOVED_SHARE = 0.01
EPOCH = date(2020, 1, 1)
FIRST_ID = int("1m0000", 36)
IDS_A_DAY = 20_000

_GROWTH = ((0, 0.05), (6, 0.56), (18, 0.9), (36, 0.98), (48, 1.0))
"""Which share of its last score a post has after so many hours."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One post; ``topic`` is what it was written about, which no reader of the site is told."""

    post_id: str
    subreddit: str
    author: str
    created_utc: datetime
    title: str
    body: str
    topic: str
    score: int
    comments: int
    stickied: bool = False
    removed: bool = False

    def seen_at(self, moment: datetime) -> Talk:
        """The post as it stands at ``moment``: a score grows for two days, a daily thread is pinned for one."""
        hours = (moment - self.created_utc).total_seconds() / 3600
        share = _share(hours)
        return replace(
            self,
            score=max(1, round(self.score * share)),
            comments=round(self.comments * share),
            stickied=self.stickied and hours < 24,
        )


def _share(hours: float) -> float:
    for (start, low), (end, high) in pairwise(_GROWTH):
        if hours < end:
            return low + (high - low) * max(0.0, hours - start) / (end - start)
    return 1.0


def write_day(random: Random, day: date, away: int, zone: ZoneInfo) -> list[Talk]:
    """The posts of one market day, oldest first; ``away`` counts the days from the market's today."""
    topics = [topic for topic in TOPICS for _ in range(_count(random, topic, away))]
    seconds = sorted(random.sample(range(1, 86_400), len(topics) + 1))
    random.shuffle(topics)
    midnight = datetime.combine(day, time(), zone)
    first_id = FIRST_ID + (day - EPOCH).days * IDS_A_DAY
    posts = [_daily_thread(day, midnight.astimezone(UTC), first_id)]
    for topic, second in zip(topics, seconds, strict=False):
        created = (midnight + timedelta(seconds=second)).astimezone(UTC)
        posts.append(_write(random, topic, created, _base36(first_id + 1 + second // 5)))
    return _unique(posts)


def _count(random: Random, topic: str, away: int) -> int:
    rate = POSTS_A_DAY[topic] + GROWTH_A_DAY.get(topic, 0) * min(RUMOUR_DAYS, max(0, RUMOUR_DAYS + away))
    return int(rate * random.uniform(0.75, 1.25) + random.random())


def _write(random: Random, topic: str, created: datetime, post_id: str) -> Talk:
    places = PLACES[topic]
    subreddit = random.choices(list(places), list(places.values()))[0]
    title, body = random.choice(TOPICS[topic])
    score = round(TYPICAL_SCORE[subreddit] * random.lognormvariate(0, 1))
    removed = random.random() < REMOVED_SHARE
    return Talk(
        post_id=post_id,
        subreddit=subreddit,
        author=f"demo_{random.choice(FILLERS['name']).lower()}_{random.randrange(1000)}",
        created_utc=created,
        title=_fill(random, title),
        body="[removed]" if removed else _fill(random, body),
        topic=topic,
        score=max(1, score),
        comments=round(score * random.uniform(0.1, 0.9)),
        removed=removed,
    )


def _fill(random: Random, template: str) -> str:
    """Fill each gap by a draw of its own, so that a comparison compares two things."""
    return "".join(
        text + (random.choice(FILLERS[gap]) if gap else "") for text, gap, _, _ in Formatter().parse(template)
    )


def _daily_thread(day: date, created: datetime, number: int) -> Talk:
    return Talk(
        post_id=_base36(number),
        subreddit="buildapc",
        author="AutoModerator",
        created_utc=created,
        title=f"Simple Questions - {day:%B} {day.day}, {day.year}",
        body="Ask here what needs no thread of its own. Please read the rules first.",
        topic="chatter",
        score=4,
        comments=90,
        stickied=True,
    )


def _unique(posts: list[Talk]) -> list[Talk]:
    """Posts of the same five seconds would share an id: the first of them stays."""
    return list({post.post_id: post for post in reversed(posts)}.values())[::-1]


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits

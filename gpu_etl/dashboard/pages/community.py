"""``/community``: what Reddit talks about: keywords, the posts behind them, chipsets, and which days were read.

Belongs here: what that page holds and its charts. Does not belong here: how it looks (the template), its queries
(``database.dashboard_community``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.dashboard.bar_charts import bars, ranking
from gpu_etl.dashboard.charts import Bar, Figure, escaped
from gpu_etl.dashboard.coverage import CoverageRow, by_part
from gpu_etl.dashboard.page import DAY_PARAMETERS, Asked, NotThereError, Page, Parameter
from gpu_etl.database import dashboard_community as queries
from gpu_etl.market.trends import RISING_ABOVE_PCT
from gpu_etl.words import Words

PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class CommunityPage:
    """What Reddit talked about in 30 days, or in the period asked for."""

    day: date | None
    """The latest day of the period with keyword trends; null when there is none."""
    first: date
    last: date
    rising_above_pct: float
    """Growth from which a keyword counts as rising."""
    keyword: str | None
    """The keyword whose days and posts are shown."""
    keywords: list[queries.KeywordRow]
    posts: list[queries.Post]
    """The five best of that keyword in the period, by score and then comments."""
    mention_days: list[queries.MentionDay]
    """Every keyword on every day."""
    talked_chipsets: list[queries.ChipsetTalk]
    coverage: list[queries.CoverageDay]
    """How well each subreddit was read on each day; a day that is missing was not read."""

    def course(self, keyword: str) -> list[float | None]:
        """A keyword's mentions on each day of the period; unknown where the day was not read."""
        found = {row.market_day: row.mentions for row in self.mention_days if row.keyword == keyword}
        return [found.get(day) for day in self.dates()]

    def dates(self) -> list[date]:
        """The days of the period."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def parts(self) -> list[CoverageRow]:
        """Coverage, a row a subreddit."""
        return by_part(self.coverage, self.dates())


def load(connection: Connection[DictRow], asked: Asked) -> CommunityPage:
    """Read it; ``keyword`` chooses the keyword, by default the one that rises most or is talked about most."""
    period = asked.period(PERIOD, queries.latest_day(connection))
    day = queries.latest_day(connection, period.first, period.last)
    keywords = queries.keywords(connection, period.first, day) if day else []
    keyword = _chosen(asked.word("keyword"), keywords)
    return CommunityPage(
        day=day,
        first=period.first,
        last=period.last,
        rising_above_pct=RISING_ABOVE_PCT,
        keyword=keyword,
        keywords=keywords,
        posts=queries.top_posts(connection, keyword, period.first, period.last) if keyword else [],
        mention_days=queries.mention_days(connection, period.first, period.last),
        talked_chipsets=queries.chipsets(connection, period.first, period.last),
        coverage=queries.coverage(connection, period.first, period.last, "reddit"),
    )


def _chosen(asked: str, keywords: Sequence[queries.KeywordRow]) -> str | None:
    if asked:
        if asked not in {row.keyword for row in keywords}:
            raise NotThereError(f"no keyword {asked!r} in this period")
        return asked
    rising = [row for row in keywords if row.is_rising]
    return max(rising, key=_growth).keyword if rising else keywords[0].keyword if keywords else None


def _growth(row: queries.KeywordRow) -> float:
    growth = row.share_growth_pct if row.growth_pct is None else row.growth_pct
    return 0.0 if growth is None else growth


def address(keyword: str, page: CommunityPage) -> str:
    """The page with another keyword chosen, in the same period."""
    return "/community?" + urlencode({"keyword": keyword, "from": page.first, "to": page.last})


def charts(page: CommunityPage, words: Words) -> Mapping[str, Figure]:
    """Mentions by keyword, and of the chosen keyword by day."""
    if not page.keywords:
        return {}
    ranked = [
        Bar(
            row.keyword,
            row.mentions_period,
            hover="<br>".join(
                (
                    escaped(row.keyword),
                    words.text("community.mentions_in", n=row.mentions_period or 0, days=row.days_read),
                    words.text("community.growth_of", change=words.change(_growth_of(row), 0)),
                    words.text("community.click"),
                )
            ),
            url=address(row.keyword, page),
            colour="series-2" if row.is_rising else "series-1",
        )
        for row in page.keywords
    ]
    figures = {"keywords": ranking(ranked)}
    if page.keyword:
        course = page.course(page.keyword)
        hovers = [_hover(day, value, words) for day, value in zip(page.dates(), course, strict=True)]
        unread = [day for day, value in zip(page.dates(), course, strict=True) if value is None]
        figures["days"] = bars(page.dates(), course, hovers, words, unread=unread)
    return figures


def _growth_of(row: queries.KeywordRow) -> float | None:
    return row.share_growth_pct if row.growth_pct is None else row.growth_pct


def _hover(day: date, mentions: float | None, words: Words) -> str:
    told = words.text("chart.unread") if mentions is None else words.text("community.posts", n=int(mentions))
    return f"{told}<br>{words.day(day)}"


PAGE = Page(
    "community",
    "/community",
    CommunityPage,
    load,
    charts,
    in_menu=True,
    parameters={**DAY_PARAMETERS, "keyword": Parameter("The keyword whose posts are told", {"type": "string"})},
)

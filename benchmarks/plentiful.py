"""Rows beside the prices, made by the database itself: talk, sellers' offers and stored pages of two years.

Belongs here: so many rows, spread as real ones are, that the planner takes the tables for large. Does not belong here:
prices (``crawled``), or any meaning in the rows.
"""

from __future__ import annotations

from datetime import date

from benchmarks.workshop import Workshop

POSTS_A_DAY = 300
SELLERS = 5
DAYS_OF_OFFERS = 60
PAGES_A_DAY = 35


def fill(place: Workshop, first: date, last: date, times: int) -> None:
    """Fill the tables for these days; all but the days ``times`` as much. Prices and listings are there already."""
    for statement in (_POSTS, _OBSERVATIONS, _SEARCHED, _SIGNALS, _MENTIONS, _TRENDS, _COVERAGE, _OFFERS, _PAGES):
        place.database.run(
            lambda connection, statement=statement: connection.execute(  # type: ignore[misc]
                statement,
                {
                    "first": first,
                    "last": last,
                    "posts": POSTS_A_DAY * times,
                    "sellers": SELLERS,
                    "offers_from": date.fromordinal(last.toordinal() - DAYS_OF_OFFERS + 1),
                    "pages": PAGES_A_DAY * times,
                },
            )
        )


_DAYS = "generate_series(%(first)s::date, %(last)s::date, '1 day') d(at)"
_LABELS = "'{New Release,Leak,Issues,Price Drop,Used Market,5070 release date}'::text[]"

_POSTS = f"""
insert into reddit_posts (post_id, subreddit, created_utc, market_day, title, body, url, read_from, is_stickied,
                          is_removed, has_text)
select to_hex((at::date - date '2020-01-01') * 100000 + n), 'nvidia', at + n * interval '1 second', at::date,
       'a title of some length ' || n, repeat('what people write ', 20), 'https://www.reddit.com/' || n, 'rss', false,
       false, true
from {_DAYS}, generate_series(1, %(posts)s::int) n"""  # noqa: S608

_OBSERVATIONS = """
insert into reddit_observations (post_id, observed_at, score, comments)
select post_id, created_utc + hours * interval '1 hour', hashtext(post_id) & 1023, hashtext(post_id) & 127
from reddit_posts, generate_series(1, 25, 24) hours"""

_SEARCHED = """
insert into searched_posts (post_id, market_day, polarity, polarity_sign, digest)
select post_id, market_day, (hashtext(post_id) %% 1000) / 1000.0, sign(hashtext(post_id)), 'digest' from reddit_posts"""

_SIGNALS = f"""
insert into market_signals (post_id, keyword, market_day, matched_text, matched_in, span_start, span_end, rules_version,
                            polarity, polarity_sign)
select post_id, ({_LABELS})[1 + abs(hashtext(post_id || '+')) %% 6], market_day, 'leak', 'title', 0, 4, 'rules',
       polarity, polarity_sign
from searched_posts where hashtext(post_id) & 3 = 0"""  # noqa: S608

_MENTIONS = """
insert into chipset_mentions (post_id, chipset, market_day, polarity, polarity_sign)
select post_id, known.chipset, market_day, polarity, polarity_sign
from searched_posts join (select chipset, row_number() over () - 1 as place, count(*) over () as number
                        from (select distinct chipset from skus) s) known
     on known.place = abs(hashtext(post_id || '-')) %% known.number
where hashtext(post_id) & 1 = 0"""

_TRENDS = f"""
insert into keyword_trends (keyword, market_day, mentions, posts, mentions_per_1000, is_rising, weight)
select keyword, at::date, 12, 300, 40, false, 1 from {_DAYS}, unnest({_LABELS}) keyword"""  # noqa: S608

_COVERAGE = f"""
insert into source_coverage (source, part, market_day, status, got, checked_at)
select source, 'list', at::date, 'complete', 900, at
from {_DAYS}, unnest('{{danawa,reddit}}'::text[]) source on conflict do nothing"""  # noqa: S608

_OFFERS = """
insert into price_offers (source, listing_id, market_day, position, title, seller, price, currency, availability,
                          observed_at)
select source, listing_id, market_day, n, 'a title of some length', 'shop ' || n, price + n, currency, availability,
       recorded_at
from price_logs, generate_series(0, %(sellers)s::int) n
where market_day between %(offers_from)s and %(last)s"""

_PAGES = f"""
insert into raw_pages (source, market_day, url, sha256, fetched_at, status, kind, size, body)
select 'danawa', at::date, 'https://prod.danawa.com/list/?page=' || n, md5(at::text || n), at, 200, 'ok', 97000,
       convert_to(repeat(md5(at::text || n), 200), 'UTF8')
from {_DAYS}, generate_series(1, %(pages)s::int) n"""  # noqa: S608

"""Where a card's price stands in its own past: ranges, place in them, unrest, all-time low.

Belongs here: those definitions, as parts of the one query over all cards (``changes``). Does not belong here: a card's
price on a day (``changes``), chipsets (``index``).

- All of it reads the card's own earlier rows of ``price_changes``, one a day, which hold the lowest trusted price of
  its new listings: a price of another condition, or one that was not believed, is in none of them.
- It looks at most 90 days back, and further only along an index: the lowest price of all time is its first entry
  before the day; the last different price, where 28 days hold none, is found backwards from the day. So a day costs the
  same after 10 days and after 800, and nothing is carried over from row to row: a row depends on the prices before its
  day and on no later one, whichever day is computed when. Where the price of a past day is corrected, later rows of
  that card stay as they are until they are computed again, in the order of days.
- The last 28 and 90 days include the day. A range wants a price on half of its days; otherwise it is NULL and
  ``history_reason`` says how many there are.
- The place in a range is the mid-rank: the share of its prices below the day's, equal ones counted half. A price that
  never moved stands at 50, a new low near 0, a new high near 100, and a higher price never stands lower.
- Unrest is the standard deviation of the daily changes of 28 days in logarithms, x 100: a fall of a fifth and the rise
  that undoes it are the same size, as they are not in plain percentages. Only changes from one day to the next count:
  one over a gap is no daily change.
- ``unchanged_days`` counts from the first day that had today's price; NULL where no other price was seen before it:
  the card is then as old as its history.
"""

from __future__ import annotations

MIN_DAYS = {28: 14, 90: 45}
"""Days with a price that a range of so many days needs."""
MIN_CHANGES = 14
"""Changes from one day to the next that unrest needs, of 28."""

CTES = """
before as materialized (
    select c.sku_id,
           count(*) as days_90, min(c.price) as low_90, max(c.price) as high_90, sum(halves) as halves_90,
           count(*) filter (where in_28) as days_28, min(c.price) filter (where in_28) as low_28,
           max(c.price) filter (where in_28) as high_28, sum(halves) filter (where in_28) as halves_28
    from price_changes c
    left join best using (sku_id)
    cross join lateral (
        select c.market_day > %(day)s::date - 28 as in_28,
               2 * (c.price < best.price)::int + (c.price = best.price)::int as halves
    ) as place
    where c.market_day between %(day)s::date - 89 and %(day)s::date - 1 and c.price is not null
    group by c.sku_id
),
ranges as materialized (
    select today.sku_id,
           coalesce(days_28, 0) + own as days_28, coalesce(days_90, 0) + own as days_90,
           least(low_28, best.price) as low_28, least(low_90, best.price) as low_90,
           greatest(high_28, best.price) as high_28, greatest(high_90, best.price) as high_90,
           50.0 * (coalesce(halves_28, 0) + own) / nullif(coalesce(days_28, 0) + own, 0) as percentile_28,
           50.0 * (coalesce(halves_90, 0) + own) / nullif(coalesce(days_90, 0) + own, 0) as percentile_90
    from today
    left join best using (sku_id)
    left join before using (sku_id)
    cross join lateral (select (best.price is not null)::int as own) as counted
),
daily as (
    select sku_id, market_day, price, lag(market_day) over card as day_before, lag(price) over card as price_before
    from (
        select sku_id, market_day, price from price_changes
        where market_day between %(day)s::date - 28 and %(day)s::date - 1 and price is not null
        union all
        select sku_id, %(day)s::date, price from best
    ) as past
    window card as (partition by sku_id order by market_day)
),
unrest as materialized (
    select sku_id, max(market_day) filter (where price <> price_before) as moved_day,
           count(*) filter (where day_before = market_day - 1) as changes_28,
           100 * stddev_samp(ln(price::float8 / price_before)) filter (where day_before = market_day - 1)
               as volatility_28
    from daily group by sku_id
)"""
"""Reads ``today`` (sku_id) and ``best`` (sku_id, price of the day); gives ``ranges`` and ``unrest``, a row a card.

They are materialized: right after an import, before the server has counted the rows, it would take them for so few that
it computes them anew for every card.
"""

JOINS = """
left join ranges using (sku_id)
left join unrest using (sku_id)
left join lateral (
    select c.price, c.market_day from price_changes c
    where c.sku_id = today.sku_id and c.market_day < %(day)s and c.price is not null
    order by c.price, c.market_day limit 1
) as lowest on true
left join lateral (
    select c.market_day from price_changes c
    where unrest.moved_day is null and c.sku_id = today.sku_id and c.market_day < %(day)s and c.price <> best.price
    order by c.market_day desc limit 1
) as different on true
left join lateral (
    select c.market_day from price_changes c
    where different.market_day is not null and c.sku_id = today.sku_id and c.market_day < %(day)s
      and c.market_day > different.market_day and c.price is not null
    order by c.market_day limit 1
) as settled on true"""
"""Joins to ``today`` and ``best``, one row a card."""

COLUMNS = """
       days_28,
       case when days_28 >= %(min_28)s then low_28 end as low_28,
       case when days_28 >= %(min_28)s then high_28 end as high_28,
       case when days_28 >= %(min_28)s and best.price is not null then round(percentile_28, 2) end as percentile_28,
       days_90,
       case when days_90 >= %(min_90)s then low_90 end as low_90,
       case when days_90 >= %(min_90)s then high_90 end as high_90,
       case when days_90 >= %(min_90)s and best.price is not null then round(percentile_90, 2) end as percentile_90,
       least(best.price, lowest.price) as all_time_low,
       case when best.price < lowest.price or lowest.price is null and best.price is not null then %(day)s::date
            else lowest.market_day end as all_time_low_day,
       case when best.price is not null
            then %(day)s::date - coalesce(unrest.moved_day, settled.market_day) end as unchanged_days,
       case when changes_28 >= %(min_changes)s then round(volatility_28::numeric, 4) end as volatility_28,
       nullif(concat_ws('; ',
           case when best.price is null then 'no price that day' end,
           case when days_28 < %(min_28)s
                then days_28 || ' of the last 28 days have a price, ' || %(min_28)s || ' are needed'
                when changes_28 < %(min_changes)s
                then changes_28 || ' changes from one day to the next in 28 days, ' || %(min_changes)s || ' are needed'
           end,
           case when days_90 < %(min_90)s
                then days_90 || ' of the last 90 days have a price, ' || %(min_90)s || ' are needed' end
       ), '') as history_reason"""

PARAMETERS = {"min_28": MIN_DAYS[28], "min_90": MIN_DAYS[90], "min_changes": MIN_CHANGES}

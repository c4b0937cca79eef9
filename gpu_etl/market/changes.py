"""What a card costs, and how that compares with last week.

Belongs here: the definition of a card's daily price and of its weekly change, as the one query that computes both for
all cards at once, with the lowest price ever. Does not belong here: running it (``assets``), believing a price
(``suspects``), or the price's place in its own past (``history``).

- A card's price is the lowest trusted price over its new, in-stock listings. Used, import and bulk listings are other
  goods; suspect prices wait for a second sighting.
- Last week's average is the mean of the card's prices 6, 7 and 8 days back, over those of the three days that have
  one; ``baseline_days`` says how many. With none of them the change is NULL and ``reason`` says so.
- What anybody can pay for it is the lowest ``payable_price`` over the same listings, where any was read: shipping is in
  it, and it need not be the listing with the lowest list price.
- A listing's identity is what it is known to be now, for its whole history: a corrected listing moves as
  one.
- Imported files (``crawler_csv``) observe the same listings as the crawl; where both saw a listing on a day, the crawl
  counts.
"""

from __future__ import annotations

from datetime import date, timedelta

BASELINE_DAYS_BACK = (6, 7, 8)

PRICE_CHANGES = """
with observed as (
    select distinct on (p.market_day, replace(p.source, 'crawler_csv', 'danawa'), p.listing_id)
           p.market_day, p.source, p.listing_id, l.sku_id, p.price, p.payable_price,
           p.seller_count, p.availability, p.suspect_reason
    from price_logs p
    join listings l using (source, listing_id)
    join skus s on s.sku_id = l.sku_id
    where p.market_day = any(%(days)s) and p.currency = %(currency)s
      and l.condition = 'new' and s.chipset = any(%(chipsets)s)
    order by p.market_day, replace(p.source, 'crawler_csv', 'danawa'), p.listing_id, p.source = 'crawler_csv'
),
trusted as (
    select * from observed
    where price is not null and suspect_reason is null and availability in ('in_stock', 'unknown')
),
today as (
    select sku_id, count(*) as listings, sum(seller_count) as sellers,
           bool_or(price is not null and suspect_reason is not null) as has_suspect
    from observed where market_day = %(day)s group by sku_id
),
best as (
    select distinct on (sku_id) sku_id, price, source, listing_id,
           min(payable_price) over (partition by sku_id) as payable_price
    from trusted where market_day = %(day)s
    order by sku_id, price, source, listing_id
),
baseline as materialized (
    select sku_id, round(avg(price), 2) as last_week_avg, count(*) as baseline_days
    from (select sku_id, market_day, min(price) as price
          from trusted where market_day <> %(day)s group by 1, 2) as daily
    group by sku_id
)
select today.sku_id, %(day)s::date as market_day, best.price, %(currency)s as currency, today.listings, today.sellers,
       best.source as best_source, best.listing_id as best_listing_id,
       baseline.last_week_avg, coalesce(baseline.baseline_days, 0) as baseline_days,
       best.price - baseline.last_week_avg as change_amount,
       round(100 * (best.price - baseline.last_week_avg) / baseline.last_week_avg, 2) as change_pct,
       case when best.price is null and today.has_suspect then 'only an unconfirmed price today'
            when best.price is null then 'no new listing in stock'
            when baseline.last_week_avg is null then 'no price 6 to 8 days back'
       end as reason,
       best.payable_price,
       least(best.price, lowest.price) as all_time_low,
       case when best.price < lowest.price or lowest.price is null and best.price is not null then %(day)s::date
            else lowest.market_day end as all_time_low_day
from today
left join best using (sku_id)
left join baseline using (sku_id)
left join lateral (
    select c.price, c.market_day from price_changes c
    where c.sku_id = today.sku_id and c.market_day < %(day)s and c.price is not null
    order by c.price, c.market_day limit 1
) as lowest on true
order by today.sku_id
"""
"""One row a card listed on the day: the columns of ``price_changes`` but for those of ``history``."""


def parameters(day: date, chipsets: frozenset[str], currency: str = "KRW") -> dict[str, object]:
    """Parameters of :data:`PRICE_CHANGES` for one market day and the chipsets that are analysed."""
    days = [day, *(day - timedelta(days=back) for back in BASELINE_DAYS_BACK)]
    return {"day": day, "days": days, "chipsets": sorted(chipsets), "currency": currency}

"""What each fault of a site comes to: the true rows, or a clean failure that publishes nothing.

The replay commits the fault over real HTTP; the assets and the database are the real ones, in this process. The day
before is published first, once a template, so that there is a last good day to keep. A fault that both templates know
is driven in the older one, and in the other too under ``make test-all``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

import pytest
from sqlalchemy import make_url

from gpu_etl.database import Database, open_database
from gpu_etl.settings import Settings
from gpu_etl_tests.conftest import new_database, plain_settings
from gpu_etl_tests.endtoend.pricing import Prices, differences, truth_of
from gpu_etl_tests.replay import Replay, needs_replay, replay

pytestmark = [pytest.mark.slow, needs_replay]

GOOD, BAD = "2026-03-04", "2026-03-05"

TRUE = "the true rows"
FAULTS: list[tuple[str, dict[str, str]]] = [
    # what is not a page
    ("captcha200", {"both": "danawa blocked: "}),
    ("captcha200:page=3", {"both": "danawa blocked: "}),
    ("zero-bytes", {"both": "danawa failed: answered 200 with no content"}),
    ("zero-bytes:1", {"old": "danawa failed: answered 200 with no content"}),
    ("http500", {"both": "danawa failed: status 500"}),
    ("http500:1", {"old": TRUE}),
    ("http429:after=60", {"old": "asks to come back in 60 s"}),
    ("http429:1:after=1", {"old": TRUE}),
    ("http429:1:after=1:form=date", {"old": TRUE}),
    ("http503-retry-after:after=86400", {"old": "asks to come back in 86400 s"}),
    ("http503-retry-after:1:after=1", {"old": TRUE}),
    # what arrives broken
    ("truncate", {"both": "danawa failed: "}),
    ("truncate:1:page=2", {"old": TRUE}),
    ("gzip-truncated", {"both": "the gzip stream ends early"}),
    ("gzip-truncated:1:page=2", {"old": TRUE}),
    ("reset", {"old": "danawa failed: "}),
    ("reset:1", {"old": TRUE}),
    ("bomb", {"old": "once decompressed"}),
    ("slow-drip", {"old": "within the deadline"}),
    ("hang", {"old": "danawa failed: "}),
    ("hang:1:page=2", {"old": TRUE}),
    # where we are sent, or not let in
    ("redirect-loop", {"old": "redirect"}),
    ("redirect-private", {"old": "redirect to http://10.0.0.1"}),
    ("robots-deny-all", {"old": "danawa unavailable: "}),
    ("http500:robots.txt", {"old": "robots.txt: answered 500, so nothing of this host is fetched"}),
    # pages that are not what they were
    ("layout-change", {"both": "danawa failed: "}),
    ("layout-change:page=2", {"both": "danawa failed: "}),
    ("mojibake", {"both": "danawa failed: mojibake"}),
    ("json-field-renamed", {"old": TRUE, "next": "most products have no price field"}),
    ("euc-kr", {"both": TRUE}),
    # rows that are not there, or twice, or elsewhere
    ("half-missing", {"both": "danawa failed: an empty list on a page that counts"}),
    ("half-missing:page=2", {"both": "danawa failed: read "}),
    ("duplicate-rows", {"both": TRUE}),
    ("shifting-list", {"both": TRUE}),
    # prices that are none
    ("price-zero", {"old": "with a price that cannot be read", "next": "of the listings lost their price"}),
    ("price-x10", {"both": "with a price that is not credible"}),
    ("price-x10:/list/", {"old": "with a price that is not credible"}),
    ("price-x10:page=2", {"both": TRUE}),
    ("one-seller-dip", {"both": "with a price that nothing confirms yet"}),
    ("one-seller-dip:page=2", {"both": TRUE}),
    # titles with something in them
    ("nul-in-title", {"both": TRUE}),
    ("sql-in-title", {"both": TRUE}),
    ("script-in-title", {"both": TRUE}),
]
"""The fault, and per template what comes of it: the true rows, or the words of the failure."""

BOTH = [("old", ()), ("next", (pytest.mark.exhaustive,))]
CASES = [
    pytest.param(fault, template, says, id=f"{fault}-{template}", marks=marks)
    for fault, outcomes in FAULTS
    for key, says in outcomes.items()
    for template, marks in (BOTH if key == "both" else [(key, ())])
]


@pytest.fixture(scope="module")
def market() -> Iterator[Replay]:
    with replay("--limit", "150") as running:
        yield running


@pytest.fixture(scope="module")
def settings_of_module(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Settings]:
    return partial(plain_settings, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def prices_of(market: Replay, settings_of_module: Callable[..., Settings]) -> Callable[[Database, str], Prices]:
    return lambda database, url: Prices(
        database, url, settings_of_module, market.base_url, danawa_product_pages_at_most=8
    )


@pytest.fixture(scope="module")
def good_day(
    market: Replay,
    prices_of: Callable[[Database, str], Prices],
    settings_of_module: Callable[..., Settings],
    postgres_server: str,
    database_template: str,
) -> Iterator[Callable[[str], str]]:
    """The name of a database to copy, in which the day before is published as a template shows it."""
    made: dict[str, str] = {}

    def publish(template: str, url: str) -> None:
        market.control(day=GOOD, template=template, faults=[])
        with closing(open_database(settings_of_module(database_url=url))) as database:
            prices = prices_of(database, url)
            assert prices.run(GOOD) == []
            assert differences(prices.published(GOOD), truth_of(market, GOOD)) == []

    with ExitStack() as stack:

        def name_of(template: str) -> str:
            if template not in made:
                url = stack.enter_context(new_database(postgres_server, database_template))
                publish(template, url)
                made[template] = str(make_url(url).database)
            return made[template]

        yield name_of


@pytest.fixture
def prices(
    template: str,
    good_day: Callable[[str], str],
    prices_of: Callable[[Database, str], Prices],
    settings_of_module: Callable[..., Settings],
    postgres_server: str,
) -> Iterator[Prices]:
    with (
        new_database(postgres_server, good_day(template)) as url,
        closing(open_database(settings_of_module(database_url=url))) as database,
    ):
        yield prices_of(database, url)


@pytest.mark.parametrize(("fault", "template", "outcome"), CASES)
def test_a_fault_gives_the_true_rows_or_publishes_nothing(
    market: Replay, prices: Prices, fault: str, template: str, outcome: str
) -> None:
    good = prices.published(GOOD)
    market.control(day=BAD, template=template, faults=[fault])
    patience: dict[str, Any] = {"http_deadline_seconds": 0.7} if fault.startswith(("hang", "slow-drip")) else {}
    failures = prices.run(BAD, **patience)
    assert prices.published(GOOD) == good
    if outcome == TRUE:
        assert failures == []
        assert differences(prices.published(BAD), truth_of(market, BAD)) == []
        return
    assert len(failures) == 1
    assert outcome in failures[0]
    assert "\n" not in failures[0]
    assert prices.published(BAD) == {}
    assert prices.rows("select * from price_offers where market_day = %s", BAD) == []
    assert any(row["status"] != "complete" and row["reason"] for row in prices.coverage(BAD).values())
    market.control(faults=[])
    assert prices.run(BAD) == []
    assert differences(prices.published(BAD), truth_of(market, BAD)) == []
    assert prices.published(GOOD) == good


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        pytest.param("old", "shifting-list", marks=pytest.mark.exhaustive),
        ("next", "shifting-list"),
        pytest.param("mixed", "euc-kr", marks=pytest.mark.exhaustive),
    ],
)
def test_the_whole_market_is_read_to_its_last_row(
    database: Database, database_url: str, make_settings: Callable[..., Settings], template: str, fault: str
) -> None:
    """The list of 33 pages moves on by three rows with every request: read forwards only, the gaps would fall on the
    same rows again and again."""
    with replay("--day", BAD, "--template", template, "--fault", fault) as whole:
        prices = Prices(database, database_url, make_settings, whole.base_url, danawa_product_pages="none")
        assert prices.run(BAD) == []
        published = prices.published(BAD)
        assert differences(published, truth_of(whole, BAD)) == []
        assert len(published) > 950
        assert prices.coverage(BAD)["112753"]["status"] == "complete"

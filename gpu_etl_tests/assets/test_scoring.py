"""The learned score and the advice over a real database: what a day's cards get, much known of them or little."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from psycopg import Connection
from psycopg.rows import DictRow

from gpu_etl.assets import analytics, learning, scoring
from gpu_etl.assets.advice import load_buying_advice
from gpu_etl.assets.changes import load_price_changes
from gpu_etl.assets.failures import Refused
from gpu_etl.assets.index import load_chipset_index
from gpu_etl.assets.risk import load_risk_scores
from gpu_etl.catalog import identify
from gpu_etl.cli.risk import backtest, explain, train
from gpu_etl.database import Database, explaining, pages, tables
from gpu_etl.database import scoring as stored
from gpu_etl.database.bulk import merge
from gpu_etl.database.identities import Sighting, store_identities
from gpu_etl.database.panel import read_panel, read_talk
from gpu_etl.market.signals import load_rules
from gpu_etl.settings import Settings
from gpu_etl.sources.records import PageKind
from gpu_etl_tests.assets.helpers import DAY, back, observe
from gpu_etl_tests.market.fall.fake_market import market

MSI = "MSI 지포스 RTX 5070 벤투스 2X OC D7 12GB"
AT = datetime(2026, 3, 8, 3, tzinfo=UTC)
CHIPS = ("지포스 RTX 5070", "지포스 RTX 5070 Ti", "라데온 RX 9070 XT")


@pytest.fixture
def settings(make_settings: Callable[..., Settings]) -> Settings:
    return make_settings()


def store_market(connection: Connection[DictRow], days: int, listings: int = 24) -> None:
    """A made-up market up to and including ``DAY``, as an import of files would leave it."""
    panel = market(days, listings)
    first = DAY - timedelta(days=days - 1)
    titles = [f"MSI {CHIPS[at % 3]} 벤투스 {at // 3}X" for at in range(listings)]
    cards = [identify(title) for title in titles]
    sightings = [Sighting("crawler_csv", str(at), title, None, first, DAY) for at, title in enumerate(titles)]
    store_identities(connection, sightings, lambda seen: cards[int(seen.listing_id)])
    rows = (
        {
            "source": "crawler_csv",
            "listing_id": str(column),
            "market_day": first + timedelta(days=int(row)),
            "sku_id": None,
            "price": int(panel.price[row, column]),
            "currency": "KRW",
            "availability": "in_stock",
            "seller_count": int(panel.sellers[row, column]),
            "recorded_at": AT,
        }
        for row, column in zip(*np.nonzero(np.isfinite(panel.price)), strict=True)
    )
    merge(connection, tables.price_logs, rows)


def scored_day(database: Database, settings: Settings, day: date = DAY) -> list[dict[str, Any]]:
    with database.transaction() as connection:
        load_price_changes(connection, day, settings)
        load_chipset_index(connection, day)
        rows, _ = load_risk_scores(connection, day, settings, load_rules())
        return rows


@pytest.fixture
def history(database: Database) -> Database:
    with database.transaction() as connection:
        store_market(connection, 130)
    return database


def test_a_day_is_scored_by_the_packaged_model_and_says_so(history: Database, settings: Settings) -> None:
    rows = scored_day(history, settings)
    scored = [row for row in rows if row["risk_score"] is not None]
    assert len(scored) > 15
    for row in scored:
        assert 0 <= row["risk_score"] <= 100
        assert row["model_version"].startswith("shipped-")
        assert row["score_reason"].startswith("by the model that came with the package, trained on ")
        assert row["model_trained_from"] < row["model_trained_to"]
        assert 0 <= row["won_at_risk"] < row["price"]
        assert sum(part["points"] for part in row["score_parts"]) < 100 * row["probability"]
    assert len({row["probability"] for row in scored}) > 5


def test_scoring_a_day_again_gives_the_same(history: Database, settings: Settings) -> None:
    assert scored_day(history, settings) == scored_day(history, settings)


def talk_of(connection: Connection[DictRow], days: int) -> None:
    """The days before :data:`DAY`: each with three posts, two that name the 5070, one of them with news; one unread."""
    for ago in range(1, days + 1):
        day = back(ago)
        if ago == 3:
            continue
        merge(
            connection,
            tables.source_coverage,
            [
                {
                    "source": "reddit",
                    "part": "nvidia",
                    "market_day": day,
                    "status": "partial",
                    "got": 3,
                    "checked_at": AT,
                }
            ],
        )
        posts = [f"{ago}-{number}" for number in range(3)]
        searched = [{"post_id": post, "market_day": day, "digest": "x"} for post in posts]
        merge(connection, tables.searched_posts, searched)
        named = [{"post_id": post, "chipset": "GeForce RTX 5070", "market_day": day} for post in posts[:2]]
        merge(connection, tables.chipset_mentions, named)
        for keyword in ("New Release", "Used Market"):
            found = {"post_id": posts[0], "keyword": keyword, "market_day": day, "matched_text": "x"}
            span = {"matched_in": "title", "span_start": 0, "span_end": 1, "rules_version": "x"}
            merge(connection, tables.market_signals, [found | span])


def test_the_talk_of_a_chipset_is_counted_on_days_that_were_read(database: Database) -> None:
    with database.transaction() as connection:
        talk_of(connection, 5)
        said = read_talk(connection, back(5), DAY, ["New Release", "5070 release date"])
    assert said.chipsets == ["GeForce RTX 5070"]
    nan = float("nan")  # the third day back, and the day itself
    np.testing.assert_array_equal(said.posts, [3, 3, nan, 3, 3, nan])
    np.testing.assert_array_equal(said.mentions[:, 0], [2, 2, nan, 2, 2, nan])
    np.testing.assert_array_equal(said.news[:, 0], [1, 1, nan, 1, 1, nan])


def test_a_score_shows_the_talk_that_its_model_has_not_learned(history: Database, settings: Settings) -> None:
    unheard = scored_day(history, settings)
    with history.transaction() as connection:
        talk_of(connection, 28)
    heard = scored_day(history, settings)
    assert [row["probability"] for row in heard] == [row["probability"] for row in unheard]
    told = {part["words"] for row in heard for part in row["score_parts"] or () if part["part"] == "talk"}
    none_of_what_follows = "its successor 0.0 new-release posts in 1,000 (no weight in this model)"
    assert told == {
        f"its chipset has {share} % of the talk of 28 days, {none_of_what_follows}" for share in ("100.0", "0.0")
    }


def test_little_history_is_no_score_with_the_reason(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        for days in range(3):
            observe(connection, "1", MSI, back(days), 900_000)
    (row,) = scored_day(database, settings)
    assert (row["risk_score"], row["probability"], row["score_parts"]) == (None, None, None)
    assert row["score_reason"] == "not enough data: 3 days of prices in 28, 7 are needed"


@pytest.mark.parametrize(
    ("price", "suspect", "reason"),
    [(None, None, "no new listing in stock"), (500_000, "seen once", "only an unconfirmed price today")],
)
def test_no_price_is_no_score(
    database: Database, settings: Settings, price: int | None, suspect: str | None, reason: str
) -> None:
    with database.transaction() as connection:
        for days in range(1, 20):
            observe(connection, "1", MSI, back(days), 900_000)
        observe(connection, "1", MSI, DAY, price, suspect_reason=suspect)
    (row,) = scored_day(database, settings)
    assert (row["risk_score"], row["score_reason"]) == (None, reason)


def test_the_crawl_wins_over_the_import_and_other_conditions_stay_out(database: Database) -> None:
    with database.transaction() as connection:
        observe(connection, "1", MSI, DAY, 900_000)
        observe(connection, "1", MSI, DAY, 910_000, source="crawler_csv", seller_count=None)
        observe(connection, "1", MSI, back(1), 920_000, source="crawler_csv", seller_count=None)
        observe(connection, "2", f"{MSI} (중고)", DAY, 500_000)
        observe(connection, "3", f"{MSI} 대원씨티에스", DAY, 90_000, suspect_reason="seen once")
        panel = read_panel(connection, back(1), DAY, ["GeForce RTX 5070"])
    assert [(listing.source, listing.listing_id, listing.brand) for listing in panel.listings] == [
        ("danawa", "1", "MSI")
    ]
    assert panel.price[:, 0].tolist() == [920_000, 900_000]
    assert panel.sellers[1, 0] == 12
    assert np.isnan(panel.sellers[0, 0])


def test_each_card_and_chipset_gets_advice(history: Database, settings: Settings) -> None:
    rows = scored_day(history, settings)
    with history.transaction() as connection:
        advice, counts = load_buying_advice(connection, DAY)
        _, again = load_buying_advice(connection, DAY)
    assert counts.inserted == len(advice) == again.unchanged
    by_kind = {kind: [row for row in advice if row["subject_kind"] == kind] for kind in ("sku", "chipset")}
    assert {row["subject"] for row in by_kind["sku"]} == {row["sku_id"] for row in rows}
    assert len(by_kind["chipset"]) == 3
    for row in advice:
        assert row["advice"] in ("buy", "wait", "not_enough_data")
        assert row["reason"]
        if row["advice"] == "not_enough_data":
            assert row["right_share"] is None
        else:
            assert 0.5 < row["right_share"] < 1
            assert row["right_n"] > 1000


def test_a_withheld_chipset_gets_no_advice() -> None:
    cards = [{"sku_id": "a", "chipset": "X", "probability": 0.4, "score_parts": [], "score_reason": "by a model"}]
    statuses: dict[str, tuple[str, str | None]] = {"X": ("withheld", "3 cards with a price"), "Y": ("thin", "7 cards")}
    rows = {row["subject"]: row for row in scoring.advice_rows(DAY, cards, statuses, {})}
    assert (rows["a"]["advice"], rows["a"]["right_share"]) == ("wait", None)
    assert (rows["X"]["advice"], rows["X"]["reason"]) == ("not_enough_data", "3 cards with a price")
    assert (rows["Y"]["advice"], rows["Y"]["reason"]) == ("not_enough_data", "none of its cards has a risk score")


def test_training_refuses_a_short_history_in_one_line(history: Database, settings: Settings) -> None:
    with pytest.raises(Refused, match=r"^99 days of prices whose outcome was known by 2026-03-09, at least 120 are"):
        learning.train(history, settings, load_rules(), AT, lambda _: None)
    with pytest.raises(Refused, match="at least 120 are needed"):
        learning.backtest(history, settings, load_rules(), back(60), back(40), AT, lambda _: None)


@pytest.mark.slow
def test_a_model_trained_here_takes_over_once_it_has_shown_that_it_can(database: Database, settings: Settings) -> None:
    with database.transaction() as connection:
        store_market(connection, 260)
    told: list[str] = []
    trained = learning.train(database, settings, load_rules(), AT, told.append)
    assert trained.is_active, trained.why
    assert told[0] == "reading prices and talk"
    assert trained.model.metrics["within_day_auc"] > 0.6
    rows = scored_day(database, settings)
    assert {row["model_version"] for row in rows if row["risk_score"] is not None} == {trained.version}
    assert any("trained here on" in row["score_reason"] for row in rows)
    again = learning.train(database, settings, load_rules(), AT, lambda _: None)
    assert again.version == trained.version, "the same history gives the same model"
    with database.transaction() as connection:
        assert stored.scorer(connection).version == trained.version
        count = connection.execute("select count(*) as n from risk_models").fetchone()
    assert count is not None
    assert count["n"] == 1


@pytest.mark.slow
def test_the_commands(
    database: Database, database_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """train, backtest and explain as a person calls them, on one history."""
    with database.transaction() as connection:
        store_market(connection, 240)
        analytics.load_day(connection, DAY, settings, load_rules())
        card = connection.execute("select * from risk_scores where risk_score is not null limit 1").fetchone()
    assert card is not None
    for name, value in {"DATABASE_URL": database_url, "GPU_ETL_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    run = CliRunner().invoke
    found = run(backtest, ["--from-day", str(back(60)), "--to-day", str(back(30)), "--json"])
    assert found.exit_code == 0, found.output
    result = json.loads(found.stdout)
    assert {
        "auc", "within_day_auc", "brier_skill", "ece", "n", "base_rate", "from_day", "to_day", "by_score_band", "folds",
    } <= result.keys()  # fmt: skip
    assert "predicting from" in found.stderr
    with database.transaction() as connection:
        assert stored.backtest_until(connection, DAY)["n"] == result["n"]
    exported = tmp_path / "model.json"
    said = run(train, ["--export", str(exported)])
    assert said.exit_code == 0, said.output
    assert "learned from" in said.stdout
    assert json.loads(exported.read_text())["metrics"]["n"] == result["n"]
    words = run(explain, [card["sku_id"][:8], str(DAY)])
    assert words.exit_code == 0, words.output
    assert f"risk score {card['risk_score']:.0f} of 100" in words.stdout
    assert "makes the price: crawler_csv" in words.stdout
    assert "imported, there is no page" in words.stdout
    nothing = run(explain, [card["sku_id"], "2026-01-01"])
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert "has no score on 2026-01-01; the nearest: 2026-03-08" in nothing.stderr
    unknown = run(explain, ["nobody", str(DAY)])
    assert "there is no card 'nobody'" in unknown.stderr
    refused = run(backtest, ["--from-day", str(back(40)), "--to-day", str(back(50))])
    assert (refused.exit_code, "is after --to-day" in refused.stderr) == (2, True)


def test_an_explanation_ends_at_the_stored_page(database: Database, settings: Settings) -> None:
    body = b"<html>the page</html>"
    with database.transaction() as connection:
        record = pages.CrawlRecord("danawa", "list", DAY, AT)
        digest = pages.store_page(
            connection, record, url="https://prod.danawa.com/list", fetched_at=AT, status=200, content_type="text/html",
            kind=PageKind.OK, body=body,
        )  # fmt: skip
        for days in range(20):
            sku = observe(connection, "1", MSI, back(days), 900_000)
        offer = {
            "source": "danawa", "listing_id": "1", "market_day": DAY, "title": MSI, "currency": "KRW",
            "availability": "in_stock", "observed_at": AT,
        }  # fmt: skip
        shop = {"position": 1, "seller": "11번가", "price": 900_000, "payment_condition": "card"}
        headline = {"position": 0, "price": 900_000, "page_sha256": digest}
        merge(connection, tables.price_offers, [{**offer, **headline}, {**offer, **shop}])
        analytics.load_day(connection, DAY, settings, load_rules())
        found = explaining.explanation(connection, sku, DAY)
        assert found is not None
        assert explaining.page_body(connection, found) == body
        assert explaining.explanation(connection, sku, back(3)) is None
    (listing,) = found["listings"]
    assert listing["is_best"]
    assert [(page["sha256"], page["url"]) for page in listing["pages"]] == [(digest, "https://prod.danawa.com/list")]
    words = "\n".join(explaining.in_words(found))
    assert f"page {digest} of https://prod.danawa.com/list, read 2026-03-08 03:00 UTC" in words
    assert "1. 11번가: 900,000 won by card" in words
    assert words.count(" points") == 13, "the base and twelve parts"

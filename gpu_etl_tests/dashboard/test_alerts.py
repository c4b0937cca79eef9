"""The alerts page: what is active, what is over, and acknowledging, snoozing and reopening through its forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from gpu_etl.database import Database, acting, tables
from gpu_etl.database.bulk import merge
from gpu_etl.settings import Settings
from gpu_etl_tests.dashboard.serving import HOSTILE, NOW, Site, back, served

SKU = "a1b2c3d4e5f6"


@dataclass
class Desk:
    """A served alerts page and its database."""

    site: Site
    database: Database

    def page(self, query: str = "") -> Any:
        return self.site.get(f"/api/alerts{query}").json()

    def html(self) -> str:
        return self.site.get("/alerts").text

    def send(self, action: str, token: str | None = None, **fields: str) -> Any:
        """Send a form as the page does."""
        known = token if token is not None else re.search(r'name="token" value="(\w+)"', self.html())[1]  # type: ignore[index]
        return self.site.post(f"/alerts/{action}", data={"token": known, **fields})


@pytest.fixture
def desk(make_settings: Callable[..., Settings], database: Database) -> Iterator[Desk]:
    rows = [
        alert("risk", SKU, 3, value=60_000, threshold=50_000, unit="won", product=HOSTILE),
        alert("drop", "GeForce RTX 5070", 1, subject_kind="chipset", value=12.5, threshold=8, unit="percent"),
        alert("source_blind", "danawa", 0, subject_kind="source", value=2, threshold=1, unit="days"),
        alert("risk", "ffffffffffff", 20, closed_day=back(10), closed_reason="risk index back at <b>20,000</b> won"),
    ]
    database.run(lambda connection: merge(connection, tables.risk_alerts, rows))
    score = {"sku_id": SKU, "market_day": back(0), "risk_index": 71_000, "threshold": 50_000}
    database.run(lambda connection: merge(connection, tables.risk_scores, [score]))
    database.run(lambda connection: merge(connection, tables.price_changes, [priced(SKU, 0)]))
    with served(make_settings(), database) as site:
        yield Desk(site, database)


def priced(sku: str, days_back: int, price: int | None = 900_000) -> dict[str, Any]:
    row = {"sku_id": sku, "market_day": back(days_back), "price": price, "currency": "KRW"}
    return {**row, "listings": 1, "baseline_days": 0}


def alert(kind: str, subject: str, days_back: int, **more: Any) -> dict[str, Any]:
    row = {"kind": kind, "subject": subject, "opened_day": back(days_back), "subject_kind": "sku", "product": subject}
    return {**row, "value": 1, "threshold": 1, "unit": "won", "factors": {"price": 900_000}, **more}


def ids(alerts: list[dict[str, Any]]) -> list[str]:
    return [found["kind"] for found in alerts]


def test_the_most_urgent_kind_comes_first_and_what_is_over_stands_apart(desk: Desk) -> None:
    page = desk.page()
    assert ids(page["active"]) == ["source_blind", "risk", "drop"]
    assert [found["closed_reason"] for found in page["past"]] == ["risk index back at <b>20,000</b> won"]
    assert {row["kind"]: (row["active"], row["past"]) for row in page["kinds"]} == {
        "source_blind": (1, 0), "risk": (1, 1), "drop": (1, 0),
    }  # fmt: skip
    text = desk.html()
    assert "3 active alerts" in text
    assert "₩71,000" in text, "what the risk index is now"
    assert "then ₩60,000" in text
    assert f"{back(3).day} Mar: ₩900,000" in text, "what it went by then is not what the card costs now"
    assert "<script>alert" not in text
    assert "&lt;b&gt;20,000" in text


def test_an_alert_tells_its_numbers_as_those_of_its_day(desk: Desk) -> None:
    """The price behind it is the one of the day it began, and what was not read is not zero."""
    assert f"{back(3).day} {back(3):%b}: ₩900,000, last week –; Reddit not read" in desk.html()


def test_what_is_not_measured_any_more_has_no_value_of_now(desk: Desk) -> None:
    """A card that nobody lists any more had its last risk index some days ago."""
    gone = {"sku_id": SKU, "market_day": back(0)}
    desk.database.run(lambda c: c.execute("delete from risk_scores where sku_id = %(sku_id)s", gone))
    old = {"sku_id": SKU, "market_day": back(2), "risk_index": 65_000, "threshold": 50_000}
    desk.database.run(lambda c: merge(c, tables.risk_scores, [old]))
    [found] = desk.page("?kind=risk")["active"]
    assert (found["value"], found["latest"]) == (60_000, None)


def test_a_price_of_days_ago_is_not_what_it_costs_now(desk: Desk) -> None:
    target = {"subject": "bbbbbbbbbbbb", "subject_kind": "sku", "target_price": 700_000, "created_at": NOW}
    desk.database.run(lambda c: merge(c, tables.price_targets, [target]))
    desk.database.run(lambda c: merge(c, tables.price_changes, [priced("bbbbbbbbbbbb", 9, 690_000)]))
    assert [found["price"] for found in desk.page()["targets"]] == [None]


def test_a_kind_can_be_chosen(desk: Desk) -> None:
    page = desk.page("?kind=risk")
    assert (ids(page["active"]), ids(page["past"])) == (["risk"], ["risk"])
    assert len(page["kinds"]) == 3, "the choice stays"
    refused = desk.site.get("/alerts?kind=nothing")
    assert refused.status_code == 400
    assert "is none of source_blind, " in refused.text


def test_acknowledging_takes_it_off_the_list_and_keeps_who_said_what(desk: Desk) -> None:
    alert_id = desk.page("?kind=risk")["active"][0]["alert_id"]
    answer = desk.send("acknowledge", alert=alert_id, note="  sold  <i>all</i>  ", kind="risk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?kind=risk&done=acknowledged")
    page = desk.page()
    assert ids(page["active"]) == ["source_blind", "drop"]
    assert [found["acknowledged_note"] for found in page["quiet"]] == ["sold <i>all</i>"]
    assert [(act["action"], act["note"]) for act in page["actions"]] == [("acknowledged", "sold <i>all</i>")]
    text = desk.site.get("/alerts?done=acknowledged").text
    assert 'role="status">Acknowledged. The alert stays in the history below.' in text
    assert "sold &lt;i&gt;all&lt;/i&gt;" in text
    again = desk.send("acknowledge", alert=alert_id)
    assert again.status_code == 404
    assert "was dealt with in the meantime" in again.text


def test_a_snoozed_alert_comes_back_and_can_be_reopened(desk: Desk, make_settings: Callable[..., Settings]) -> None:
    alert_id = desk.page("?kind=drop")["active"][0]["alert_id"]
    assert desk.send("snooze", alert=alert_id, days="7").status_code == 303
    assert ids(desk.page()["active"]) == ["source_blind", "risk"]
    with served(make_settings(), desk.database, NOW + timedelta(days=7, minutes=1)) as later:
        assert "drop" in ids(later.get("/api/alerts").json()["active"])
    with served(make_settings(), desk.database, NOW + timedelta(minutes=1)) as soon:
        assert Desk(soon, desk.database).send("reopen", alert=alert_id).status_code == 303
    assert ids(desk.page()["active"]) == ["source_blind", "risk", "drop"]
    assert [act["action"] for act in desk.page()["actions"]] == ["reopened", "snoozed"]


@pytest.mark.parametrize(
    ("action", "fields", "says"),
    [
        ("acknowledge", {"alert": "' or 1=1"}, "is no id of an alert"),
        ("acknowledge", {"alert": "00000000"}, "no open alert 00000000"),
        ("snooze", {"alert": "00000000", "days": "99999"}, "is none of 1, 7, 30"),
        ("snooze", {"alert": "00000000"}, "is none of 1, 7, 30"),
    ],
)
def test_nonsense_is_refused_in_words(desk: Desk, action: str, fields: dict[str, str], says: str) -> None:
    answer = desk.send(action, **fields)
    assert answer.status_code in (400, 404)
    assert says in answer.text.replace("&#39;", "'")
    assert desk.page()["actions"] == []


def test_other_sites_and_old_pages_change_nothing(desk: Desk) -> None:
    alert_id = desk.page()["active"][0]["alert_id"]
    desk.html()
    assert desk.send("acknowledge", token="0" * 64, alert=alert_id).status_code == 403
    token = re.search(r'name="token" value="(\w+)"', desk.html())
    assert token
    foreign = {"Origin": "http://evil.example"}
    data = {"token": token[1], "alert": alert_id}
    assert desk.site.post("/alerts/acknowledge", data=data, headers=foreign).status_code == 403
    assert desk.site.get(f"/alerts/acknowledge?alert={alert_id}").status_code in (404, 405)
    assert len(desk.page()["active"]) == 3


def test_prices_waited_for_stand_beside_what_they_are_now(desk: Desk) -> None:
    desk.database.run(lambda c: acting.watch(c, "GeForce RTX 5070", "chipset", 800_000, "for <me>", NOW))
    (target,) = desk.page()["targets"]
    assert (target["product"], target["target_price"], target["price"]) == ("GeForce RTX 5070", 800_000, None)
    assert "for &lt;me&gt;" in desk.html()


def test_nothing_to_tell_is_said(make_settings: Callable[..., Settings], database: Database) -> None:
    with served(make_settings(), database) as site:
        text = site.get("/alerts").text
    assert "Nothing is active." in text
    assert "gpu-etl alerts watch" in text

"""A false day goes with what it began, and what it ended goes on."""

from __future__ import annotations

from datetime import UTC, date, datetime

from gpu_etl.database import Database, ahead

TODAY, FALSE = date(2026, 3, 5), date(2027, 3, 5)
NOW = datetime(2026, 3, 5, 1, tzinfo=UTC)


def test_a_day_that_ended_alerts_and_stored_nothing_else_is_found(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(
            """insert into risk_alerts (subject, kind, opened_day, subject_kind, product, factors, closed_day)
               values ('true', 'drop', %s, 'sku', 'a card', '{}', %s)""",
            (TODAY, FALSE),
        )
        assert ahead.retract(connection, NOW, TODAY) == {FALSE: 0}
        assert connection.execute("select closed_day from risk_alerts").fetchall() == [{"closed_day": None}]


def test_alerts_and_readings_of_a_false_day_are_taken_back(database: Database) -> None:
    alert = """insert into risk_alerts
                   (subject, kind, opened_day, subject_kind, product, factors, closed_day, closed_reason)
               values (%s, 'drop', %s, 'sku', 'a card', '{}', %s, %s)"""
    action = (
        "insert into alert_actions (subject, kind, opened_day, acted_at, action) values (%s, 'drop', %s, %s, 'snoozed')"
    )
    reading = """insert into reddit_readings (subreddit, read_from, up_to, status, got, refused)
                 values ('nvidia', 'rss', %s, 'complete', 9, 0)"""
    with database.transaction() as connection:
        for subject, opened, closed in (("true", TODAY, None), ("ended", TODAY, FALSE), ("begun", FALSE, None)):
            connection.execute(alert, (subject, opened, closed, closed and "it rose again"))
            connection.execute(action, (subject, opened, NOW))
        for at in (NOW, NOW.replace(year=2027)):
            connection.execute(reading, (at,))
        connection.execute(
            "insert into source_coverage values ('danawa', 'list', %s, 'failed', 1, 0, 'x', %s)", (FALSE, NOW)
        )
        assert ahead.retract(connection, NOW, TODAY) == {FALSE: 0}
        left = connection.execute("select subject, opened_day, closed_day, closed_reason from risk_alerts order by 1")
        assert [tuple(row.values()) for row in left] == [("ended", TODAY, None, None), ("true", TODAY, None, None)]
        acted = connection.execute("select subject from alert_actions order by 1").fetchall()
        assert [row["subject"] for row in acted] == ["ended", "true"]
        read = connection.execute("select up_to from reddit_readings").fetchall()
        assert [row["up_to"] for row in read] == [NOW]
        assert ahead.retract(connection, NOW, TODAY) == {}

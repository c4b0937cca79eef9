"""Every variable: its default, what it refuses, and the one line that says so."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from gpu_etl.errors import SettingsError
from gpu_etl.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[1]
LOOPBACK = {
    "danawa_base_url": "http://127.0.0.1:9",
    "reddit_base_url": "http://127.0.0.1:9",
    "reddit_oauth_url": "http://127.0.0.1:9",
}


def load(**overrides: object) -> Settings:
    return load_settings(_env_file=None, **overrides)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("price_crawl_hour", "24", "PRICE_CRAWL_HOUR='24': must be less than or equal to 23"),
        ("price_crawl_hour", "-1", "PRICE_CRAWL_HOUR='-1': must be greater than or equal to 0"),
        ("reddit_crawl_minute", "abc", "REDDIT_CRAWL_MINUTE='abc': must be a whole number"),
        ("market_timezone", "", "MARKET_TIMEZONE='': must be an IANA zone such as Asia/Seoul"),
        ("market_timezone", "KST", "MARKET_TIMEZONE='KST': must be an IANA zone such as Asia/Seoul"),
        ("market_timezone", "Asia/Soul", "MARKET_TIMEZONE='Asia/Soul': must be an IANA zone"),
        ("log_level", "loud", "LOG_LEVEL='loud': must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        (
            "danawa_base_url",
            "prod.danawa.com",
            "DANAWA_BASE_URL='prod.danawa.com': must be an http:// or https:// address",
        ),
        ("http_requests_per_second", "0", "HTTP_REQUESTS_PER_SECOND='0': must be greater than 0"),
        ("risk_threshold", "-50000", "RISK_THRESHOLD='-50000': must be greater than 0"),
        ("notify_kinds", "drop, fall", "NOTIFY_KINDS='drop, fall': must be empty or of source_blind, target_price, "),
        ("notify_as", "hourly", "NOTIFY_AS='hourly': must be 'at_once' or 'daily_digest'"),
        ("drop_alert_percent", "0", "DROP_ALERT_PERCENT='0': must be greater than 0"),
        ("chipsets", "RTX 4071", "CHIPSETS='RTX 4071': must be empty, all, rtx-4070-series, or names of chipsets: "),
        ("reddit_subreddits", "nvidia, r/what?", "REDDIT_SUBREDDITS='nvidia, r/what?': must be names of subreddits"),
        ("reddit_subreddits", "", "REDDIT_SUBREDDITS='': must be names of subreddits, at least one"),
        ("gpu_etl_home", "", "GPU_ETL_HOME='': must be the path of a folder"),
        ("gpu_etl_home", "~nobody-here/data", "GPU_ETL_HOME='~nobody-here/data': must be the path of a folder"),
        ("gpu_etl_now", "noon", "GPU_ETL_NOW='noon': must be a time such as 2026-03-01T10:00:00+09:00"),
        ("database_url", "mysql://u:secret@h/d", "DATABASE_URL=(not shown): must be a postgresql:// address"),
        (
            "shop_urls",
            "https://u:secret@h/d",
            "SHOP_URLS=(not shown): must be without a user or password in the address",
        ),
        ("danawa_base_url", "http://u:secret@h", "DANAWA_BASE_URL=(not shown): must be without a user or password"),
        (
            "gpu_etl_now",
            "2026-03-01T10:00:00+09:00",
            "GPU_ETL_NOW is for replays: it needs DANAWA_BASE_URL on 127.0.0.1",
        ),
    ],
)
def test_a_bad_value_is_one_line_naming_variable_value_and_what_is_allowed(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(**{name: value})
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICE_CRAWL_HOUR", "7")
    monkeypatch.setenv("REDDIT_SUBREDDITS", "nvidia, r/Amd pcmasterrace")
    settings = load()
    assert settings.price_crawl_hour == 7
    assert settings.reddit_subreddits == ("nvidia", "Amd", "pcmasterrace")


def test_secrets_do_not_show() -> None:
    settings = load(
        database_url="postgresql://u:canary@h/d",
        reddit_client_secret="canary",
        notify_urls="mailto://u:canary@example.com",
    )
    assert "canary" not in repr(settings)
    assert "canary" not in str(settings.model_dump())


def test_the_pretended_clock_decides_the_market_day() -> None:
    late_in_utc = load(gpu_etl_now="2026-03-01T16:00:00Z", **LOOPBACK)
    assert late_in_utc.today() == date(2026, 3, 2)
    without_zone = load(gpu_etl_now="2026-03-01T10:00:00", **LOOPBACK)
    assert without_zone.now().isoformat() == "2026-03-01T01:00:00+00:00"


def test_reddit_needs_both_halves_of_a_key() -> None:
    assert not load(reddit_client_id="id").reddit_has_key
    assert load(reddit_client_id="id", reddit_client_secret="secret").reddit_has_key


def test_env_example_names_every_variable_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    written = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    assert set(written) - {"DAGSTER_HOME"} == {name.upper() for name in Settings.model_fields}
    from_file = load(**{name.lower(): value for name, value in written.items() if name != "DAGSTER_HOME"})
    assert from_file.model_dump() == load().model_dump()


def test_every_variable_has_a_comment_above_it() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    bare = [line for before, line in pairwise(lines) if re.match(r"[A-Z_]+=", line) and before == ""]
    assert bare == []

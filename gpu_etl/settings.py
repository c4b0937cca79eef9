"""Every environment variable the project reads: typed, checked once, described in one line each.

Belongs here: names, defaults, and what follows from them. Does not belong here: what a value may be
(``setting_values``), what a setting does (the module that uses it), or any access to the network, the database or
Dagster.

``.env`` of the current folder is read first, the real environment wins. Secrets are ``SecretStr``: printing a
``Settings`` never shows them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gpu_etl.catalog import overrides
from gpu_etl.catalog.overrides import Overrides
from gpu_etl.errors import SettingsError
from gpu_etl.setting_values import (
    AlertKinds,
    Chipsets,
    Folder,
    HostNames,
    OrUnset,
    PostgresAddress,
    SecretAddresses,
    Subreddits,
    WebAddress,
    WebAddresses,
    Zone,
    complaint,
    is_loopback,
    or_default,
)

if TYPE_CHECKING:
    from gpu_etl.market.signals import Rules

DEFAULT_SUBREDDITS = ("nvidia", "pcmasterrace", "hardware", "buildapc", "buildapcsales", "hardwareswap", "Amd")
VERSION = version("gpu-etl")
HTTP_USER_AGENT = f"gpu-etl/{VERSION} (+price observatory; self-hosted)"
REDDIT_USER_AGENT = f"linux:gpu-etl:{VERSION} (self-hosted)"
KEYLESS_TEXT_AGE = timedelta(hours=47)


class Settings(BaseSettings):
    """The configuration of one process; field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=False
    )

    price_crawl_hour: int = Field(9, ge=0, le=23, description="hour of the daily price crawl, in MARKET_TIMEZONE")
    price_crawl_minute: int = Field(0, ge=0, le=59, description="minute of the daily price crawl")
    reddit_crawl_hour: int = Field(
        10, ge=0, le=23, description="hour of the daily Reddit collection, in MARKET_TIMEZONE"
    )
    reddit_crawl_minute: int = Field(0, ge=0, le=59, description="minute of the daily Reddit collection")
    market_timezone: Zone = Field("Asia/Seoul", description="IANA zone whose calendar day is the market day")

    database_url: OrUnset[PostgresAddress] = Field(
        None, description="PostgreSQL 14+ to use; empty starts the embedded one"
    )
    database_partitioning: Literal["none", "month"] = Field(
        "none", description="month: price_logs and raw_pages in monthly parts, reddit_posts in hashed ones; no way back"
    )
    gpu_etl_home: Folder = Field(Path(".gpu_etl"), description="where data, logs and Dagster's records live")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")
    gpu_etl_now: OrUnset[datetime] = Field(None, description="ISO time to pretend, for replays; needs loopback sources")

    chipsets: Chipsets = Field(
        "", description="what is analysed: empty (last four generations), all, rtx-4070-series, or names"
    )

    sku_overrides_file: OrUnset[Path] = Field(
        None,
        description="CSV of corrections to what listings are; empty: sku_overrides.csv in GPU_ETL_HOME, if it is there",
    )

    danawa_base_url: WebAddress = Field("https://prod.danawa.com", description="where Danawa is")
    danawa_category: str = Field("112753", pattern=r"^\d+$", description="Danawa's category code of graphics cards")
    danawa_use_ajax: bool = Field(False, description="also use paths that Danawa's robots.txt disallows")
    danawa_product_pages: Literal["none", "moved", "all"] = Field(
        "moved",
        description="whose product pages are read: what moved and the cheapest of each chipset, or all, or none",
    )
    danawa_product_pages_at_most: int = Field(60, ge=0, description="product pages read a day at most")

    shop_urls: WebAddresses = Field((), description="product pages of shops with schema.org data, separated by spaces")

    ecb_rates_url: str = Field(
        "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml",
        description="where exchange rates are, read when there are SHOP_URLS; empty leaves prices unconverted",
    )

    naver_client_id: str = Field("", description="Naver search API key; empty leaves Naver Shopping out")
    naver_client_secret: SecretStr = Field(SecretStr(""), description="secret of that key")
    naver_base_url: WebAddress = Field("https://openapi.naver.com", description="where Naver's API is")
    naver_calls_a_day: int = Field(100, ge=0, le=25_000, description="searches a day at most; Naver allows 25,000")

    dagster_ui_url: WebAddress = Field(
        "http://127.0.0.1:3000", description="where people open the Dagster UI; notifications link to it"
    )
    dagster_keep_days: int = Field(180, ge=7, description="days after which records of runs and log files are deleted")

    dashboard_port: int = Field(
        3001, ge=0, le=65535, description="port of the dashboard on 127.0.0.1; 0 takes a free one"
    )
    dashboard_url: OrUnset[WebAddress] = Field(
        None, description="where people open the dashboard; empty: DASHBOARD_PORT on 127.0.0.1"
    )
    dashboard_hosts: HostNames = Field(
        (), description="further names under which people open the dashboard, of a proxy before it"
    )
    dashboard_password: OrUnset[SecretStr] = Field(None, description="asked for by the dashboard; empty asks for none")

    pages_language: Literal["en", "ko"] = Field(
        "en",
        description="of the day's report, and of the dashboard for whose browser asks for neither English nor Korean",
    )

    raw_pages_store: OrUnset[str] = Field(
        None,
        description="where bodies of raw pages go, e.g. file:///srv/pages or s3://bucket/pages; empty: the database",
    )
    raw_pages_keep_days: int = Field(730, ge=1, description="days after which stored pages are deleted")
    raw_pages_keep_megabytes: int = Field(
        10_000, ge=1, description="size of all stored pages above which the oldest are deleted"
    )

    reddit_client_id: str = Field("", description="Reddit API key; empty reads RSS instead")
    reddit_client_secret: SecretStr = Field(SecretStr(""), description="secret of that key")
    reddit_user_agent: Annotated[str, or_default(REDDIT_USER_AGENT)] = Field(
        REDDIT_USER_AGENT, min_length=7, description="how we present ourselves to Reddit"
    )
    reddit_subreddits: Subreddits = Field(
        DEFAULT_SUBREDDITS, description="subreddits to read, separated by spaces or commas"
    )
    reddit_keywords_file: OrUnset[Path] = Field(
        None, description="YAML of keywords to use instead of the packaged ones"
    )
    reddit_base_url: WebAddress = Field("https://www.reddit.com", description="where Reddit's web and RSS are")
    reddit_oauth_url: WebAddress = Field("https://oauth.reddit.com", description="where Reddit's API is")
    reddit_rss_interval_seconds: float = Field(
        60, ge=0, description="least time between two RSS requests without REDDIT_FEED_TOKEN"
    )
    reddit_feed_token: SecretStr = Field(
        SecretStr(""),
        description="private feed token of an account, which lifts the limit of the feeds",
    )
    reddit_feed_user: SecretStr = Field(SecretStr(""), description="name of that account")
    reddit_keep_text_days: int = Field(
        30, ge=2, description="days that texts of posts are kept; without a key it is always 2"
    )
    reddit_use_arctic_shift: bool = Field(False, description="read past days from the archive Arctic Shift")
    reddit_arctic_shift_url: WebAddress = Field(
        "https://arctic-shift.photon-reddit.com", description="where Arctic Shift is, if it is used"
    )

    http_user_agent: Annotated[str, or_default(HTTP_USER_AGENT)] = Field(
        HTTP_USER_AGENT, min_length=3, description="how we present ourselves to shops"
    )
    http_requests_per_second: float = Field(0.5, gt=0, le=1000, description="requests a second to one host")
    http_deadline_seconds: float = Field(60, gt=0, description="longest a request may take, body included")
    max_retries: int = Field(3, ge=0, le=10, description="tries after the first, for requests and for database work")
    retry_backoff_seconds: float = Field(5, ge=0, description="pause before the first retry; doubles each time")

    risk_threshold: int = Field(50_000, gt=0, description="won lost against last week from which a card is high-risk")
    risk_score_threshold: int = Field(90, ge=1, le=100, description="risk score, 0 to 100, from which an alert opens")
    drop_alert_percent: Decimal = Field(
        Decimal(10), gt=0, le=100, description="fall in % below DROP_ALERT_BASELINE from which an alert opens"
    )
    drop_alert_baseline: Literal["last_week", "high_28", "high_90"] = Field(
        "last_week", description="what a fall is measured against"
    )
    rise_alert_percent: Decimal = Field(
        Decimal(10), gt=0, description="rise in % over last week's average from which an alert opens"
    )
    sentiment_weight_new_release: float = Field(
        3, ge=0, description="weight of a New Release, Leak or release-date mention"
    )
    sentiment_weight_price_drop: float = Field(2, ge=0, description="weight of a Price Drop mention")
    sentiment_weight_default: float = Field(1, ge=0, description="weight of any other keyword's mention")

    notify_urls: SecretAddresses = Field((), description="Apprise addresses to notify, separated by spaces")
    notify_as: Literal["at_once", "daily_digest"] = Field(
        "at_once", description="when alerts of the market are told; failures are always told at once"
    )
    notify_kinds: AlertKinds = Field((), description="kinds of alerts that are told, all when empty; all are listed")
    notify_digest_hour: int = Field(18, ge=0, le=23, description="hour of the daily digest, in MARKET_TIMEZONE")

    @model_validator(mode="after")
    def _feed_token_and_user_belong_together(self) -> Settings:
        if bool(self.reddit_feed_token) != bool(self.reddit_feed_user):
            raise ValueError("REDDIT_FEED_TOKEN and REDDIT_FEED_USER are of use only together")
        return self

    @model_validator(mode="after")
    def _pretended_clock_needs_loopback(self) -> Settings:
        if self.gpu_etl_now is None:
            return self
        if self.gpu_etl_now.tzinfo is None:
            object.__setattr__(self, "gpu_etl_now", self.gpu_etl_now.replace(tzinfo=self.zone))
        for name in ("danawa_base_url", "reddit_base_url", "reddit_oauth_url"):
            if not is_loopback(getattr(self, name)):
                raise ValueError(f"GPU_ETL_NOW is for replays: it needs {name.upper()} on 127.0.0.1")
        if self.reddit_use_arctic_shift and not is_loopback(self.reddit_arctic_shift_url):
            raise ValueError("GPU_ETL_NOW is for replays: it needs REDDIT_ARCTIC_SHIFT_URL on 127.0.0.1")
        if self.naver_has_key and not is_loopback(self.naver_base_url):
            raise ValueError("GPU_ETL_NOW is for replays: it needs NAVER_BASE_URL on 127.0.0.1")
        if not all(is_loopback(url) for url in self.shop_urls):
            raise ValueError("GPU_ETL_NOW is for replays: it needs SHOP_URLS on 127.0.0.1")
        if self.shop_urls and self.ecb_rates_url and not is_loopback(self.ecb_rates_url):
            raise ValueError("GPU_ETL_NOW is for replays: it needs ECB_RATES_URL empty or on 127.0.0.1")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The market's time zone."""
        return ZoneInfo(self.market_timezone)

    @property
    def home(self) -> Path:
        """``GPU_ETL_HOME`` as an absolute path."""
        return self.gpu_etl_home.expanduser().absolute()

    @property
    def dashboard_address(self) -> str | None:
        """Where people open the dashboard; ``None`` where that is known only once it runs."""
        return self.dashboard_url or (f"http://127.0.0.1:{self.dashboard_port}" if self.dashboard_port else None)

    @property
    def reddit_has_key(self) -> bool:
        """Whether Reddit's API can be used rather than its feeds."""
        return bool(self.reddit_client_id and self.reddit_client_secret.get_secret_value())

    @property
    def reddit_has_feed_token(self) -> bool:
        """Whether the feeds are asked for in the name of an account."""
        return bool(self.reddit_feed_token)

    @property
    def reddit_feed_pause(self) -> float:
        """Least seconds between two requests of feeds: with a token no more than politeness asks for."""
        pause = self.reddit_rss_interval_seconds
        return min(pause, 1 / self.http_requests_per_second) if self.reddit_has_feed_token else pause

    def reddit_text_since(self) -> datetime:
        """Posts created before are kept without their text.

        Without a key nobody can be asked whether a post was deleted, so its text goes before 48 hours are over.
        """
        return self.now() - (timedelta(days=self.reddit_keep_text_days) if self.reddit_has_key else KEYLESS_TEXT_AGE)

    def corrections(self) -> Overrides:
        """The corrections by hand, read anew; empty when there is no file.

        Raises:
            SettingsError: one line naming the file, the line and what is wrong.
        """
        path = self.sku_overrides_file or self.home / "sku_overrides.csv"
        if self.sku_overrides_file is None and not path.exists():
            return overrides.read("")
        try:
            return overrides.read(path.read_text(encoding="utf-8-sig"), str(path))
        except UnicodeDecodeError:
            raise SettingsError(f"SKU_OVERRIDES_FILE: {path} is not UTF-8") from None
        except (OSError, ValueError) as error:
            raise SettingsError(f"SKU_OVERRIDES_FILE: {error}") from None

    def keyword_rules(self) -> Rules:
        """The keywords that are looked for, read anew.

        Raises:
            SettingsError: one line naming the file, the entry and what is wrong.
        """
        from gpu_etl.market.signals import RulesError, load_rules  # not for every reader of a setting

        try:
            return load_rules(self.reddit_keywords_file)
        except RulesError as error:
            raise SettingsError(f"REDDIT_KEYWORDS_FILE: {error}") from None

    @property
    def naver_has_key(self) -> bool:
        """Whether Naver Shopping is asked."""
        return bool(self.naver_client_id and self.naver_client_secret.get_secret_value())

    def now(self) -> datetime:
        """The present moment in UTC, or the one that ``GPU_ETL_NOW`` pretends."""
        return (self.gpu_etl_now or datetime.now(UTC)).astimezone(UTC)

    def today(self) -> date:
        """The market day of :meth:`now`."""
        return self.now().astimezone(self.zone).date()


def load_settings(**overrides: Any) -> Settings:
    """Read and check the environment.

    Raises:
        SettingsError: one line naming the first bad variable, its value and what is allowed, or an unreadable ``.env``.
    """
    try:
        return Settings(**overrides)
    except UnicodeDecodeError:
        raise SettingsError(f"{Path('.env').absolute()} is not UTF-8") from None
    except ValidationError as error:
        raise SettingsError(complaint(error, Settings.model_fields)) from None

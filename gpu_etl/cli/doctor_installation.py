"""The doctor's look at the machine, the network and Dagster.

Belongs here: checks that need no product database. Does not belong here: the data (``doctor_data``).
"""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import apprise

from gpu_etl.cli.findings import Finding, failed, names, ok, warn
from gpu_etl.database import places
from gpu_etl.errors import SettingsError
from gpu_etl.resources.http import HttpError, HttpResource, Page
from gpu_etl.resources.http_client import HttpClient
from gpu_etl.setting_values import is_loopback
from gpu_etl.settings import Settings

if TYPE_CHECKING:
    import dagster as dg

ENOUGH_DISK_GB = 2.0
ABANDONED_SHOWN = 3
SKEW_SECONDS = 30
WRONG_SECONDS = 300
LATE_AFTER = timedelta(hours=26)
"""A daily job that has not succeeded for longer has missed a day."""


# --- this machine ---------------------------------------------------------------------------------------------------
def on_this_machine(settings: Settings) -> Iterator[Finding]:
    """Versions, settings, folders, clock, corrections, keywords, how Reddit is read, who is told."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield ok("version", f"gpu-etl {version('gpu-etl')}, Dagster {version('dagster')}, Python {python}")
    yield ok("settings", f"price crawl at {settings.price_crawl_hour:02}:{settings.price_crawl_minute:02}, Reddit at "
             f"{settings.reddit_crawl_hour:02}:{settings.reddit_crawl_minute:02}, home {settings.home}")  # fmt: skip
    yield _zone(settings)
    yield _disk(settings.home)
    yield from abandoned(places.STATE_PARENTS)
    yield _privacy(settings.home)
    yield _corrections(settings)
    yield _keywords(settings)
    yield _reddit_mode(settings)
    yield _notifications(settings)


def _zone(settings: Settings) -> Finding:
    local = settings.now().astimezone(settings.zone)
    says = f"market day {local:%Y-%m-%d}, {local:%H:%M} in {settings.market_timezone} (UTC{local:%z})"
    if settings.gpu_etl_now is not None:
        return warn("clock", f"{says}, as GPU_ETL_NOW pretends", "leave GPU_ETL_NOW empty outside of replays")
    return ok("clock", says)


def _disk(home: Path) -> Finding:
    free = shutil.disk_usage(home).free / 1e9
    if free < ENOUGH_DISK_GB:
        return failed("disk", f"{free:.1f} GB free at {home}", "make room, or move GPU_ETL_HOME")
    return ok("disk", f"{free:.0f} GB free at {home}")


def abandoned(parents: Sequence[Path]) -> Iterator[Finding]:
    """The embedded server's data that lie outside of homes which are gone: a removed clone, an old demo."""
    found = places.abandoned_data(parents)
    if not found:
        return
    size = sum(each.size for each in found) / 1e6
    shown = found[:ABANDONED_SHOWN]
    of = names(f"{each.folder} of {each.home}" for each in shown)
    more = f" and {len(found) - len(shown)} more" if len(found) > len(shown) else ""
    says = f"{size:,.0f} MB of embedded databases whose homes are gone: {of}{more}"
    folders = " ".join(str(each.folder) for each in shown)
    yield warn("old data", says, f"unless a home was moved and is still to be used: rm -r {folders}")


def _privacy(home: Path) -> Finding:
    if stat.S_IMODE(home.stat().st_mode) & 0o044:
        return warn("privacy", f"others on this machine can read {home}", f"chmod go-rwx {home}")
    return ok("privacy", "the home is readable by its owner only")


def _corrections(settings: Settings) -> Finding:
    try:
        corrections = settings.corrections()
    except SettingsError as error:
        return failed("corrections", str(error), "mend the line; until then no listing can be identified")
    count = len(corrections.by_listing) + len(corrections.by_title)
    return ok("corrections", f"{count} by hand" if count else "none by hand")


def _keywords(settings: Settings) -> Finding:
    try:
        rules = settings.keyword_rules()
    except SettingsError as error:
        return failed("keywords", str(error), "mend the file or its name; until then no job can run")
    return ok("keywords", f"{len(rules.keywords)}, of {settings.reddit_keywords_file or 'the package'}")


def _reddit_mode(settings: Settings) -> Finding:
    if settings.reddit_has_key:
        return ok("reddit mode", f"API key, {len(settings.reddit_subreddits)} subreddits")
    fix = "set REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET to see whole days"
    return warn("reddit mode", "no API key: RSS, the newest 100 posts a request, counts are lower bounds", fix)


def _notifications(settings: Settings) -> Finding:
    if not settings.notify_urls:
        return warn("notify", "failures are told to nobody", "set NOTIFY_URLS (Apprise addresses)")
    known = [apprise.Apprise().add(address.get_secret_value()) for address in settings.notify_urls]
    strange = [str(number) for number, good in enumerate(known, 1) if not good]
    if strange:
        fix = "https://github.com/caronc/apprise/wiki tells how addresses are written"
        return failed("notify", f"no. {names(strange)} of NOTIFY_URLS is no address that Apprise knows", fix)
    return ok("notify", f"{len(known)} address(es)")


# --- the network ----------------------------------------------------------------------------------------------------
def sources(settings: Settings) -> Iterator[Finding]:
    """Whether each source answers, and whether its clock agrees with ours."""
    answered: list[tuple[str, Page]] = []
    with HttpResource.from_settings(settings.model_copy(update={"max_retries": 0})).new_client() as client:
        for name, url in _addresses(settings).items():
            finding, page = _asked(client, name, url)
            yield finding
            if page is not None:
                answered.append((name, page))
    yield from _clock(answered)


def _addresses(settings: Settings) -> dict[str, str]:
    """What is asked in a day with these settings, by name."""
    urls = {"danawa": settings.danawa_base_url}
    urls["reddit"] = settings.reddit_oauth_url if settings.reddit_has_key else settings.reddit_base_url
    if settings.reddit_use_arctic_shift:
        urls["arctic shift"] = settings.reddit_arctic_shift_url
    if settings.naver_has_key:
        urls["naver"] = settings.naver_base_url
    for shop in settings.shop_urls:
        parts = urlsplit(shop)
        urls[parts.hostname or shop] = f"{parts.scheme}://{parts.netloc}"
    if settings.shop_urls and settings.ecb_rates_url:
        parts = urlsplit(settings.ecb_rates_url)
        urls["ecb"] = f"{parts.scheme}://{parts.netloc}"
    return urls


def _asked(client: HttpClient, name: str, url: str) -> tuple[Finding, Page | None]:
    """Every server has to answer for robots.txt, and nothing of it is counted against us."""
    try:
        page = client.get(f"{url}/robots.txt")
    except HttpError as error:
        return failed(name, str(error), "check the network, a proxy, and the address in the settings"), error.page
    if page.status >= 500 or page.status in (403, 429):
        return warn(
            name, f"{url} answers, but with {page.status}", "it may refuse us for a while: try again later"
        ), page
    return ok(name, f"{url} answers in {page.elapsed:.1f} s"), page


def _clock(answered: list[tuple[str, Page]]) -> Iterator[Finding]:
    for name, page in answered:
        if page.answered_at is None:
            continue
        skew = (page.fetched_at - page.answered_at).total_seconds()
        fix = "switch time synchronization on (timedatectl set-ntp true): the market day hangs on the clock"
        says = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} {name}'s"
        if abs(skew) > WRONG_SECONDS:
            yield failed("clock", says, fix)
        elif abs(skew) > SKEW_SECONDS:
            yield warn("clock", says, fix)
        else:
            yield ok("clock", f"agrees with {name}'s within {SKEW_SECONDS} s")
        return


# --- Dagster --------------------------------------------------------------------------------------------------------
def dagster(settings: Settings) -> Iterator[Finding]:
    """Whether the daemon lives, schedules and sensors are on, and when each daily job last succeeded."""
    import dagster as dg

    from gpu_etl import home, jobs
    from gpu_etl.cli import alive

    daemon = alive.daemon(settings)
    with home.dagster_instance() as instance:
        waiting = instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
        off = [state.instigator_name for state in instance.all_instigator_state() if state.status.value == "STOPPED"]
        if daemon.is_alive:
            yield ok("scheduler", daemon.says)
        else:
            says = f"{daemon.says}; {waiting} queued run(s) wait for it" if waiting else daemon.says
            yield warn("scheduler", says, "gpu-etl up, or gpu-etl scheduler start --detach")
        if off:
            yield warn(
                "schedules", f"switched off: {names(off)}", "switch them on in the UI, or `dagster schedule start`"
            )
        else:
            yield ok("schedules", "all on")
        for job in (jobs.price_crawl.name, jobs.reddit_collection.name):
            yield _last_run(instance, job, settings)


def _last_run(instance: dg.DagsterInstance, job: str, settings: Settings) -> Finding:
    last = _latest_finished(instance, job, settings)
    if last is None:
        return warn(job, "has not run yet", f"gpu-etl run {job.replace('_', '-')}")
    if last["status"] == "FAILURE":
        return failed(job, f"failed at {last['end']}: {last['error']}", _where_to_look(settings, last["run_id"]))
    if datetime.now(UTC) - datetime.fromisoformat(last["end"]) > LATE_AFTER:
        return warn(job, f"succeeded last at {last['end']}", "is the scheduler running? gpu-etl scheduler status")
    return ok(job, f"succeeded last at {last['end']}")


def _where_to_look(settings: Settings, run_id: str) -> str:
    """The run in Dagster's UI; the log, where that UI would be on this machine and is not."""
    from gpu_etl import home
    from gpu_etl.cli.services import answers

    url = settings.dagster_ui_url
    if is_loopback(url) and not answers(f"{url}/server_info"):
        return f"the log tells more: {home.log_file(settings)}; gpu-etl up shows the run in Dagster's UI"
    return f"{url}/runs/{run_id}"


def _latest_finished(instance: dg.DagsterInstance, job: str, settings: Settings) -> Any:
    """The latest run of a job, or of the one that holds it, that succeeded or failed; ``None`` when there is none.

    Today's and yesterday's days come first: what was tried of an older day tells nothing of the daily job.
    Dagster gives the latest first; times, told in seconds, do not tell two quick runs apart.
    """
    import dagster as dg

    from gpu_etl.run_records import run_rows

    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    days = (settings.today(), settings.today() - timedelta(days=1))
    for tags in (*({"dagster/partition": day.isoformat()} for day in days), {}):
        found = [
            row
            for name in (job, "full")
            for row in run_rows(instance, 1, settings.zone, job_name=name, statuses=ended, tags=tags)
        ]
        if found:
            return max(found, key=lambda row: row["end"])
    return None

"""The private feed token: it goes to Reddit, and nowhere else."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from gpu_etl.errors import SettingsError
from gpu_etl.resources.reddit import Collected, open_reader
from gpu_etl.resources.reddit_session import feed_fetcher
from gpu_etl.settings import Settings, load_settings
from gpu_etl.sources.records import CoverageStatus
from gpu_etl_tests.resources.reddit_fakes import NOW, feed

TOKEN, USER = "0123456789abcdef0123", "a_person"
ACCOUNT = {"reddit_feed_token": TOKEN, "reddit_feed_user": USER}


class Feeds(BaseHTTPRequestHandler):
    """Answers with a feed of the first subreddit asked for, which quotes its own address as Reddit's do."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        name = self.path.split("/")[2].split("+")[0]
        body = feed([(number, name) for number in range(1, 4)])
        quoted = f'<link rel="self" href="https://www.reddit.com{self.path.replace("&", "&amp;")}"/><entry>'
        body = body.replace(b"<entry>", quoted.encode(), 1)
        self.send_response(200)
        self.send_header("Content-Type", "application/atom+xml; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    """The address of a server of feeds, and the paths that it was asked for."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Feeds,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def read(settings: Settings) -> Collected:
    with open_reader(settings) as reader:
        return reader.read(["nvidia", "Amd"], since=None, now=NOW)


def test_with_a_token_each_subreddit_is_read_at_once_and_nobody_else_hears_of_it(
    site: tuple[str, list[str]], make_settings: Callable[..., Settings], caplog: pytest.LogCaptureFixture
) -> None:
    url, asked = site
    caplog.set_level(logging.DEBUG)
    settings = make_settings(reddit_base_url=url, http_requests_per_second=1000, **ACCOUNT)
    collected = read(settings)
    assert [(c.subreddit, c.status, c.got) for c in collected.coverage] == [
        ("nvidia", CoverageStatus.COMPLETE, 3),
        ("Amd", CoverageStatus.COMPLETE, 3),
    ]
    assert [urlsplit(path).path for path in asked] == ["/r/nvidia/new/.rss", "/r/Amd/new/.rss"]
    for path in asked:
        assert parse_qs(urlsplit(path).query) == {"limit": ["100"], "feed": [TOKEN], "user": [USER]}
    with feed_fetcher(settings) as fetch:
        shown = [repr(fetch(f"{url}/r/nvidia/new/.rss?limit=100")), repr(collected), repr(settings), caplog.text]
    assert not [text for text in shown if TOKEN in text or USER in text]


def test_an_error_does_not_quote_the_address(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(reddit_base_url="http://127.0.0.1:9", http_requests_per_second=1000, **ACCOUNT)
    collected = read(settings)
    assert {c.reason for c in collected.coverage} == {"no whole answer from Reddit's feed (ConnectionError)"}
    with feed_fetcher(settings) as fetch, pytest.raises(OSError) as caught:  # noqa: PT011 - any of requests' errors
        fetch("http://127.0.0.1:9/r/nvidia/new/.rss")
    told = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in told
    assert USER not in told


def test_without_a_token_all_subreddits_share_the_one_request_of_a_minute(
    site: tuple[str, list[str]], make_settings: Callable[..., Settings]
) -> None:
    url, asked = site
    settings = make_settings(reddit_base_url=url)
    read(settings)
    assert asked == ["/r/nvidia+Amd/new/.rss?limit=100"]
    assert settings.reddit_feed_pause == 60
    assert make_settings(**ACCOUNT).reddit_feed_pause == 2


@pytest.mark.parametrize("half", ["reddit_feed_token", "reddit_feed_user"])
def test_half_an_account_is_a_mistake_that_shows_no_secret(half: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(_env_file=None, **{half: ACCOUNT[half]})
    assert str(caught.value) == "REDDIT_FEED_TOKEN and REDDIT_FEED_USER are of use only together"

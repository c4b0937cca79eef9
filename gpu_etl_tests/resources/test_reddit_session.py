"""What PRAW's HTTP layer is made to do for us."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate

import pytest
from requests.structures import CaseInsensitiveDict

from gpu_etl.resources.reddit import RedditResource, open_reader
from gpu_etl.resources.reddit_session import connect, readable_headers, retry_after_seconds
from gpu_etl.settings import Settings

NOW = 1_772_000_000.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("7.9", 7),
        ("-3", 0),
        (formatdate(NOW + 30, usegmt=True), 30),
        (formatdate(NOW - 30, usegmt=True), 0),
        ("soon", None),
        ("", None),
        ("inf", None),
    ],
)
def test_retry_after_is_read_as_seconds_and_as_a_date(value: str, seconds: int | None) -> None:
    assert retry_after_seconds(value, NOW) == pytest.approx(seconds, abs=1) if seconds else seconds in (0, None)
    if seconds is None:
        assert retry_after_seconds(value, NOW) is None


def test_headers_that_prawcore_cannot_read_are_mended_or_dropped() -> None:
    headers = CaseInsensitiveDict(
        {
            "retry-after": formatdate(NOW + 9, usegmt=True),
            "X-Ratelimit-Used": "1.0",
            "X-Ratelimit-Remaining": "99.0",
            "X-Ratelimit-Reset": "300",
        }
    )
    readable_headers(headers, NOW)
    assert float(headers["Retry-After"]) == pytest.approx(9, abs=1)
    assert [headers[f"x-ratelimit-{name}"] for name in ("used", "remaining", "reset")] == ["1", "99", "300"]


@pytest.mark.parametrize("broken", [{"x-ratelimit-used": "many"}, {"x-ratelimit-reset": None}])
def test_half_of_the_rate_limit_is_no_rate_limit(broken: dict[str, str | None]) -> None:
    whole = {"x-ratelimit-used": "1", "x-ratelimit-remaining": "99", "x-ratelimit-reset": "300", **broken}
    headers = CaseInsensitiveDict({name: value for name, value in whole.items() if value is not None})
    readable_headers(headers, NOW)
    assert not [name for name in headers if name.lower().startswith("x-ratelimit")]


def test_the_connection_is_read_only_and_asks_nobody_for_updates(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(reddit_client_id="id", reddit_client_secret="hush", reddit_base_url="http://127.0.0.1:9")
    with connect(settings) as reddit:
        assert reddit.read_only
        assert reddit.config.check_for_updates is False
        assert reddit.config.reddit_url == "http://127.0.0.1:9"


@pytest.mark.parametrize(("key", "secret", "mode"), [("id", "hush", "praw"), ("", "", "rss"), ("id", "", "rss")])
def test_a_key_and_its_secret_choose_the_way(
    make_settings: Callable[..., Settings], key: str, secret: str, mode: str
) -> None:
    with open_reader(make_settings(reddit_client_id=key, reddit_client_secret=secret)) as reader:
        assert reader.mode == mode


def test_the_resource_has_no_field_that_could_show_a_secret() -> None:
    assert RedditResource.model_fields == {}

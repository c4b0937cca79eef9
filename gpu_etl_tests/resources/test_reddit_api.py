"""Reading through the API: paging, stopping, asking again, and what a reading is said to be worth."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import requests
from prawcore import exceptions as core

from gpu_etl.resources.reddit import CredentialsError, RedditReader
from gpu_etl.resources.reddit_api import ApiReader
from gpu_etl.resources.reddit_coverage import Collected, Refreshed
from gpu_etl.sources.records import CoverageStatus
from gpu_etl_tests.resources.reddit_fakes import NOW, Clock, FakeReddit, child, listing

LISTING_URL = "https://oauth.reddit.com/r/nvidia/new"
TOKEN_URL = "https://www.reddit.com/api/v1/access_token"
BLOCK_PAGE = "<!DOCTYPE html><html><body>whoa there, pardner! Your request has been blocked</body></html>"


def response(status: int, body: str = "{}", *, url: str = LISTING_URL, **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code, made.url, made._content = status, url, body.encode()
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def read(reddit: FakeReddit, *names: str, hours: float | None = None, clock: Clock | None = None) -> Collected:
    api = ApiReader(reddit, retries=2, backoff=5, sleep=(clock or Clock()).sleep)
    since = None if hours is None else NOW - timedelta(hours=hours)
    return RedditReader(api).read(names or ("nvidia",), since=since, now=NOW)


def test_it_stops_at_the_first_page_that_reaches_an_hour_behind() -> None:
    reddit = FakeReddit({"nvidia": 500})
    collected = read(reddit, hours=2)  # 180 minutes with the hour: the second page
    assert len(reddit.asked) == 2
    assert [post.post_id for post in collected.posts] == [f"p{n:05d}" for n in range(1, 201)]
    (coverage,) = collected.coverage
    assert (coverage.status, coverage.got, coverage.reason) == (CoverageStatus.COMPLETE, 200, None)
    assert coverage.newest == NOW - timedelta(minutes=1)
    assert coverage.oldest == coverage.reaches_back_to == NOW - timedelta(minutes=200)


def test_without_a_moment_it_reads_as_far_as_the_listing_goes() -> None:
    collected = read(FakeReddit({"nvidia": 250}))
    assert len(collected.posts) == 250
    assert collected.coverage[0].status is CoverageStatus.COMPLETE
    assert collected.coverage[0].reason == "read back to 2026-03-01 07:50Z"


def test_a_listing_that_ends_before_the_moment_is_a_recorded_gap() -> None:
    reddit = FakeReddit({"nvidia": 1500})
    collected = read(reddit, hours=48)
    assert len(reddit.asked) == 10
    (coverage,) = collected.coverage
    assert (coverage.status, coverage.got) == (CoverageStatus.PARTIAL, 1000)
    assert coverage.reason == "Reddit lists no more than about 1,000 posts; read back to 2026-02-28 19:20Z"


def test_a_small_subreddit_is_complete_where_its_listing_ends() -> None:
    (coverage,) = read(FakeReddit({"nvidia": 30}), hours=48).coverage
    assert (coverage.status, coverage.got) == (CoverageStatus.COMPLETE, 30)
    assert coverage.reaches_back_to == NOW - timedelta(hours=48)


def test_an_old_pinned_post_does_not_stop_the_reading() -> None:
    first = [child(99999, stickied=True), *(child(n) for n in range(1, 100))]
    reddit = FakeReddit({"nvidia": 300}, {1: listing(first, "t3_p00099")})
    collected = read(reddit, hours=4)
    assert len(reddit.asked) == 4
    assert collected.coverage[0].oldest == NOW - timedelta(minutes=300)
    assert any(post.is_stickied for post in collected.posts)


def test_posts_that_move_to_the_next_page_are_counted_once() -> None:
    second = [child(n) for n in range(90, 190)]
    collected = read(FakeReddit({"nvidia": 300}, {2: listing(second, None)}))
    assert (len(collected.posts), collected.coverage[0].got) == (189, 189)


def test_an_empty_listing_is_a_failure_after_a_second_look() -> None:
    clock = Clock()
    reddit = FakeReddit({"nvidia": 0})
    collected = read(reddit, hours=2, clock=clock)
    assert (len(reddit.asked), clock.slept) == (2, [5])
    (coverage,) = collected.coverage
    assert (coverage.status, coverage.got, coverage.reason) == (CoverageStatus.FAILED, 0, "empty listing")
    assert collected.is_blind


@pytest.mark.parametrize("nothing", [listing([]), ""])
def test_one_empty_answer_is_asked_for_again(nothing: Any) -> None:
    reddit = FakeReddit({"nvidia": 50}, {1: nothing})
    (coverage,) = read(reddit).coverage
    assert (coverage.status, coverage.got, len(reddit.asked)) == (CoverageStatus.COMPLETE, 50, 2)


def test_an_empty_page_in_between_is_a_gap_and_keeps_what_was_read() -> None:
    collected = read(FakeReddit({"nvidia": 500}, {2: listing([]), 3: listing([])}), hours=5)
    (coverage,) = collected.coverage
    assert (coverage.status, coverage.got) == (CoverageStatus.PARTIAL, 100)
    assert coverage.reason == "page 2 came empty though the one before pointed to it; read back to 2026-03-01 10:20Z"


def test_a_page_that_points_back_ends_the_reading() -> None:
    loop = listing([child(n) for n in range(1, 101)], "t3_p00100")
    collected = read(FakeReddit({"nvidia": 500}, {2: loop}), hours=5)
    assert collected.coverage[0].status is CoverageStatus.PARTIAL
    assert "points back" in str(collected.coverage[0].reason)


def test_a_renamed_field_is_a_failure_that_is_not_asked_again() -> None:
    renamed = child(1)
    renamed["data"]["headline"] = renamed["data"].pop("title")
    reddit = FakeReddit({"nvidia": 10}, {1: listing([renamed])})
    (coverage,) = read(reddit).coverage
    assert (coverage.status, coverage.reason) == (CoverageStatus.FAILED, "none of 1 posts has the field 'title'")
    assert len(reddit.asked) == 1


def test_a_post_with_a_bad_time_makes_the_count_a_lower_bound() -> None:
    page = listing([child(1), child(2, created_utc=None), child(3)])
    collected = read(FakeReddit({"nvidia": 3}, {1: page}), hours=2)
    assert collected.coverage[0].status is CoverageStatus.PARTIAL
    assert collected.coverage[0].reason == "1 posts could not be understood"
    assert [refusal.subject for refusal in collected.refusals] == ["p00002"]


def test_a_post_from_the_future_is_refused() -> None:
    page = listing([child(-60 * 30, id="zz9"), child(1)])
    collected = read(FakeReddit({"nvidia": 2}, {1: page}))
    assert [post.post_id for post in collected.posts] == ["p00001"]
    assert "future" in collected.refusals[0].reason


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (core.NotFound(response(404)), "unavailable", "does not exist or is banned (status 404)"),
        (
            core.Redirect(response(302, location="/subreddits/search")),
            "unavailable",
            "does not exist: Reddit sends us elsewhere",
        ),
        (core.UnavailableForLegalReasons(response(451)), "unavailable", "is withheld for legal reasons (status 451)"),
        (core.Forbidden(response(403, json.dumps({"reason": "private"}))), "unavailable", "is private (status 403)"),
        (core.Forbidden(response(403, BLOCK_PAGE)), "blocked", "a page that blocks us (status 403)"),
        (
            core.Forbidden(response(403, json.dumps({"message": "Forbidden"}))),
            "blocked",
            "Reddit forbids it (status 403)",
        ),
        (core.BadJSON(response(200, BLOCK_PAGE)), "blocked", "a page that blocks us instead of JSON (status 200)"),
        (core.BadJSON(response(200, "<html>hello</html>")), "failed", "a web page instead of JSON"),
        (core.ResponseException(response(418)), "failed", "Reddit answers 418"),
        (KeyError("expires_in"), "failed", "KeyError: 'expires_in'"),
        (ValueError("1.0"), "failed", "ValueError: 1.0"),
    ],
)
def test_one_failing_subreddit_leaves_the_others(error: Exception, status: str, reason: str) -> None:
    clock = Clock()
    collected = read(FakeReddit({"nvidia": 30, "Amd": 20}, {1: error}), "nvidia", "Amd", clock=clock)
    bad, good = collected.coverage
    assert (bad.subreddit, bad.status, bad.reason, bad.got) == ("nvidia", status, reason, 0)
    assert (good.subreddit, good.status, good.got) == ("Amd", CoverageStatus.COMPLETE, 20)
    assert clock.slept == []
    assert not collected.is_blind


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (core.TooManyRequests(response(429, Retry_After="7")), [7]),
        (core.TooManyRequests(response(429)), [5]),
        (core.ServerError(response(503, Retry_After="3")), [3]),
        (core.ServerError(response(502)), [5]),
        (core.BadJSON(response(200, '{"kind": "Lis')), [5]),
        (core.RequestException(requests.exceptions.ConnectionError("gone"), (), {}), [5]),
    ],
)
def test_what_may_pass_is_asked_again_after_the_pause_that_was_wanted(error: Exception, waits: list[float]) -> None:
    clock = Clock()
    collected = read(FakeReddit({"nvidia": 30}, {1: error}), clock=clock)
    assert collected.coverage[0].status is CoverageStatus.COMPLETE
    assert clock.slept == waits


def test_tries_come_to_an_end_and_pauses_double() -> None:
    clock = Clock()
    error = core.ServerError(response(500))
    reddit = FakeReddit({"nvidia": 30}, dict.fromkeys(range(1, 9), error))
    (coverage,) = read(reddit, clock=clock).coverage
    assert (coverage.status, coverage.reason) == (CoverageStatus.FAILED, "Reddit answers 500")
    assert (len(reddit.asked), clock.slept) == (3, [5, 10])


def test_a_pause_longer_than_we_wait_ends_the_reading_at_once() -> None:
    clock = Clock()
    reddit = FakeReddit({"nvidia": 300}, {2: core.TooManyRequests(response(429, Retry_After="3600"))})
    (coverage,) = read(reddit, hours=4, clock=clock).coverage
    assert (coverage.status, coverage.got, clock.slept) == (CoverageStatus.PARTIAL, 100, [])
    assert coverage.reason == "Reddit says too many requests (429); read back to 2026-03-01 10:20Z"


@pytest.mark.parametrize(
    "error",
    [
        core.ResponseException(response(500, url=TOKEN_URL)),
        core.ResponseException(response(429, url=TOKEN_URL)),
        core.RequestException(requests.exceptions.ConnectTimeout("slow"), (), {}),
    ],
)
def test_what_would_fail_everywhere_is_not_asked_of_every_subreddit(error: Exception) -> None:
    reddit = FakeReddit({"a": 3, "b": 3, "c": 3}, dict.fromkeys(range(1, 99), error))
    collected = read(reddit, "a", "b", "c")
    assert len(reddit.asked) <= 3
    assert len({coverage.reason for coverage in collected.coverage}) == 1
    assert collected.is_blind


@pytest.mark.parametrize(
    "error",
    [
        core.ResponseException(response(401, url=TOKEN_URL)),
        core.OAuthException(response(200, url=TOKEN_URL), "invalid_grant", "hush-hush"),
        core.InvalidToken(response(401)),
        KeyError(401),
    ],
)
def test_a_refused_key_is_fatal_at_once_and_said_without_the_secret(error: Exception) -> None:
    reddit = FakeReddit({"a": 3, "b": 3}, {1: error})
    with pytest.raises(CredentialsError) as caught:
        read(reddit, "a", "b")
    assert len(reddit.asked) == 1
    assert "REDDIT_CLIENT_SECRET" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "hush-hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_same_subreddit_is_asked_for_once() -> None:
    reddit = FakeReddit({"nvidia": 3})
    assert [c.subreddit for c in read(reddit, "nvidia", "NVIDIA").coverage] == ["nvidia"]


def refresh(reddit: FakeReddit, *numbers: int) -> Refreshed:
    api = ApiReader(reddit, retries=1, backoff=1, sleep=Clock().sleep)
    return RedditReader(api).refresh([f"p{number:05d}" for number in numbers])


def test_known_posts_are_asked_for_by_the_hundred_and_the_missing_are_named() -> None:
    reddit = FakeReddit({"info": 240})
    refreshed = refresh(reddit, *range(1, 251), 1)
    assert [str(asked).count("t3_") for _, asked in reddit.asked] == [100, 100, 50]
    assert (len(refreshed.posts), refreshed.posts[0].score) == (240, 77)
    assert refreshed.missing == [f"p{n:05d}" for n in range(241, 251)]
    assert (refreshed.unread, refreshed.reason) == ([], None)


@pytest.mark.parametrize("answer", [listing([]), "", core.ServerError(response(500))])
def test_posts_of_an_answer_that_says_nothing_are_unread_and_not_gone(answer: Any) -> None:
    refreshed = refresh(FakeReddit({"info": 150}, {1: answer, 2: answer}), *range(1, 151))
    assert refreshed.missing == []
    assert refreshed.unread == [f"p{n:05d}" for n in range(1, 101)]
    assert len(refreshed.posts) == 50
    assert refreshed.reason


def test_a_post_that_comes_back_unreadable_is_not_gone() -> None:
    answer = listing([child(1), child(2, created_utc=None)])
    refreshed = refresh(FakeReddit({"info": 2}, {1: answer}), 1, 2)
    assert (refreshed.missing, refreshed.unread) == ([], ["p00002"])


def test_an_outage_is_not_asked_again_for_every_hundred() -> None:
    gone = core.RequestException(requests.exceptions.ReadTimeout("slow"), (), {})
    reddit = FakeReddit({"info": 0}, dict.fromkeys(range(1, 20), gone))
    refreshed = refresh(reddit, *range(1, 501))
    assert (len(refreshed.unread), len(reddit.asked)) == (500, 1)

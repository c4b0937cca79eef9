"""Pages with something in them that breaks programs: huge, deep, not text, not ours to expand."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from gpu_etl.sources import reddit_feed
from gpu_etl.sources.pages import ParseError
from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.faults.world import BAD, World, spoiled

TITLE = re.compile(rb'(<a[^>]*name="productName"[^>]*>)')


def titles(words: bytes) -> Callable[[str, bytes], bytes]:
    """Put words before every title of a list."""
    return lambda path, body: TITLE.sub(rb"\g<1>" + words, body) if path.startswith("/list") else body


def nested(path: str, body: bytes) -> bytes:
    """Wrap the page in more elements than any page has."""
    deep = 50_000
    return body.replace(b"<body>", b"<body>" + b"<div>" * deep) if path.startswith("/list") else body


HARMLESS = {
    "a title of a megabyte": titles(b"x" * 1_000_000 + b" "),
    "a title of two thousand letters": titles("가".encode() * 2000 + b" "),
    "control characters": titles(b"\x00\x01\x1b[31m\x7f "),
    "a lone surrogate": titles(b"\xed\xa0\x80 "),
    "text that runs backwards": titles("\u202egnp.exe\u202c ".encode()),
    "a byte order mark": lambda path, body: b"\xef\xbb\xbf" + body if path.startswith("/list") else body,
}


@pytest.mark.slow
@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_odd_in_a_page_does_not_change_its_prices(
    what: str, world: World, prices: Prices, true_rows: Callable[[str], bool]
) -> None:
    world.day = BAD
    with spoiled(world.base_url, HARMLESS[what]) as address:
        assert prices.run(BAD, danawa_base_url=address) == []
    assert true_rows(BAD)
    stored = prices.rows("select max(length(title)) as longest from price_offers")
    assert stored[0]["longest"] < 2000


@pytest.mark.slow
def test_a_page_of_bottomless_nesting_is_read_or_refused_in_a_moment(world: World, prices: Prices) -> None:
    world.day = BAD
    started = time.monotonic()
    with spoiled(world.base_url, nested) as address:
        failures = prices.run(BAD, danawa_base_url=address)
    assert time.monotonic() - started < 60
    if failures:
        assert prices.published(BAD) == {}
    else:
        assert {key: row["price"] for key, row in prices.published(BAD).items()} == world.truth(BAD)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY l0 "lol">{LAUGHS}]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>t3_abc</id><title>{entity}</title>
<updated>2026-03-05T00:00:00+00:00</updated><published>2026-03-05T00:00:00+00:00</published>
<link href="https://www.reddit.com/r/nvidia/comments/abc/x/"/><category term="nvidia" label="r/nvidia"/>
<author><name>/u/x</name></author><content type="html">{entity}</content></entry></feed>"""


@pytest.mark.parametrize(("head", "entity"), [(BOMB, "&l9;"), (OUTSIDE, "&x;")], ids=["a billion laughs", "a file"])
def test_entities_of_a_feed_are_not_expanded(head: str, entity: str) -> None:
    started = time.monotonic()
    with suppress(ParseError):
        page = reddit_feed.parse((head + FEED.format(entity=entity)).encode())
        text = "".join(post.title + (post.text or "") for post in page.posts)
        assert len(text) < 1000
        assert "root:" not in text
    assert time.monotonic() - started < 5

"""Pages with something in them that breaks programs: huge, deep, not text, not ours to expand."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from gpu_etl.sources import reddit_feed
from gpu_etl.sources.pages import LONGEST_TITLE
from gpu_etl.sources.reddit_feed import NotAFeed
from gpu_etl_tests.endtoend.pricing import Prices
from gpu_etl_tests.faults.world import BAD, World, spoiled

TITLE = re.compile(rb'(<a[^>]*name="productName"[^>]*>)')


def titles(words: bytes) -> Callable[[str, bytes], bytes]:
    """Put words before the first title of every page of the list."""
    return lambda path, body: TITLE.sub(lambda tag: tag[1] + words, body, count=1) if path.startswith("/list") else body


def nested(path: str, body: bytes) -> bytes:
    """Wrap the page in more elements than any page has; parsed, it would take minutes."""
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
    assert stored[0]["longest"] <= LONGEST_TITLE


@pytest.mark.slow
def test_a_page_of_bottomless_nesting_is_refused_before_it_is_parsed(
    world: World, prices: Prices, true_rows: Callable[[str], bool]
) -> None:
    world.day = BAD
    with spoiled(world.base_url, nested) as address:
        (failure,) = prices.run(BAD, danawa_base_url=address)
    assert "more than 20,000 elements within each other" in failure
    assert prices.published(BAD) == {}
    assert prices.run(BAD) == []
    assert true_rows(BAD)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMB = f'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY l0 "lol">{LAUGHS}]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>t3_abc</id><title>{entity}</title>
<updated>2026-03-05T00:00:00+00:00</updated><published>2026-03-05T00:00:00+00:00</published>
<link href="https://www.reddit.com/r/nvidia/comments/abc/x/"/><category term="nvidia" label="r/nvidia"/>
<author><name>/u/x</name></author><content type="html">{entity}</content></entry></feed>"""


@pytest.mark.parametrize(("head", "entity"), [(BOMB, "&l9;"), (OUTSIDE, "&x;")], ids=["a billion laughs", "a file"])
def test_entities_of_a_feed_are_not_expanded(head: str, entity: str) -> None:
    with pytest.raises(NotAFeed):
        reddit_feed.parse((head + FEED.format(entity=entity)).encode())

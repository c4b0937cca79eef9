from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpu_etl.sources import danawa
from gpu_etl.sources.danawa_words import canonical_url, read_malls, read_price
from gpu_etl.sources.records import Availability, ListPage, Offer, PageKind
from gpu_etl_tests.sources.material import next_page, old_page, product, real_page, row, variant, won

TWO_ROWS = row(101, "MSI 지포스 RTX 5070 벤투스", variant(101, won("902,450"), malls="1,204몰")) + row(
    202, "갤럭시 RTX 5060 &amp; 친구", variant(202, "<strong>가격비교예정</strong>", malls="0몰")
)
CARD = product(101, "MSI 지포스 RTX 5070 벤투스", {"min": 902450})


def by_id(page: ListPage) -> dict[str, Offer]:
    return {offer.listing_id: offer for offer in page.offers}


# --- both templates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [old_page(TWO_ROWS), next_page([CARD, product(202, "갤럭시 RTX 5060 & 친구", None)])])
def test_a_page_says_the_same_in_either_template(page: bytes) -> None:
    read = danawa.parse_list(page)
    offer = read.offers[0]
    assert (offer.source, offer.listing_id, offer.title) == ("danawa", "101", "MSI 지포스 RTX 5070 벤투스")
    assert (offer.price, offer.currency, offer.availability) == (902450, "KRW", Availability.IN_STOCK)
    assert offer.url == "https://prod.danawa.com/info/?pcode=101"
    assert (offer.market_day, offer.observed_at) == (None, None)
    assert (read.offers[1].title, read.offers[1].price) == ("갤럭시 RTX 5060 & 친구", None)
    assert (read.total, read.row_count, read.row_ids, read.page_size) == (1120, 2, ["101", "202"], 30)
    assert read.refusals == []


def test_only_the_old_template_counts_shops_and_says_why_there_is_no_price() -> None:
    old = danawa.parse_list(old_page(TWO_ROWS)).offers
    new = danawa.parse_list(next_page([CARD, product(202, "갤럭시", {"min": 0})])).offers
    assert [offer.seller_count for offer in old] == [1204, 0]
    assert [offer.availability for offer in old] == [Availability.IN_STOCK, Availability.COMING_SOON]
    assert [offer.seller_count for offer in new] == [None, None]
    assert [offer.availability for offer in new] == [Availability.IN_STOCK, Availability.UNKNOWN]


@pytest.mark.parametrize(
    "page",
    [
        old_page(
            row(
                7,
                "지포스 RTX 3060",
                variant(7, won("348,000"), label="정품") + variant(8, won("298,000"), label="벌크", representative=7),
            )
        ),
        next_page(
            [
                product(
                    7,
                    "지포스 RTX 3060",
                    {"min": 348000},
                    bundleProducts=[
                        {"productCode": 7, "bundleName": "정품", "price": {"min": 348000}},
                        {"productCode": 8, "bundleName": "벌크", "price": {"min": 298000}},
                    ],
                )
            ]
        ),
    ],
)
def test_each_variant_is_a_listing_of_its_own_also_where_the_row_hides_it(page: bytes) -> None:
    read = danawa.parse_list(page)
    assert [(offer.listing_id, offer.title, offer.price) for offer in read.offers] == [
        ("7", "지포스 RTX 3060", 348000),
        ("8", "지포스 RTX 3060 벌크", 298000),
    ]
    assert read.offers[1].url == "https://prod.danawa.com/info/?pcode=8"
    assert (read.row_count, read.row_ids) == (1, ["7"])


@pytest.mark.parametrize("page", [old_page(TWO_ROWS), next_page([CARD])])
def test_half_a_page_is_truncated(page: bytes) -> None:
    with pytest.raises(danawa.TruncatedPage, match="</html>"):
        danawa.parse_list(page[: len(page) // 2])


@pytest.mark.parametrize("page", [old_page(TWO_ROWS), next_page([CARD])])
def test_a_page_in_euc_kr_reads_the_same(page: bytes) -> None:
    korean = page.decode().replace('<meta charset="utf-8">', "").encode("cp949")
    assert danawa.parse_list(korean).offers == danawa.parse_list(page).offers


@pytest.mark.parametrize(
    ("page", "codes"),
    [
        (old_page(TWO_ROWS), ["1131480"]),
        (
            next_page(
                [CARD],
                children=[{"code": 1131480, "name": "NVIDIA"}, {"code": "11355606", "name": "RTX 50 호환 부품"}],
            ),
            ["1131480"],
        ),
    ],
)
def test_subcategories_of_compatible_parts_are_no_graphics_cards(page: bytes, codes: list[str]) -> None:
    assert danawa.parse_list(page).subcategories == codes


@pytest.mark.parametrize("build", [lambda title: old_page(row(5, title, variant(5, won("100,000")))), None])
def test_hostile_titles_stay_text(build: Callable[[str], bytes] | None) -> None:
    for title, written in (
        ("RTX\0 5070", "RTX\0 5070"),
        ("RTX '); DROP TABLE price_logs; --", "RTX '); DROP TABLE price_logs; --"),
        ('RTX <script>alert("x")</script>', "RTX &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"),
    ):
        page = build(written) if build else next_page([product(5, title, {"min": 100000})])
        assert danawa.parse_list(page).offers[0].title == title.replace("\0", "")


def test_a_lone_surrogate_in_the_pushed_json_is_dropped() -> None:
    page = next_page([product(5, "RTX 5070 \ud83d", {"min": 100000})])
    assert danawa.parse_list(page).offers[0].title == "RTX 5070"


# --- the server-rendered template ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "availability"),
    [
        ("가격비교예정", "coming_soon"),
        ("출시예정", "coming_soon"),
        ("일시품절", "out_of_stock"),
        ("가격비교중지", "suspended"),
        ("단종", "discontinued"),
        ("판매중지", "discontinued"),
    ],
)
def test_a_status_word_is_a_state_without_a_price(word: str, availability: str) -> None:
    read = danawa.parse_list(old_page(row(5, "RTX 5070", variant(5, f"<strong>{word}</strong>"))))
    assert [(offer.price, offer.availability) for offer in read.offers] == [(None, availability)]
    assert read.refusals == []


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (won("0"), "price 0"),
        ("", "no price"),
        ("<strong>문의요망</strong>", "unknown word instead of a price"),
        (won("-334,280"), "unknown word instead of a price"),
        (won("334.28"), "unknown word instead of a price"),
        (won("3,34"), "unknown word instead of a price"),
        (won("1,119"), "price below the least plausible 2,500 won"),
        (won("99,999,999,999"), "price above the most plausible 1,000,000,000 won"),
    ],
)
def test_what_is_no_price_is_refused_and_unknown(shown: str, reason: str) -> None:
    read = danawa.parse_list(old_page(row(5, "RTX 5070", variant(5, shown))))
    assert [(offer.price, offer.availability) for offer in read.offers] == [(None, Availability.UNKNOWN)]
    assert [(refusal.subject, refusal.reason) for refusal in read.refusals] == [("5", reason)]


def test_advertisements_are_no_rows() -> None:
    advertisement = TWO_ROWS.replace("productItem101", "adReaderProductItem9").replace("Detail_101", "Detail_9")
    classed = row(303, "광고", variant(303, won("99,000"))).replace('"prod_item"', '"prod_item prod_ad_item"')
    unranked = row(404, "광고", variant(404, won("99,000")), ranked=False)
    above = f'<div class="main_ad_prodlist"><ul>{row(505, "광고", variant(505, won("99,000")))}</ul></div>'
    read = danawa.parse_list(old_page(TWO_ROWS + advertisement + classed + unranked, extra=above))
    assert list(by_id(read)) == ["101", "202"]


def test_a_list_without_ranks_is_read_whole() -> None:
    rows = "".join(row(pcode, "RTX", variant(pcode, won("99,000")), ranked=False) for pcode in (1, 2, 3))
    assert danawa.parse_list(old_page(rows)).row_ids == ["1", "2", "3"]


def test_a_row_that_comes_twice_counts_once_and_a_second_price_is_refused() -> None:
    again = row(101, "MSI 지포스 RTX 5070 벤투스", variant(101, won("999,000")))
    same, other = danawa.parse_list(old_page(TWO_ROWS + TWO_ROWS)), danawa.parse_list(old_page(TWO_ROWS + again))
    assert (same.row_count, len(same.offers), same.refusals) == (2, 2, [])
    assert by_id(other)["101"].price == 902450
    assert [refusal.reason for refusal in other.refusals] == ["listed twice on one page for different prices"]


def test_one_broken_row_is_refused_and_the_others_are_read() -> None:
    read = danawa.parse_list(old_page(TWO_ROWS + row(303, "RTX 5080", "")))
    assert list(by_id(read)) == ["101", "202"]
    assert [(refusal.subject, refusal.reason) for refusal in read.refusals] == [("303", "row without a price list")]
    assert read.row_count == 2


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ("prod_item", "gds-card", "no li.prod_item on a page that counts 1,120 rows"),
        ("price_sect", "gds-won", "most lack p.price_sect"),
        ("productInfoDetail", "gdsd", r"most lack li\[id\^=productInfoDetail_\]"),
        ("prod_name", "gds-title", "most lack a title link"),
    ],
)
def test_a_changed_layout_names_what_is_missing(old: str, new: str, missing: str) -> None:
    with pytest.raises(danawa.LayoutChanged, match=missing):
        danawa.parse_list(old_page(TWO_ROWS.replace(old, new)))


def test_a_list_is_empty_only_where_the_page_says_so() -> None:
    assert danawa.parse_list(old_page("", total="(0)")).offers == []
    with pytest.raises(danawa.LayoutChanged, match="names no total"):
        danawa.parse_list(old_page("", total=""))
    with pytest.raises(danawa.EmptyList, match="counts 949 rows"):
        danawa.parse_list(old_page("", total="(949)"))


def test_the_total_of_the_chosen_tab_counts() -> None:
    assert danawa.parse_list(old_page(TWO_ROWS, total="(2)")).total == 2


# --- the Next.js template -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", [None, {"min": None}, {"min": 0}, {}])
def test_no_price_is_no_fault_in_the_next_template(price: object) -> None:
    read = danawa.parse_list(next_page([CARD, product(5, "RTX 5080", price)]))
    assert (by_id(read)["5"].price, by_id(read)["5"].availability) == (None, Availability.UNKNOWN)
    assert read.refusals == []


@pytest.mark.parametrize(
    ("price", "reason"),
    [(-5, "not a number of won"), (902450.5, "not a number of won"), (True, "not a number of won"), (52, "below")],
)
def test_a_number_that_is_no_price_is_refused(price: object, reason: str) -> None:
    read = danawa.parse_list(next_page([CARD, product(5, "RTX 5080", {"min": price})]))
    assert by_id(read)["5"].price is None
    assert [reason in refusal.reason for refusal in read.refusals] == [True]


def test_a_price_written_as_text_is_read() -> None:
    read = danawa.parse_list(next_page([product(5, "RTX 5080", {"min": "1,377,570"})]))
    assert read.offers[0].price == 1377570


def test_recommendations_and_advertisements_are_not_the_list() -> None:
    advertisement = product(9, "광고", {"min": 99000}) | {"productUrl": "https://prod.danawa.com/bridge/x?pcode=9"}
    assert list(by_id(danawa.parse_list(next_page([CARD, advertisement])))) == ["101"]


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ("descriptionSegments", "blurb", "no list of products"),
        ("price", "cost", "most products have no price field"),
        ("productName", "gdsName", "0 of 1 products could be read"),
    ],
)
def test_a_renamed_field_names_what_is_missing(old: str, new: str, missing: str) -> None:
    data = json.loads(json.dumps([CARD]).replace(f'"{old}"', f'"{new}"'))
    with pytest.raises(danawa.LayoutChanged, match=missing):
        danawa.parse_list(next_page(data))


def test_a_renamed_list_is_missing() -> None:
    with pytest.raises(danawa.LayoutChanged, match="no list of products"):
        danawa.parse_list(next_page([CARD], key="goods"))


def test_an_empty_next_list_is_empty_only_where_it_counts_nothing() -> None:
    assert danawa.parse_list(next_page([], total=0)).offers == []
    with pytest.raises(danawa.EmptyList, match="counts 949 rows"):
        danawa.parse_list(next_page([], total=949))


# --- pieces, real pages, anything at all -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://prod.danawa.com/info/?keyword=x&pcode=5&cate=1", "https://prod.danawa.com/info/?pcode=5"),
        ("http://prod.danawa.com/info/?pcode=5", "https://prod.danawa.com/info/?pcode=5"),
        ("http://127.0.0.1:8080/info/?pcode=5&cate=1", "http://127.0.0.1:8080/info/?pcode=5"),
        ("javascript:alert(1)//info/?pcode=5", "https://prod.danawa.com/info/?pcode=5"),
        ("https://prod.danawa.com/info/?pcode=55", "https://prod.danawa.com/info/?pcode=5"),
        ("https://prod.danawa.com/bridge/?pcode=5", "https://prod.danawa.com/info/?pcode=5"),
        (None, "https://prod.danawa.com/info/?pcode=5"),
    ],
)
def test_links_keep_nothing_but_the_listing(link: str | None, expected: str) -> None:
    assert canonical_url(link, "5") == expected


def test_words() -> None:
    assert read_price(" 가격비교 예정 ").availability is Availability.COMING_SOON
    assert read_price("334,280원").price == 334280
    assert (read_malls("VS 1,024 몰"), read_malls("몰")) == (1024, None)


def test_addresses() -> None:
    assert danawa.list_url("http://127.0.0.1:1/", "112753") == "http://127.0.0.1:1/list/?cate=112753"
    assert danawa.list_url(danawa.SITE, "112753", 3) == "https://prod.danawa.com/list/?cate=112753&page=3"
    assert danawa.product_url(danawa.SITE, "5") == "https://prod.danawa.com/info/?pcode=5"


def test_a_short_list_body_is_blocked() -> None:
    assert danawa.classify_list(200, "text/html", old_page(TWO_ROWS))[0] is PageKind.BLOCKED


def test_the_real_search_page_reads_as_a_person_reads_it() -> None:
    read = danawa.parse_list(real_page("danawa_search_buds3pro"))
    offers = by_id(read)
    assert (len(read.offers), read.row_count, read.refusals) == (62, 40, [])
    assert (offers["59537216"].title, offers["59537216"].price) == ("삼성전자 갤럭시 버즈3 프로 SM-R630N", 231950)
    assert (offers["73432709"].title, offers["73432709"].price, offers["73432709"].seller_count) == (
        "삼성전자 갤럭시 버즈3 프로 SM-R630N 해외구매",
        183460,
        64,
    )
    assert offers["122683403"].title.endswith("중고")
    assert offers["78978797"].price == 34900
    assert all(offer.url == f"https://prod.danawa.com/info/?pcode={offer.listing_id}" for offer in read.offers)


def test_the_real_search_that_found_nothing_is_an_empty_list() -> None:
    read = danawa.parse_list(real_page("danawa_search_noresult"))
    assert (read.offers, read.total, read.row_count) == ([], 0, 0)


@settings(max_examples=60)
@given(st.sampled_from([old_page(TWO_ROWS), next_page([CARD])]), st.data())
def test_a_damaged_page_is_read_or_refused_but_never_breaks_the_parser(page: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(page) - 1))
    end = data.draw(st.integers(start, min(len(page), start + 400)))
    damaged = page[:start] + data.draw(st.binary(max_size=8)) + page[end:]
    try:
        read = danawa.parse_list(damaged)
    except danawa.ParseError:
        return
    assert read.offers or read.total == 0
    assert all(offer.price is None or offer.price >= 2500 for offer in read.offers)

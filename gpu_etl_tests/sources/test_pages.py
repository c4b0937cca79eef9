from __future__ import annotations

import pytest

from gpu_etl.sources import pages
from gpu_etl.sources.records import PageKind
from gpu_etl_tests.sources.material import real_page

HTML = "text/html; charset=UTF-8"
LONG = "<html><head><title>그래픽카드</title></head><body>" + "가" * 30_000 + "</body></html>"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, "gone"),
        (410, "gone"),
        (401, "blocked"),
        (403, "blocked"),
        (429, "blocked"),
        (500, "error"),
        (302, "error"),
    ],
)
def test_status_decides_before_the_body(status: int, kind: str) -> None:
    found, reason = pages.classify(status, HTML, LONG.encode())
    assert found == kind
    assert str(status) in (reason or "")


def test_a_whole_page_is_ok_without_a_reason() -> None:
    assert pages.classify(200, HTML, LONG.encode(), minimum_bytes=50_000) == (PageKind.OK, None)


@pytest.mark.parametrize("body", [b"", b" \r\n "])
def test_no_content_is_empty(body: bytes) -> None:
    assert pages.classify(200, HTML, body)[0] is PageKind.EMPTY


@pytest.mark.parametrize(
    "words", ["비정상적인 접근이 감지되었습니다", "접속이 차단되었습니다", "Access Denied", '<input name="captcha">']
)
def test_a_small_page_that_refuses_is_blocked(words: str) -> None:
    kind, reason = pages.classify(200, HTML, f"<html><body>{words}</body></html>".encode())
    assert kind is PageKind.BLOCKED
    assert "small page" in (reason or "")


def test_a_page_titled_like_a_refusal_or_a_login_is_blocked_whatever_its_size() -> None:
    for title in ("Just a moment...", "로그인 - 다나와"):
        page = LONG.replace("그래픽카드", title).encode()
        kind, reason = pages.classify(200, HTML, page)
        assert kind is PageKind.BLOCKED
        assert title in (reason or "")


def test_words_of_refusal_deep_in_a_large_page_are_content() -> None:
    page = LONG.replace("</body>", '<form action="/captcha">로그인</form></body>').encode()
    assert pages.classify(200, HTML, page)[0] is PageKind.OK


def test_a_small_product_page_with_a_captcha_in_its_review_form_is_ok() -> None:
    page = b'<div itemtype="https://schema.org/Product">RTX 5070</div><div class="g-recaptcha"></div>'
    assert pages.classify(200, HTML, page)[0] is PageKind.OK
    assert pages.classify(200, HTML, page.replace(b"schema", b"x"))[0] is PageKind.BLOCKED


def test_a_body_below_the_minimum_is_blocked_and_says_by_how_much() -> None:
    kind, reason = pages.classify(200, HTML, b"<html><body>ok</body></html>", minimum_bytes=50_000)
    assert (kind, reason) == (PageKind.BLOCKED, "only 28 bytes; a real page has at least 50,000")


def test_an_image_is_an_error() -> None:
    kind, reason = pages.classify(200, "image/png", b"\x89PNG")
    assert kind is PageKind.ERROR
    assert "image/png" in (reason or "")


def test_the_real_captcha_is_blocked() -> None:
    assert pages.classify(200, HTML, real_page("walmart_captcha"))[0] is PageKind.BLOCKED


@pytest.mark.parametrize(
    "name", ["newegg_in_stock", "bestbuy_out_of_stock", "adorama_in_stock", "danawa_offers_17171645"]
)
def test_real_product_pages_are_ok(name: str) -> None:
    assert pages.classify(200, HTML, real_page(name)) == (PageKind.OK, None)


def test_decode_knows_the_charsets_a_korean_site_may_use() -> None:
    text = "<html><title>지포스 그래픽카드</title></html>"
    assert pages.decode(text.encode()) == text
    assert pages.decode(b"\xef\xbb\xbf" + text.encode()) == text
    assert pages.decode(text.encode("utf-16")) == text
    assert pages.decode(text.encode("cp949")) == text
    assert pages.decode(('<meta charset="euc-kr">똠방각하' + text).encode("cp949")).endswith(text)


def test_decode_trusts_utf8_over_a_wrong_declaration() -> None:
    text = '<meta charset="euc-kr"><title>지포스</title>'
    assert pages.decode(text.encode()) == text


def test_decode_uses_a_declared_charset_that_is_neither() -> None:
    text = '<meta charset="windows-1252"><title>Grafikkarten für Köln</title>'
    assert pages.decode(text.encode("cp1252")) == text


def test_decode_drops_nul_and_lone_surrogates() -> None:
    assert pages.decode(b"a\0b" + "\ud83d".encode("utf-8", "surrogatepass") + "가".encode()) == "ab가"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_decode_refuses_text_that_was_decoded_as_latin(encoding: str) -> None:
    garbled = "".join(bytes([byte]).decode(encoding, "replace") for byte in ("지포스 그래픽카드 " * 3).encode())
    with pytest.raises(pages.UnreadableText, match="mojibake"):
        pages.decode(f"<html>{garbled}</html>".encode())


def test_decode_lets_one_garbled_review_pass_on_a_sound_page() -> None:
    garbled = "지포스".encode().decode("latin-1")
    text = f"<html>{'그래픽카드 ' * 200}{garbled}</html>"
    assert pages.decode(text.encode()) == text
    assert pages.is_mojibake(garbled)


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_decode_names_a_page_cut_inside_a_letter(encoding: str) -> None:
    page = ("<html>" + "그래픽카드" * 50).encode(encoding)
    with pytest.raises(pages.TruncatedPage, match="inside a character"):
        pages.decode(page[:-1])


def test_decode_refuses_bytes_that_are_no_text() -> None:
    with pytest.raises(pages.UnreadableText, match="neither UTF-8"):
        pages.decode(bytes([0x80, 0xFF, 0x01]) * 100)


def test_clean_text_makes_one_line_that_postgresql_takes() -> None:
    assert pages.clean_text(" RTX\0 5070\u200b \ud800 Ti\n\t슈퍼 ") == "RTX 5070 Ti 슈퍼"


def test_a_title_is_bounded() -> None:
    assert pages.clean_title("RTX 5070 " * 1000) == ("RTX 5070 " * 1000)[: pages.LONGEST_TITLE].rstrip()
    assert pages.clean_title(" RTX\n5070 ") == "RTX 5070"


def test_elements_within_each_other_are_counted_before_they_are_parsed() -> None:
    with pytest.raises(pages.LayoutChanged, match="more than 20,000 elements within each other"):
        pages.html_tree("<div>" * 20_001 + "</div>" * 20_001)
    assert len(pages.html_tree("<ul>" + "<li>x<br></li>" * 20_001 + "</ul>").css("li")) == 20_001

"""What a response is before anything is parsed from it, and how its bytes become text.

Belongs here: what holds for every web source: telling a page from a refusal to give one, decoding, cleaning text.
Does not belong here: what one site's pages look like (its own module), fetching (``resources.http``).

The order matters: a captcha answered with status 200 must be named as such, not as a page whose layout changed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from itertools import accumulate

from selectolax.lexbor import LexborHTMLParser

from gpu_etl.sources.records import PageKind


class ParseError(ValueError):
    """A response that could not be read; the message names what was missing or wrong."""


class TruncatedPage(ParseError):
    """The end of the page is missing, so any number of its rows may be."""


class UnreadableText(ParseError):
    """The bytes are text in no encoding that the site is known to use, or were decoded wrongly before they came."""


class LayoutChanged(ParseError):
    """A page that is whole but does not hold what this parser knows."""


class EmptyList(ParseError):
    """A list that counts rows and shows none: beyond its end, or lost on the way. ``total`` is what it counts."""

    def __init__(self, message: str, total: int | None = None) -> None:
        super().__init__(message)
        self.total = total


BLOCK_MARKERS = (
    "비정상적인 접근",
    "접속이 차단",
    "Access Denied",
    "Verify Your Identity",
    "Robot or human",
    "Just a moment...",
    "Attention Required!",
    "Pardon Our Interruption",
    "Are you a human",
    "px-captcha",
    "g-recaptcha",
    "cf-challenge",
    'name="captcha"',
    "/captcha",
)
"""What refusals say. Whole pages may say some of it too (a review form with a captcha), so it counts only where it is
prominent: in the title, or anywhere in a body too small for the page that was asked for."""

LOGIN_MARKERS = ("로그인", "Log in", "Login", "Sign in")
"""Said in a title, these are a login page. Every Danawa page says them in its menu."""

SMALL_BODY = 50_000
"""Bytes below which a refusal's words count anywhere in the body; the Danawa list page weighs more than this."""

_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_BLOCKED_STATUS = {
    401: "asks for a login",
    403: "forbids it",
    407: "asks for a proxy login",
    429: "says too many requests",
    451: "withholds it for legal reasons",
}
_TEXT_TYPES = re.compile(r"text/|application/(json|ld\+json|xhtml\+xml|xml|atom\+xml|rss\+xml)", re.IGNORECASE)


def classify(
    status: int,
    content_type: str | None,
    body: bytes,
    *,
    minimum_bytes: int = 0,
    gone_markers: Iterable[str] = (),
) -> tuple[PageKind, str | None]:
    """Say what a response is, and why when it is not an ordinary page.

    ``minimum_bytes`` is what the smallest real page of this kind weighs: a shorter one is a refusal in disguise.
    ``gone_markers`` are the words by which a site says, with status 200, that the page's subject is no more.
    The reason is ``None`` for :attr:`PageKind.OK` alone.
    """
    if status != 200:
        return _classify_status(status)
    if not body.strip():
        return PageKind.EMPTY, "answered 200 with no content"
    if content_type and not _TEXT_TYPES.match(content_type.strip()):
        return PageKind.ERROR, f"answered with {content_type.split(';')[0].strip()} instead of a page"
    text = body[: max(SMALL_BODY, minimum_bytes)].decode("utf-8", "replace")
    for marker in gone_markers:
        if marker in text:
            return PageKind.GONE, f"the page says: {marker}"
    refusal = _refusal(text, small=len(body) < max(SMALL_BODY, minimum_bytes))
    if refusal:
        return PageKind.BLOCKED, refusal
    if len(body) < minimum_bytes:
        return PageKind.BLOCKED, f"only {len(body):,} bytes; a real page has at least {minimum_bytes:,}"
    return PageKind.OK, None


def _classify_status(status: int) -> tuple[PageKind, str]:
    if status in (404, 410):
        return PageKind.GONE, f"status {status}"
    if status in _BLOCKED_STATUS:
        return PageKind.BLOCKED, f"status {status}: the site {_BLOCKED_STATUS[status]}"
    return PageKind.ERROR, f"status {status}"


def _refusal(text: str, *, small: bool) -> str | None:
    found = _TITLE.search(text)
    title = found.group(1).strip() if found else ""
    for marker in (*BLOCK_MARKERS, *LOGIN_MARKERS):
        if marker in title:
            return f"titled {title[:60]!r}"
    describes_a_product = '"Product"' in text or "schema.org/Product" in text
    if small and not describes_a_product:
        for marker in BLOCK_MARKERS:
            if marker in text:
                return f"a small page that says {marker!r}"
    return None


_DECLARED = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_TWICE_ENCODED = re.compile(rb"\xc3[\xaa-\xad](?:\xc2[\x80-\xbf]|[\xc5\xc6\xcb][\x80-\xbf]|\xe2[\x80-\x84][\x80-\xbf])")
"""A Hangul syllable in UTF-8 read as Latin-1 or Windows-1252 and encoded again: its lead byte, then the next one."""
_MOJIBAKE = re.compile("[ê-í][\x80-\xbf\u0152-\u2122]{2}")
_HANGUL = re.compile("[가-힣]")
_SURROGATES = re.compile("[\ud800-\udfff]+")
_KOREAN_NAMES = {"euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "utf8": "utf-8"}
_DAMAGE_TOLERATED = 0.001
"""Share of broken characters in an otherwise sound page, such as one garbled review."""


def decode(body: bytes) -> str:
    """Turn a page into text: byte order mark, UTF-8, the declared charset, CP949, in this order. NUL is dropped.

    UTF-8 is tried before the declaration because it proves itself: text of another charset is hardly ever valid UTF-8,
    while declarations are wrong now and then. CP949 contains EUC-KR.

    Raises :class:`TruncatedPage` where the bytes stop inside a character, :class:`UnreadableText` where no charset fits
    or where the text was decoded wrongly before it was sent (mojibake): storing that would lose the titles for good.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _strict(body[len(mark) :], encoding).replace("\0", "")
    if len(_TWICE_ENCODED.findall(body)) > 2:
        _refuse_mojibake(body.decode("utf-8", "replace"))
    body = body.replace(b"\0", b"")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as problem:
        if problem.reason == "unexpected end of data" and problem.end == len(body):
            raise TruncatedPage(f"the page ends inside a character ({len(body):,} bytes)") from None
    for encoding in _other_encodings(body):
        try:
            return _SURROGATES.sub("", _strict(body, encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    text = body.decode("utf-8", "replace")
    if text.count("\ufffd") > len(text) * _DAMAGE_TOLERATED:
        raise UnreadableText("the page is neither UTF-8, nor what it declares, nor CP949")
    return text


def _strict(body: bytes, encoding: str) -> str:
    errors = "surrogatepass" if encoding.startswith("utf") else "strict"
    try:
        return body.decode(encoding, errors)
    except UnicodeDecodeError as problem:
        if "incomplete" in problem.reason or "truncated" in problem.reason:
            raise TruncatedPage(f"the page ends inside a character ({len(body):,} bytes)") from None
        raise


def _other_encodings(body: bytes) -> list[str]:
    """What to try when strict UTF-8 failed: UTF-8 with lone surrogates, the declared charset, CP949."""
    declared = _DECLARED.search(body[:4096])
    name = declared.group(1).decode("ascii", "replace").lower() if declared else "utf-8"
    return list(dict.fromkeys(["utf-8", _KOREAN_NAMES.get(name, name), "cp949"]))


def _refuse_mojibake(text: str) -> None:
    damaged, sound = len(_MOJIBAKE.findall(text)), len(_HANGUL.findall(text))
    if damaged > 2 and damaged > sound / 10:
        raise UnreadableText(f"mojibake: {damaged:,} Korean letters were decoded as Latin, {sound:,} are sound")


_UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\ufeff\ud800-\udfff\s]+")


def clean_text(text: str) -> str:
    """One line of text without NUL, control characters and lone surrogates, white space made single blanks.

    PostgreSQL refuses NUL, and UTF-8 has no lone surrogates.
    """
    # Printable text holds none of these: no control or format characters, no surrogates, no blanks but the plain one.
    return " ".join((text if text.isprintable() else _UNWANTED.sub(" ", text)).split())


LONGEST_TITLE = 500
"""Letters of a title that are kept; real ones have 200 at most, and the stored page keeps them all."""


def clean_title(text: str) -> str:
    """As :func:`clean_text`, and of bounded length."""
    return clean_text(text)[:LONGEST_TITLE].rstrip()


DEEPEST = 20_000
"""Elements within each other that a page may seem to have: tags of text in scripts and ones that need no end count too.

Browsers stop at 512. What the parser needs grows with the square: a second here, minutes for a megabyte of ``<div>``.
"""
_TAG = re.compile(
    r"<(/?)(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)[a-z]", re.IGNORECASE
)


def html_tree(text: str) -> LexborHTMLParser:
    """Parse a page of HTML.

    Raises :class:`LayoutChanged` where elements are nested so deep that parsing it could take minutes.
    """
    if (
        text.count("<") - text.count("</") > DEEPEST
    ):  # else there are not that many beginnings; looking takes half of it
        depth = accumulate((-1 if tag[1] else 1) for tag in _TAG.finditer(text))
        if max(depth, default=0) > DEEPEST:
            raise LayoutChanged(f"more than {DEEPEST:,} elements within each other")
    return LexborHTMLParser(text)


def is_mojibake(text: str) -> bool:
    """Whether Korean text was decoded as Latin somewhere on its way here, or lost letters to a wrong decoder."""
    return "\ufffd" in text or _MOJIBAKE.search(text) is not None

"""Danawa's list as its own script fetches it: a form that answers with rows in the server-rendered markup.

Belongs here: what the form holds and where it goes. Does not belong here: reading the answer's rows (``danawa_list``),
deciding to ask (robots.txt forbids it, so only where the operator has opted in).

The form's values stand in a script of the list page itself. Asked for without the headers below, or for a while for no
reason that anybody knows, it answers 200 with no bytes: then the pages that can be had by GET have to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

PATH = "/list/ajax/getProductList.ajax.php"
ROWS = 90
"""The most rows a page that the site's own menu offers."""

_FIELDS = {
    "nListCategoryCode": "listCategoryCode",
    "nCategoryCode": "categoryCode",
    "sPhysicsCate1": "physicsCate1",
    "sPhysicsCate2": "physicsCate2",
    "sPhysicsCate3": "physicsCate3",
    "sPhysicsCate4": "physicsCate4",
    "nListGroup": "group",
    "nListDepth": "depth",
}
_SETTING = re.compile(rf"""\b({"|".join(_FIELDS)})["']?\s*:\s*["']?(\d+)""")


def form_of(text: str) -> dict[str, str]:
    """The form's values that a list page names; empty where it is not the page that has them.

    They stand in one script. Only that is searched: the pattern tries every name at every place, and on a whole page
    that took half of the whole reading.
    """
    at = text.find("nListCategoryCode")
    if at < 0:
        return {}
    script = text[max(text.rfind("<script", 0, at), 0) : text.find("</script", at)]
    found = {_FIELDS[name]: value for name, value in _SETTING.findall(script)}
    return found if {"listCategoryCode", "categoryCode"} <= found.keys() else {}


def page_url(base_url: str, form: Mapping[str, str], page: int) -> str:
    """Where a page of the list is, with the form written as a query: the name under which the answer is stored."""
    query = {**form, "page": str(page), "listCount": str(ROWS), "sortMethod": "BEST", "viewMethod": "LIST"}
    return f"{base_url.rstrip('/')}{PATH}?{urlencode(query)}"


def is_page(url: str) -> bool:
    """Whether an address is one of :func:`page_url`."""
    return urlsplit(url).path == PATH


def request_of(url: str) -> tuple[str, dict[str, str]]:
    """The address and the form to send, of a :func:`page_url`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", dict(parse_qsl(parts.query))


def headers(base_url: str, category: str) -> dict[str, str]:
    """Headers without which the form answers nothing."""
    return {"Referer": f"{base_url.rstrip('/')}/list/?cate={category}", "X-Requested-With": "XMLHttpRequest"}

"""Where the shared real material lies, and pages of our own making in Danawa's two templates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared"


def shared(*parts: str) -> Path:
    """A file of the shared material; skips the test where it is missing."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the shared material is not here: {path.name}")
    return path


def real_page(name: str) -> bytes:
    return shared("data", "pages", f"{name}.html").read_bytes()


def variant(pcode: int, price: str, *, malls: str = "12몰", label: str = "", representative: int | None = None) -> str:
    return f"""
      <li id="productInfoDetail_{pcode}" style="display: none">
        <p class="chk_sect">{malls} <label><strong>VS상품비교</strong></label>
          <input type="hidden" name="compareRepValue" value="{representative or pcode}" /></p>
        <p class="price_sect"><a href="https://prod.danawa.com/info/?pcode={pcode}&amp;keyword=x&amp;cate=112753">{price}</a>
          <button>가격정보 더보기</button></p>
        <p class="memory_sect"><span class="rank">1위</span> <span class="text"> {label} </span></p>
      </li>"""


def row(pcode: int, title: str, variants: str, *, ranked: bool = True) -> str:
    rank = "<strong class='pop_rank'>1</strong>" if ranked else ""
    return f"""
  <li id="productItem{pcode}" class="prod_item">
    <p class="prod_name">{rank}<a name="productName" href="https://prod.danawa.com/info/?pcode={pcode}">{title}</a></p>
    <div class="prod_pricelist"><ul>{variants}</ul></div>
  </li>"""


def won(price: str) -> str:
    return f"<strong>{price}</strong>원"


def old_page(rows: str, *, total: str = "(1,120)", extra: str = "") -> bytes:
    return f"""<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8"><title>그래픽카드</title></head><body>
<div class="category_nav"><a href="/list/?cate=1131480">NVIDIA</a>
<a href="/list/?cate=11355606">RTX 50 호환 부품</a></div>
<ul><li class="tab_item"><strong class="list_num">(77)</strong></li>
<li class="tab_item selected"><strong class="list_num">{total}</strong></li></ul>
<select class="qnt_selector"><option value="30" selected>30개</option></select>{extra}
<div class="main_prodlist"><ul class="product_list">{rows}</ul></div></body></html>""".encode()


def product(pcode: int, title: str, price: object, **more: object) -> dict[str, object]:
    return {
        "id": pcode,
        "productName": title,
        "productUrl": f"https://prod.danawa.com/info/?pcode={pcode}&cate=112753",
        "descriptionSegments": [{"text": "PCIe5.0x16", "separator": " / "}],
        "price": price,
        **more,
    }


def next_page(
    products: list[dict[str, object]], *, total: int = 1120, children: object = None, key: str = "products"
) -> bytes:
    data = {
        "recommend": {"products": [{"id": 1, "productName": "추천", "price": {"min": 9900}}]},
        "childCategories": children or [],
        "list": {"totalCount": total, "currentPage": 1, "pageSize": 30, "totalPages": 38, key: products},
    }
    flight = f'4:["$","$L5",null,{json.dumps(data, separators=(",", ":"), ensure_ascii=False)}]\n'
    pieces = [flight[start : start + 97] for start in range(0, len(flight), 97)]
    pushes = "".join(f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in pieces)
    return f"<!DOCTYPE html><html><head><title>그래픽카드</title></head><body>{pushes}</body></html>".encode()

"""Small pictures: drawn to scale, gaps where nothing is known, and strangers' words as text."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from gpu_etl import drawing
from gpu_etl.drawing import Row

HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(2)> & ]]>'


def parsed(svg: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(str(svg))


def numbers(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path)]


def test_a_line_goes_from_the_lowest_to_the_highest_value_in_equal_steps() -> None:
    path, last = drawing.course_path([10, 30, 20], width=104, height=24)
    assert numbers(path) == [(2, 22), (52, 2), (102, 12)]
    assert last == (102, 12)


def test_a_line_is_broken_where_a_day_is_unknown() -> None:
    path, last = drawing.course_path([1, None, 2, 3, None], width=100, height=20)
    assert re.sub(r"[\d. ]", "", path) == "MML"
    assert last[1] == 2, "the dot stands on the last known value"


def test_values_that_never_change_are_a_level_line_in_the_middle() -> None:
    path, _ = drawing.course_path([5, 5, 5], width=100, height=20)
    assert {y for _, y in numbers(path)} == {10}


@pytest.mark.parametrize("values", [[], [None, None]])
def test_nothing_known_is_nothing_drawn(values: list[float | None]) -> None:
    assert drawing.sparkline(values, "nothing") == ""


def test_days_differ_in_height_an_unread_one_has_a_grey_foot_and_one_without_mentions_has_nothing() -> None:
    svg = parsed(drawing.day_bars([4, None, 0, 2, 1], "mentions", width=50, height=20, marked=1))
    paths = {path.get("class"): path.get("d") for path in svg}
    assert paths == {
        "bar": "M0.0 20v-20.0h9.0v20.0zM30.0 20v-10.0h9.0v10.0z",
        "bar gap": "M10.0 20v-1.5h9.0v1.5z",
        "bar marked": "M40.0 20v-5.0h9.0v5.0z",
    }


def test_bars_are_as_long_as_their_values_and_an_unknown_one_is_missing() -> None:
    rows = [Row("a", 200, ("200",)), Row("b", -50, ("-50",), tone="fell"), Row("c", None, ("?",))]
    svg = parsed(drawing.rows("Three", rows, ("value", "won"), how="bar"))
    bars = svg.findall(".//{*}rect")
    assert [float(bar.get("width", "")) for bar in bars] == [drawing.DRAWING, drawing.DRAWING / 4]
    assert [text.text for text in svg.findall(".//{*}text")] == [
        "Three",
        "value",
        "won",
        "a",
        "200",
        "b",
        "-50",
        "c",
        "?",
    ]


@pytest.mark.parametrize("how", ["bar", "course", "days"])
def test_strangers_words_are_text(how: drawing.How) -> None:
    rows = [Row(HOSTILE, 1, (HOSTILE,), course=[1, 2])]
    svg = parsed(drawing.rows(HOSTILE, rows, (HOSTILE, HOSTILE), how=how, name_width=900))
    assert HOSTILE in {text.text for text in svg.iter()}
    assert {element.tag.rpartition("}")[2] for element in svg.iter()} <= {"svg", "g", "text", "path", "rect", "circle"}
    assert svg.get("aria-label") == HOSTILE


def test_a_picture_stands_alone_with_its_colours() -> None:
    address = drawing.picture(drawing.rows("한글 <b>", [Row("x", 1)], ("", ""), how="bar"))
    head, _, body = address.partition(",")
    assert head == "data:image/svg+xml;base64"
    svg = ElementTree.fromstring(base64.b64decode(body))
    assert svg[0].tag.endswith("style")
    assert svg.get("aria-label") == "한글 <b>"


def test_a_long_name_is_cut_where_it_would_run_into_the_drawing() -> None:
    assert drawing.shortened("GeForce  RTX 5070", 200) == "GeForce RTX 5070"
    cut = drawing.shortened("GIGABYTE GeForce RTX 5070 Ti AORUS MASTER ICE 16GB OC", 200)
    assert cut.endswith("\u2026")
    assert len(cut) * drawing.CHARACTER <= 200
    assert len(drawing.shortened("조텍 지포스 그래픽카드 트리니티 화이트 에디션", 120)) <= 10, "Korean letters are wide"

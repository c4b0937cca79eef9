"""Pictures in SVG, small enough for a line of a table, a page without scripts, or Dagster's metadata.

Belongs here: from numbers and words to a drawing; every word is escaped. Does not belong here: which numbers are drawn,
or charts that a reader can ask something (``dashboard.charts``).

Shapes carry classes (``line``, ``bar``, ``fell``, ``rose``, ``marked``, ``muted``) and no colours: a page has its own
style sheet, and :func:`picture` adds one to a drawing that must stand alone.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup

Tone = Literal["", "fell", "rose", "marked", "muted"]
How = Literal["bar", "course", "days"]

MARGIN = 2
ROW = 22
HEAD = 48
PADDING = 12
DRAWING = 180
WORDS = 84
CHARACTER = 6.3
"""Mean width of a Latin letter of the rows' 12 px type; a Korean or Chinese one takes twice that."""

STYLE = """
svg{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans KR",sans-serif;background:#fff}
text{fill:#1f2933}.head{font-weight:600;font-size:13px}.muted{fill:#616e7c}
.heads text{fill:#616e7c;font-size:11px}.end{text-anchor:end}
.line{fill:none;stroke:#2563a8;stroke-width:1.5;stroke-linejoin:round}.dot{fill:#2563a8}.bar{fill:#8fb4d9}
.fell{fill:#0b7a3e}.rose{fill:#b42318}.bar.fell{fill:#5fb587}.bar.rose{fill:#e08b83}.bar.marked{fill:#e0a13a}.gap{fill:#b8c2cc}
text.marked{fill:#8a5300;font-weight:600}.rule{stroke:#d9e2ec}
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a drawing: a name, what is drawn beside it, and words at the right."""

    name: str
    value: float | None = None
    """Length of its bar; ``None``: it has none."""
    words: Sequence[str] = ()
    """What stands at the right, a column each."""
    tone: Tone = ""
    """Of the bar and of the last of the words."""
    course: Sequence[float | None] = field(default=())
    """Values in the order of time; an unknown one is a gap."""


def course_path(values: Sequence[float | None], width: float, height: float) -> tuple[str, tuple[float, float]]:
    """The path of a line through values, broken where one is unknown, and the place of the last known one."""
    known = [value for value in values if value is not None]
    if not known:
        return "", (0.0, 0.0)
    low, high = min(known), max(known)
    step = (width - 2 * MARGIN) / max(len(values) - 1, 1)
    scale = (height - 2 * MARGIN) / (high - low) if high > low else 0.0
    path, pen_is_down, last = [], False, (0.0, 0.0)
    for at, value in enumerate(values):
        if value is not None:
            last = (MARGIN + at * step, MARGIN + scale * (high - value) if scale else height / 2)
            path.append(f"{'L' if pen_is_down else 'M'}{last[0]:.1f} {last[1]:.1f}")
        pen_is_down = value is not None
    return "".join(path), last


def sparkline(values: Sequence[float | None], label: str, width: int = 120, height: int = 28) -> Markup:
    """A course in the size of a word; empty when nothing is known."""
    path, (x, y) = course_path(values, width, height)
    if not path:
        return Markup("")
    return Markup(
        '<svg class="spark" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}">'
        '<path class="line" d="{path}"/><circle class="dot" cx="{x}" cy="{y}" r="2"/></svg>'
    ).format(w=width, h=height, label=label, path=path, x=f"{x:.1f}", y=f"{y:.1f}")


def day_bars(values: Sequence[float | None], label: str, width: int = 120, height: int = 28, marked: int = 0) -> Markup:
    """A bar a day, the last ``marked`` of them set off; an unknown day is a grey foot, a day of 0 leaves a gap."""
    return Markup(
        '<svg class="days" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}" '
        'preserveAspectRatio="none">{bars}</svg>'
    ).format(w=width, h=height, label=label, bars=_days(values, width, height, marked))


def rows(
    title: str,
    drawn: Sequence[Row],
    headings: Sequence[str],
    *,
    how: How,
    name_width: int = 200,
    marked_days: int = 0,
) -> Markup:
    """Lines under each other: a name, a drawing, words.

    ``bar`` compares values, ``course`` and ``days`` show time, the last ``marked_days`` set off. ``headings`` stand
    over the drawing and over each column of words.
    """
    largest = max((abs(row.value) for row in drawn if row.value), default=1)
    width = name_width + DRAWING + (len(headings) - 1) * WORDS + 2 * PADDING
    height = HEAD + ROW * len(drawn) + PADDING // 2
    lines = [
        Markup(
            '<g transform="translate({x} {y})"><path class="rule" d="M0 0H{w}"/><text y="15">{name}</text>'
            '<g transform="translate({n} 4)">{shape}</g>{words}</g>'
        ).format(
            x=PADDING,
            y=HEAD + at * ROW,
            w=width - 2 * PADDING,
            n=name_width,
            name=shortened(row.name, name_width - PADDING),
            shape=_shape(row, how, largest, marked_days),
            words=_words(row.words, row.tone, name_width),
        )
        for at, row in enumerate(drawn)
    ]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        'aria-label="{title}"><text class="head" x="{p}" y="20">{title}</text><g class="heads" '
        'transform="translate({p} {y})"><text x="{n}" y="15">{over}</text>{heads}</g>{lines}</svg>'
    ).format(
        w=width,
        h=height,
        p=PADDING,
        n=name_width,
        y=HEAD - ROW,
        title=title,
        over=headings[0],
        heads=_words(headings[1:], "", name_width),
        lines=Markup("").join(lines),
    )


@dataclass(frozen=True, slots=True)
class Band:
    """Things of which about the same was said: how probable it was said to be, how often it happened, of how many."""

    said: float
    happened: float
    n: int


def calibration(title: str, bands: Sequence[Band], side: int = 260) -> Markup:
    """What was said against what happened, both 0 to 1: on the diagonal they agree; a dot's area tells how many."""
    scale = side - 2 * PADDING
    most = max((band.n for band in bands), default=1)
    dots = [
        Markup('<circle class="dot" cx="{}" cy="{}" r="{}"><title>{}</title></circle>').format(
            f"{PADDING + scale * band.said:.1f}",
            f"{HEAD + scale * (1 - band.happened):.1f}",
            f"{2 + 8 * (band.n / most) ** 0.5:.1f}",
            f"said {band.said:.0%}, happened {band.happened:.0%}, n = {band.n:,}",
        )
        for band in bands
    ]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" '
        'aria-label="{title}"><text class="head" x="{p}" y="18">{title}</text>'
        '<text class="muted" x="{p}" y="36">happened, 0 to 100 %</text>'
        '<rect x="{p}" y="{top}" width="{s}" height="{s}" fill="none" class="rule"/>'
        '<path class="rule" d="M{p} {bottom}L{right} {top}"/>{dots}'
        '<text class="muted" x="{p}" y="{below}">said, 0 to 100 %</text></svg>'
    ).format(
        w=side,
        h=HEAD + scale + 24,
        title=title,
        p=PADDING,
        top=HEAD,
        bottom=HEAD + scale,
        right=PADDING + scale,
        s=scale,
        below=HEAD + scale + 16,
        dots=Markup("").join(dots),
    )


def picture(drawing: Markup) -> str:
    """A drawing with colours of its own, as an address that an image can be given (``data:``, base64)."""
    styled = str(drawing).replace(">", f"><style>{STYLE}</style>", 1)
    return "data:image/svg+xml;base64," + base64.b64encode(styled.encode()).decode()


def shortened(text: str, width: float) -> str:
    """As much of a text as fits into a width, with an ellipsis where it is cut."""
    text = " ".join(text.split())
    room = width / CHARACTER
    taken = 0.0
    for at, character in enumerate(text):
        taken += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if taken > room:
            return text[: max(at - 1, 0)].rstrip() + "\u2026"
    return text


def _shape(row: Row, how: How, largest: float, marked_days: int) -> Markup:
    if how == "days":
        return _days(row.course, DRAWING, ROW - 8, marked_days)
    return _course(row) if how == "course" else _bar(row, largest)


def _bar(row: Row, largest: float) -> Markup:
    if row.value is None:
        return Markup("")
    long = max(DRAWING * abs(row.value) / largest, 1)
    return Markup('<rect class="bar {}" width="{}" height="{}" rx="2"/>').format(row.tone, f"{long:.1f}", ROW - 8)


def _course(row: Row) -> Markup:
    path, (x, y) = course_path(row.course, DRAWING, ROW - 8)
    if not path:
        return Markup("")
    circle = Markup('<circle class="dot" cx="{}" cy="{}" r="2"/>').format(f"{x:.1f}", f"{y:.1f}")
    return Markup('<path class="line" d="{}"/>').format(path) + circle


def _days(values: Sequence[float | None], width: float, height: float, marked: int) -> Markup:
    """One path a kind of day, which takes a third of the room of a shape a day."""
    highest = max((value for value in values if value is not None), default=0) or 1
    step = width / max(len(values), 1)
    paths = {"bar": "", "bar marked": "", "bar gap": ""}
    for at, value in enumerate(values):
        tall = 1.5 if value is None else height * value / highest
        kind = "bar gap" if value is None else "bar marked" if at >= len(values) - marked else "bar"
        if tall:
            wide = max(step - 1, 0.5)
            paths[kind] += f"M{at * step:.1f} {height:g}v-{tall:.1f}h{wide:.1f}v{tall:.1f}z"
    drawn = [Markup('<path class="{}" d="{}"/>').format(kind, path) for kind, path in paths.items() if path]
    return Markup("").join(drawn)


def _words(words: Sequence[str], tone: Tone, name_width: int) -> Markup:
    """Columns of words, their right edges under each other; the last one has the tone."""
    texts = [
        Markup('<text class="end {}" x="{}" y="15">{}</text>').format(
            tone if at == len(words) else "", name_width + DRAWING + at * WORDS, word
        )
        for at, word in enumerate(words, 1)
    ]
    return Markup("").join(texts)

"""How well titles are identified: ``python benchmarks/identify.py [--speed] FILE.csv [FILE.csv ...]``.

Reads files with the columns title, brand, chipset, vram_gb, is_gpu and, where present, source, oc, condition, tags; a
file with the column ``chipsets`` instead holds posts. Prints scores by file, source, vendor and tag, the worst
confusions, and whether the bars are met. Labels that are empty are not scored.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gpu_etl.catalog import Card, chipsets, identify, mentions

MODERN = re.compile(r"GeForce RTX [2-5]0\d\d|Radeon RX [5-9]\d{3}|Arc [AB]\d{3}")
CONDITIONS = {"": "new", "overseas": "import", "parallel": "import", "refurb": "refurbished"}
SHOWN = 12

Row = dict[str, str]


@dataclass
class Score:
    """Right and asked, by what was asked."""

    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def add(self, what: str, right: bool) -> None:
        """Count one answer."""
        self.asked[what] += 1
        self.right[what] += right

    def rate(self, what: str) -> float:
        """Give the share of right answers, 1 when nothing was asked."""
        return self.right[what] / self.asked[what] if self.asked[what] else 1.0

    def line(self, name: str, columns: Iterable[str]) -> str:
        """Format one row of a table."""
        cells = (f"{self.rate(c):8.2%} {self.asked[c]:5}" if self.asked[c] else " " * 14 for c in columns)
        return f"{name[:38]:38} " + " ".join(cells)


COLUMNS = ("chipset", "brand", "vram", "oc", "condition", "not_a_card")


def vendor_of(chipset: str) -> str:
    """Give the vendor of a labelled chipset."""
    known = {chip.name: chip.vendor for chip in chipsets()}
    return known.get(chipset, "not in table")


Verdict = tuple[str, bool, str, object]
"""What was asked, whether the answer was right, the label, the answer."""


def verdicts(row: Row) -> Iterator[Verdict]:
    """Judge one title's answer field by field; empty labels are not judged."""
    answer = identify(row["title"])
    card = answer if isinstance(answer, Card) else None
    if row["is_gpu"] == "0":
        yield "not_a_card", card is None, "", card
        return
    label = row["chipset"]
    chipset = card.chipset if card else getattr(answer, "reason", "")
    if label:
        yield "chipset", card is not None and chipset == label, label, chipset
        if MODERN.match(label):
            yield "modern", card is not None and chipset == label, label, chipset
    if row["brand"]:
        brand = card.brand if card else None
        yield "brand", (brand or "").casefold() == row["brand"].casefold(), row["brand"], brand
    if row["vram_gb"]:
        size = card.vram_gb if card else None
        yield "vram", size is not None and abs(size - float(row["vram_gb"])) < 0.01, row["vram_gb"], size
    if card:
        yield from verdicts_on_card(row, card)


def verdicts_on_card(row: Row, card: Card) -> Iterator[Verdict]:
    """Judge what is only asked of a title taken for a card."""
    if row.get("oc"):
        yield "oc", card.is_oc == (row["oc"] == "1"), row["oc"], card.is_oc
    if "condition" in row:
        label = CONDITIONS.get(row["condition"], row["condition"])
        yield "condition", card.condition == label, label, str(card.condition)


def score_row(row: Row, scores: Sequence[Score], wrong: list[str]) -> None:
    """Score one title into all of ``scores``; remember what was wrong."""
    for what, right, label, got in verdicts(row):
        for score in scores:
            score.add(what, right)
        if not right:
            wrong.append(f"{what}: {label!r} -> {got!r} | {row['title'][:150]}")


def score_file(path: Path, rows: list[Row], details: bool) -> Score:
    """Score and print one file of titles."""
    total = Score()
    groups: dict[str, dict[str, Score]] = {"source": defaultdict(Score), "vendor": defaultdict(Score)}
    groups["tag"] = defaultdict(Score)
    wrong: list[str] = []
    for row in rows:
        scores = [total, groups["source"][row.get("source") or "-"]]
        if row["chipset"]:
            scores.append(groups["vendor"][vendor_of(row["chipset"])])
        scores += [groups["tag"][tag] for tag in (row.get("tags") or "").split("|") if tag]
        score_row(row, scores, wrong)
    print(f"\n== {path.name}: {len(rows)} titles\n{'':38} " + " ".join(f"{c:>14}" for c in COLUMNS))
    print(total.line("all", COLUMNS))
    for name, group in groups.items():
        for key in sorted(group):
            print(group[key].line(f"  {name} {key}", COLUMNS))
    print_confusions(wrong, details)
    return total


def print_confusions(wrong: list[str], details: bool) -> None:
    """Print the most frequent confusions, or every one."""
    if details:
        print("\n".join(wrong))
        return
    pairs = Counter(line.split(" | ", 1)[0] for line in wrong if not line.startswith("modern"))
    example = {line.split(" | ", 1)[0]: line.split(" | ", 1)[1] for line in wrong}
    print("worst confusions:" if pairs else "no confusions")
    for pair, count in pairs.most_common(SHOWN):
        print(f"  {count:4} {pair[:110]} e.g. {example[pair][:90]}")


def score_mentions(path: Path, rows: list[Row], details: bool) -> float:
    """Score and print one file of posts: micro-averaged F1 over the chipsets named."""
    hits = extra = missed = 0
    for row in rows:
        label, got = {name for name in row["chipsets"].split("|") if name}, set(mentions(row["title"]))
        hits, extra, missed = hits + len(label & got), extra + len(got - label), missed + len(label - got)
        if details and label != got:
            print(f"mentions: {sorted(label)} -> {sorted(got)} | {row['title'][:150]}")
    f1 = 2 * hits / (2 * hits + extra + missed) if hits else 0.0
    print(f"\n== {path.name}: {len(rows)} posts, {hits} right, {extra} extra, {missed} missed, micro-F1 {f1:.3f}")
    return f1


def bars(scores: dict[str, Score], f1: dict[str, float]) -> list[tuple[str, float, bool]]:
    """List the bars that the files at hand can be held to: what, value, met."""
    found: list[tuple[str, float, bool]] = []

    def at_least(what: str, value: float, bar: float) -> None:
        found.append((f"{what} >= {bar:.1%}", value, value >= bar))

    def at_most(what: str, value: float, bar: float) -> None:
        found.append((f"{what} <= {bar:.1%}", value, value <= bar))

    if "gpu.csv" in scores:
        cards = scores["gpu.csv"]
        at_least("chipset, RTX 20-50 RX 5000-9000 Arc", cards.rate("modern"), 0.997)
        at_least("chipset, gpu.csv", cards.rate("chipset"), 0.99)
        at_least("brand, gpu.csv", cards.rate("brand"), 0.985)
        at_least("VRAM, gpu.csv", cards.rate("vram"), 0.985)
    if "negatives.csv" in scores:
        at_most("false accepts, negatives.csv", 1 - scores["negatives.csv"].rate("not_a_card"), 0.004)
    if "hard.csv" in scores:
        at_least("chipset, hard.csv", scores["hard.csv"].rate("chipset"), 0.96)
        at_most("false accepts, hard.csv", 1 - scores["hard.csv"].rate("not_a_card"), 0.008)
    for name, value in f1.items():
        at_least(f"mentions F1, {name}", value, 0.92)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Score the files; exit code 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, help="CSV files of titles or posts")
    parser.add_argument("--details", action="store_true", help="print every wrong answer")
    options = parser.parse_args(arguments)
    scores: dict[str, Score] = {}
    f1: dict[str, float] = {}
    for path in options.files:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        if not rows or "title" not in rows[0]:
            print(f"{path.name}: no titles in it")
            continue
        if "chipsets" in rows[0]:
            f1[path.name] = score_mentions(path, rows, options.details)
        else:
            scores[path.name] = score_file(path, rows, options.details)
    print("\nbars")
    results = bars(scores, f1)
    for what, value, met in results:
        print(f"  {'ok  ' if met else 'MISS'} {what:48} {value:.2%}")
    return 0 if all(met for _, _, met in results) else 1


if __name__ == "__main__":
    sys.exit(main())

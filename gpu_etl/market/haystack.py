"""Searching a text for patterns, each tried only where the strings that it needs are there.

Belongs here: the search, with the matches that ``re`` itself would find. Does not belong here: which strings a pattern
needs (``needles``), what a match means (``signals``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain

from gpu_etl.market.needles import Needle, Texts, folded, needle


class Needles:
    """Patterns that are sought together, as the alternatives of one pattern.

    They are taken apart at the first search: that takes a third of a second for all rules, and most processes that
    read the rules search nothing.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self.patterns = tuple(patterns)

    @cached_property
    def each(self) -> tuple[Needle, ...]:
        """A needle a pattern."""
        return tuple(map(needle, self.patterns))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """All strings that are looked for."""
        return _texts_of(self.each)

    @cached_property
    def common(self) -> Texts:
        """What more of them need than anything else: the marks of things, for most keywords."""
        needed = Counter(texts for each in self.each for texts in each.needs)
        return needed.most_common(1)[0][0] if needed else frozenset()

    @cached_property
    def uncommon(self) -> tuple[tuple[Needle, ...], tuple[str, ...]]:
        """Those that do not need it, and the strings that these look for."""
        those = tuple(each for each in self.each if self.common not in each.needs)
        return those, _texts_of(those)


def _texts_of(needles: Iterable[Needle]) -> tuple[str, ...]:
    return tuple(sorted({text for each in needles for texts in each.needs for text in texts}))


class Haystack:
    """A text in which patterns are sought."""

    def __init__(self, text: str, folded_text: str | None = None) -> None:
        self.text = text
        self._folded = folded(text) if folded_text is None else folded_text

    def first(self, needles: Needles) -> re.Match[str] | None:
        """The leftmost match, and of several at one place that of the first needle: as ``search`` gives it for
        alternatives."""
        best: re.Match[str] | None = None
        for each in self._possible(needles):
            best = self._leftmost(each, 0, len(self.text) if best is None else best.start() - 1) or best
        return best

    def every(self, needles: Needles) -> Iterator[re.Match[str]]:
        """All matches from left to right that do not overlap, as ``finditer`` gives them for alternatives."""
        possible = self._possible(needles)
        ahead = [self._leftmost(each, 0, len(self.text)) for each in possible]
        while left := {(found.start(), order): found for order, found in enumerate(ahead) if found}:
            best = left[min(left)]
            yield best
            end = max(best.end(), best.start() + 1)
            for start, order in left:
                if start < end:
                    ahead[order] = self._leftmost(possible[order], end, len(self.text))

    def marked(self, needles: Needles, mark: str, filling: str) -> Haystack:
        """The text with every match written as ``mark`` and as much ``filling`` as keeps its length; neither of the
        two letters has a case."""
        parts: list[tuple[str, str]] = []
        end = 0
        for found in self.every(needles):
            written = mark + filling * (len(found.group()) - 1)
            parts += [(self.text[end : found.start()], self._folded[end : found.start()]), (written, written)]
            end = found.end()
        if not parts:
            return self
        texts, folded_texts = zip(*parts, strict=True)
        return Haystack("".join(texts) + self.text[end:], "".join(folded_texts) + self._folded[end:])

    def _possible(self, needles: Needles) -> list[Needle]:
        """Those whose needs the text meets."""
        those, texts = needles.each, needles.texts
        if not any(text in self._folded for text in needles.common):
            those, texts = needles.uncommon
        held = {text for text in texts if text in self._folded}
        return [each for each in those if not any(map(held.isdisjoint, each.needs))]

    def _leftmost(self, each: Needle, first: int, last: int) -> re.Match[str] | None:
        """The leftmost match that begins at ``first`` or behind it, if it begins at ``last`` or before."""
        if first > len(self.text):  # for which a pattern would look at the end once more, and find an empty match again
            return None
        if each.begins is None:
            found = each.pattern.search(self.text, first)
            return found if found and found.start() <= last else None
        last = min([last, *(max(map(self._folded.rfind, texts)) for texts in each.needs)])
        for at in sorted(chain.from_iterable(self._places(text, first) for text in each.begins)):
            if at > last:  # or behind the last of what every match holds
                return None
            if found := each.pattern.match(self.text, at):
                return found
        return None

    def _places(self, text: str, first: int) -> Iterator[int]:
        at = self._folded.find(text, first)
        while at >= 0:
            yield at
            at = self._folded.find(text, at + 1)

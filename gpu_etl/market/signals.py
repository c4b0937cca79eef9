"""Which keywords a post speaks of.

Belongs here: the keyword rules and matching them against one post. Does not belong here: counting (``trends``), reading
posts (``sources``), what a keyword weighs in numbers (settings), whether a post likes what it speaks of (``polarity``).

The literal keywords find almost nothing: of 9,747 real posts 4 say "new release" and one "used market". So a keyword
is a label over patterns with their synonyms, kept as data in ``keywords.yaml``. Its version is a digest of the file: a
signal says under which rules it was found, and days can be counted again under new ones.

How well the packaged rules do was measured on posts labelled by hand: see ``gpu_etl_tests/market/labels/README.md``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from gpu_etl.market.haystack import Haystack, Needles

WEIGHT_GROUPS = ("new_release", "price_drop", "default")
DIRECTIONS = ("down", "up", "unclear")


class RulesError(ValueError):
    """A keyword file that cannot be used; the message is one line naming the entry and what is wrong."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword: a post speaks of it when any of its patterns matches."""

    label: str
    weight_group: str
    """Which of the weights in the settings it gets: ``new_release``, ``price_drop`` or ``default``."""
    weight: float | None
    """Its own weight, where the file gives one: it takes the place of the setting."""
    direction: str
    """Where it points the prices of cards in stock: ``down``, ``up`` or ``unclear``."""
    needles: Needles
    """Its patterns, for text in which things are marked."""


@dataclass(frozen=True, slots=True)
class Rules:
    """All keywords of one file."""

    keywords: tuple[Keyword, ...]
    things: Mapping[str, Needles]
    """What is marked before patterns are tried, by its mark."""
    version: str
    """Twelve hex digits, a digest of the file."""

    @property
    def new_release_labels(self) -> list[str]:
        """The keywords that tell of cards to come or just out."""
        return [keyword.label for keyword in self.keywords if keyword.weight_group == "new_release"]


@dataclass(frozen=True, slots=True)
class Signal:
    """One keyword found in one post."""

    keyword: str
    matched_text: str
    matched_in: str
    """``title`` or ``body``."""
    start: int
    end: int
    """Offsets of the match in the title or body as stored."""


def load_rules(path: Path | None = None) -> Rules:
    """Read a keyword file, or the packaged one; raises :class:`RulesError` with one line about the first mistake."""
    if path is None:
        return _packaged()
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RulesError(f"keyword file {path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise RulesError(f"keyword file {path} cannot be read: it is no text in UTF-8") from None
    try:
        return load(text)
    except RulesError as error:
        raise RulesError(f"keyword file {path}: {error}") from None


@cache
def _packaged() -> Rules:
    return load(files("gpu_etl.market").joinpath("keywords.yaml").read_text(encoding="utf-8"))


def load(text: str) -> Rules:
    """Read keyword rules; raises :class:`RulesError` with one line naming the entry that is wrong."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise RulesError(f"not YAML{where}: {getattr(error, 'problem', None) or 'unreadable'}") from None
    entries = data.get("keywords") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not entries:
        raise RulesError("there is no list under 'keywords'")
    things = _things(data.get("things") or {})
    if len(things) > len(_MARKS):
        raise RulesError(f"there are {len(things)} things; {len(_MARKS)} can be told apart")
    marks = {name: f"{mark}{_REST}*" for name, mark in zip(things, _MARKS, strict=False)}
    terms = _terms(data.get("terms") or {}, marks)
    keywords = tuple(_keyword(number, entry, terms) for number, entry in enumerate(entries, 1))
    labels = [keyword.label.casefold() for keyword in keywords]
    for label in labels:
        if labels.count(label) > 1:
            raise RulesError(f"keyword {label!r} is there twice")
    return Rules(
        keywords, dict(zip(_MARKS, things.values(), strict=False)), hashlib.sha256(text.encode()).hexdigest()[:12]
    )


def _things(data: object) -> dict[str, Needles]:
    """Read the patterns of the things, by name."""
    if not isinstance(data, dict):
        raise RulesError("'things' must map names to patterns")
    return {
        str(name): _needles(value if isinstance(value, list) else [value], {}, f"thing {name!r}")
        for name, value in data.items()
    }


def _terms(data: object, known: Mapping[str, str]) -> dict[str, str]:
    """Read named patterns, each of which may use those before it, and ``known`` ones."""
    if not isinstance(data, dict):
        raise RulesError("'terms' must map names to patterns")
    terms = dict(known)
    for name, value in data.items():
        text = "|".join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
        if name in terms:
            raise RulesError(f"term {name!r} is there twice")
        terms[str(name)] = f"(?:{_pattern(text, terms, f'term {name!r}')})"
    return terms


def _keyword(number: int, entry: object, terms: Mapping[str, str]) -> Keyword:
    label = entry.get("label") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(label, str) or not label.strip():
        raise RulesError(f"keyword {number} has no label")
    where = f"keyword {label!r}"
    if unknown := sorted(set(entry) - {"label", "weight_group", "weight", "direction", "patterns"}):
        raise RulesError(f"{where} has an unknown field {unknown[0]!r}")
    patterns = entry.get("patterns")
    if not isinstance(patterns, list) or not patterns:
        raise RulesError(f"{where} has no list of patterns")
    return Keyword(
        label=label.strip(),
        weight_group=_choice(entry, "weight_group", WEIGHT_GROUPS, "default", where),
        weight=_weight(entry, where),
        direction=_choice(entry, "direction", DIRECTIONS, "unclear", where),
        needles=_needles(patterns, terms, where),
    )


def _weight(entry: Mapping[str, Any], where: str) -> float | None:
    weight = entry.get("weight")
    if weight is None:
        return None
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < float("inf"):
        raise RulesError(f"{where} has weight {weight!r}; allowed is a number of 0 or more")
    return float(weight)


def _choice(entry: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str, where: str) -> str:
    value = entry.get(name, default)
    if value not in allowed:
        raise RulesError(f"{where} has {name} {value!r}; allowed are {', '.join(allowed)}")
    return str(value)


def _needles(patterns: Sequence[object], terms: Mapping[str, str], where: str) -> Needles:
    """Patterns each of which begins and ends where words do."""
    known = [_pattern(pattern, terms, where) for pattern in patterns]
    for pattern, text in zip(patterns, known, strict=True):
        try:
            matches_nothing = re.search(f"(?:{text})", "")  # in brackets no flags can stand, as in the whole pattern
        except re.error as error:
            raise RulesError(f"{where} has a pattern that does not compile, {pattern!r}: {error.msg}") from None
        if matches_nothing:
            raise RulesError(f"{where} has a pattern that matches everything: {pattern!r}")
    return Needles(rf"(?<!\w)(?:{text})(?!\w)" for text in known)


def _pattern(pattern: object, terms: Mapping[str, str], where: str) -> str:
    """Check a pattern and put its terms in place."""
    if not isinstance(pattern, str) or not pattern.strip():
        raise RulesError(f"{where} has a pattern that is no text: {pattern!r}")
    inserted = _insert(pattern, terms, where)
    try:
        re.compile(inserted, re.IGNORECASE)
    except re.error as error:
        raise RulesError(f"{where} has a pattern that does not compile, {pattern!r}: {error.msg}") from None
    return inserted


def _insert(pattern: str, terms: Mapping[str, str], where: str) -> str:
    """Replace every ``<name>`` by the term of that name."""

    def term(found: re.Match[str]) -> str:
        if found.group(1) not in terms:
            raise RulesError(f"{where} uses the term <{found.group(1)}>, which is not defined above it")
        return terms[found.group(1)]

    return re.sub(r"<([a-z_]+)>", term, pattern)


def find(post_id: str, title: str, body: str, rules: Rules) -> list[Signal]:
    """The keywords that a post speaks of, each once, the title's match before the body's.

    ``post_id`` names the post in errors; a post that is not counted (see :func:`why_excluded`) has no signals.
    What the post quotes, shows as code or links to is not its own talk and is not searched.
    """
    if why_excluded(title, body) is not None:
        return []
    places = {
        "title": (title, marked(title, rules)),
        "body": (body, marked(own_words(body), rules)),
    }
    signals: list[Signal] = []
    for keyword in rules.keywords:
        for place, (original, searched) in places.items():
            if match := searched.first(keyword.needles):
                found = original[match.start() : match.end()]
                signals.append(Signal(keyword.label, found, place, match.start(), match.end()))
                break
    return signals


_MARKS = "\ue000\ue001\ue002\ue003\ue004\ue005\ue006\ue007"
_REST = "\ue0ff"
_PRIVATE = re.compile("[\ue000-\ue0ff]")


def marked(text: str, rules: Rules) -> Haystack:
    """``text`` with every thing as its mark and filling, at its length: what is long to match is matched once."""
    haystack = Haystack(_PRIVATE.sub(" ", text))
    for mark, needles in rules.things.items():
        haystack = haystack.marked(needles, mark, _REST)
    return haystack


_MASKED = {
    r"^[ ]{0,3}>[^\n]*": (">",),  # a quoted line
    r"^[ ]{0,3}```[\s\S]*?(?:^[ ]{0,3}```|\Z)": ("```",),  # a fenced block of code
    r"(?:\A|(?<=\n\n))(?:[ ]{4}|\t)[^\n]*(?:\n(?:[ ]{4}|\t)[^\n]*)*": ("    ", "\t"),  # an indented one
    r"^[^\n|]*\|[^\n|]*\|[^\n]*": ("|",),  # a row of a table, most of them lists of parts
    r"`[^`\n]+`": ("`",),  # code within a line
    r"(?:https?://|www\.)[^\s)\]]+": ("://", "www."),  # an address, whose words are its own
}
"""What is masked, and the strings of which a text must hold one for it to be there."""


def own_words(body: str) -> str:
    """The body with quotes, code, tables and addresses blanked out; everything else keeps its offset."""
    there = tuple(pattern for pattern, signs in _MASKED.items() if any(sign in body for sign in signs))
    return _masked(there).sub(lambda found: re.sub(r"[^\n]", " ", found.group()), body) if there else body


@cache
def _masked(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.MULTILINE)


_MEGATHREAD = re.compile(
    r"mega-?thread"
    r"|\b(?:daily|weekly|monthly|confirmed trade|price check|simple questions?|tech support|free talk|discussion)"
    r"\b[^.!?]{0,25}\bthread\b"
    r"|\b(?:simple|moronic|stupid) (?:questions? )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)",
    re.IGNORECASE,
)
_BOT = re.compile(
    r"\bI am a bot\b|\bthis (?:action|post) was (?:performed|made|created) automatically\b", re.IGNORECASE
)


def why_excluded(title: str, body: str = "", *, is_stickied: bool = False) -> str | None:
    """Why a post is not counted: ``stickied``, ``megathread`` or ``bot``; ``None`` when it is.

    These stand for many voices or for none: a pinned thread would repeat its keywords every day.
    """
    if is_stickied:
        return "stickied"
    if _MEGATHREAD.search(title):
        return "megathread"
    return "bot" if _BOT.search(body) else None

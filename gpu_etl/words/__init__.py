"""The words of dashboard and report in English and Korean, and numbers and days as each language writes them.

Belongs here: one catalogue a language (``en.yaml`` and ``en_*.yaml``; ``ko`` has the same keys), which language a
reader gets, and formats. Does not belong here: what is said where (the templates).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

from gpu_etl.sources.money import exponent

LANGUAGES = ("en", "ko")
MINUS = "\u2212"
NOTHING = "\u2013"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """A language's words, by dotted key; a value with forms for one and many is a mapping."""
    return {key: words for texts in catalogue_files(language).values() for key, words in texts}


def catalogue_files(language: str) -> Mapping[str, list[tuple[str, Any]]]:
    """A language's files by name, each as keys and words: the frame's, and those of groups of pages."""
    folder = resources.files(__name__)
    names = sorted(file.name for file in folder.iterdir() if re.fullmatch(rf"{language}(_\w+)?\.yaml", file.name))
    return {name: _flat(yaml.safe_load(folder.joinpath(name).read_text(encoding="utf-8")), "") for name in names}


@cache
def _sentences(language: str, section: str) -> list[tuple[re.Pattern[str], str]]:
    """A section's sentences with gaps: what the English one matches, and this language's; the longest first."""
    found = []
    for key in sorted(catalogue(language), key=len, reverse=True):
        if key.startswith(f"{section}."):
            parts = re.split(r"\{(\w+)\}", key.removeprefix(f"{section}."))
            pattern = "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
            found.append((re.compile(pattern), str(catalogue(language)[key])))
    return found


def _flat(node: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in node.items():
        if isinstance(value, dict) and not {"one", "other"} <= set(value):
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", value))
    return found


def choose(asked: str | None, remembered: str | None, accepted: str, otherwise: str) -> str:
    """The language of an answer: what the address asks for, the cookie, the browser's first known one, the setting."""
    for wish in (asked, remembered):
        if wish in LANGUAGES:
            return wish
    for item in sorted(accepted.split(","), key=_preference, reverse=True):
        language = item.split(";")[0].strip().lower().split("-")[0]
        if language in LANGUAGES:
            return language
    return otherwise


def _preference(item: str) -> float:
    _, _, weight = item.partition(";q=")
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words and formats."""

    language: str

    def text(self, key: str, **values: Any) -> str:
        """The words of a key, with ``{name}`` filled in; ``n`` chooses between the forms for one and many.

        Raises:
            KeyError: no such key.
        """
        found = catalogue(self.language)[key]
        if isinstance(found, dict):
            found = found["one" if values.get("n") == 1 else "other"]
        numbers = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return str(found).format(**numbers)

    def has(self, key: str) -> bool:
        """Whether there are words for a key."""
        return key in catalogue(self.language)

    def told(self, section: str, text: str | None) -> str:
        """What the program wrote in English (a reason, a status), in this language where ``section`` knows it."""
        if not text:
            return ""
        key = f"{section}.{text}"
        if self.has(key):
            return self.text(key)
        return "; ".join(self._sentence(section, part) for part in text.split("; "))

    def _sentence(self, section: str, text: str) -> str:
        """A sentence in this language; what stands in its gaps may be one of the section's too."""
        for pattern, words in _sentences(self.language, section):
            if found := pattern.fullmatch(text):
                return words.format(**{gap: self._sentence(section, said) for gap, said in found.groupdict().items()})
        return text

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with thousands marks and a true minus sign; a dash for an unknown one."""
        return NOTHING if value is None else _signed(f"{value:,.{digits}f}")

    def won(self, value: float | None) -> str:
        """An amount of won."""
        if value is None:
            return NOTHING
        if self.language == "ko":
            return _signed(f"{value:,.0f}원")
        return f"{MINUS if round(value) < 0 else ''}₩{abs(value):,.0f}"

    def money(self, value: int | None, currency: str) -> str:
        """An amount in minor units of a currency."""
        if value is None or currency == "KRW":
            return self.won(value)
        decimals = exponent(currency)
        return f"{currency} {value / 10**decimals:,.{decimals}f}"

    def won_change(self, value: float | None) -> str:
        """A difference in won, with its sign."""
        return NOTHING if value is None else ("+" if round(value) > 0 else "") + self.won(value)

    def percent(self, value: float | None, digits: int = 1) -> str:
        """A share in percent, without a sign for a positive one."""
        return NOTHING if value is None else _signed(f"{_not_minus_zero(value, digits):,.{digits}f}%")

    def change(self, value: float | None, digits: int = 1) -> str:
        """A change in percent, with its sign."""
        return (
            NOTHING
            if value is None
            else _signed(f"{value:+,.{digits}f}%" if round(value, digits) else f"{0:.{digits}f}%")
        )

    def points(self, value: float | None) -> str:
        """Points of a score, with their sign."""
        return NOTHING if value is None else _signed(f"{value:+.1f}" if round(value, 1) else "0")

    def day(self, value: date | None) -> str:
        """A day in full."""
        if value is None:
            return NOTHING
        if self.language == "ko":
            return f"{value.year}년 {value.month}월 {value.day}일"
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"

    def short_day(self, value: date | None) -> str:
        """A day without its year."""
        if value is None:
            return NOTHING
        if self.language == "ko":
            return f"{value.month}월 {value.day}일"
        return f"{value.day} {MONTHS[value.month - 1]}"

    def moment(self, value: datetime | None) -> str:
        """A moment, in the zone it is given in."""
        return NOTHING if value is None else f"{self.day(value.date())} {value:%H:%M}"

    def age(self, days: int) -> str:
        """How long ago a day is."""
        if days <= 0:
            return self.text("age.today")
        return self.text("age.yesterday") if days == 1 else self.text("age.days", n=days)


def _not_minus_zero(value: float, digits: int) -> float:
    return 0.0 if round(value, digits) == 0 else value


def _signed(text: str) -> str:
    return text.replace("-", MINUS)

"""Whether a post speaks well or ill of the cards it is about.

Belongs here: one post's polarity, and the words of this trade behind it (``polarity.csv``). Does not belong here: what
the post speaks of (``signals``), sums over posts.

VADER reads everyday English: to it an "insane deal" and a "killer card" are bad, a "melting connector" and a "black
screen" nothing at all, and every "please help" is praise. Our lexicon adds what the trade says, phrases as well as
words, and silences what is mere manners. A valence runs from -4 to 4 as VADER's do; 0 silences.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from gpu_etl.market.signals import own_words

if TYPE_CHECKING:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

NEUTRAL_BAND = 0.15
"""Scores nearer to 0 than this are neutral. VADER's own 0.05 is for single sentences; a post's is a mean of several."""
TITLE_WEIGHT = 3
"""How many sentences of the body a silent title counts for."""
MOST_SENTENCES = 4
"""Sentences of the body that are read: what follows is mostly lists of parts and settings."""


@dataclass(frozen=True, slots=True)
class Polarity:
    """What a post thinks."""

    score: float
    """From -1 (bad) to 1 (good)."""

    @property
    def sign(self) -> int:
        """-1, 0 or 1; 0 within :data:`NEUTRAL_BAND`."""
        return 0 if abs(self.score) < NEUTRAL_BAND else (1 if self.score > 0 else -1)


def polarity(title: str, body: str = "") -> Polarity:
    """Rate a post: a title that takes a side decides, else it is the mean over the title and the first sentences.

    Quotes, code, tables and addresses are left out, as in :func:`gpu_etl.market.signals.find`.
    """
    said = rate(title)
    if abs(said) >= NEUTRAL_BAND:
        return Polarity(said)
    sentences = [part for part in re.split(r"(?<=[.!?])\s+|\n+", own_words(body)) if part.strip()][:MOST_SENTENCES]
    total = TITLE_WEIGHT * said + sum(rate(sentence) for sentence in sentences)
    return Polarity(total / (TITLE_WEIGHT + len(sentences)))


_QUESTION = re.compile(r"\?\W*$|^\W*(?:which|what|what's|where|how|should|would|is|are|can|does|do|any(?:one)?)\b")


def rate(sentence: str) -> float:
    """Rate one sentence from -1 to 1 with the words of this trade known; a question praises nothing."""
    reader, phrases = _reader()
    plain = re.sub(r"[/\[\]()*_]", " ", sentence.lower()).strip()  # "freezing/overheating" is two words
    score = float(reader.polarity_scores(phrases.sub(lambda found: _token(found.group()), plain))["compound"])
    return min(score, 0.0) if _QUESTION.search(plain) else score


@cache
def _reader() -> tuple[SentimentIntensityAnalyzer, re.Pattern[str]]:
    """VADER with our lexicon in it, and what turns a phrase into the one word that stands for it there."""
    text = files("gpu_etl.market").joinpath("polarity.csv").read_text(encoding="utf-8")
    valences = {row["phrase"]: float(row["valence"]) for row in csv.DictReader(text.splitlines())}
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # brings requests; not for every process

    reader = SentimentIntensityAnalyzer()
    reader.lexicon.update({_token(phrase): valence for phrase, valence in valences.items()})
    phrases = sorted((p for p in valences if not p.isalpha()), key=len, reverse=True)
    return reader, re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, phrases))})(?!\w)")


def _token(phrase: str) -> str:
    return re.sub(r"[^a-z]", "", phrase) if not phrase.isalpha() else phrase

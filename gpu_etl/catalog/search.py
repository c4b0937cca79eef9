"""Finding cards by what people type: in English or Korean, in any order, half a word.

Belongs here: words as they are compared ("지포스" is "geforce", "조텍" is "zotac", "4070Ti" is "4070 ti"). Does not
belong here: which cards there are (``database``), or saying which one a title means (``identify``).
"""

from __future__ import annotations

from collections.abc import Iterable

from gpu_etl.catalog.text import fine, fold
from gpu_etl.catalog.vocabulary import Kind, chip_words, vocabulary

NAMED = {Kind.MAKER, Kind.SERIES}


def search_terms(text: str) -> list[str]:
    """The terms of a text, as they are compared; a word of a maker or sub-brand stands under its English name."""
    terms: list[str] = []
    for word in fold(text).replace("-", " ").replace("/", " ").split():
        for part in _canonical(word).split():
            terms += [piece for piece in fine(part) if piece.isalnum()]
    return terms


def _canonical(word: str) -> str:
    chip_word = chip_words().get(word)
    if chip_word:
        return chip_word
    meaning = vocabulary().get(word)
    if meaning is None or meaning.kind not in NAMED:
        return word
    return fold(meaning.name if meaning.kind is Kind.SERIES else str(meaning.value))


def matching(wanted: Iterable[str], terms: Iterable[str]) -> bool:
    """Whether each wanted term begins one of the terms; numbers must be whole ("407" is not "4070")."""
    known = set(terms)
    return all(
        want in known or (not want.isdigit() and any(term.startswith(want) for term in known)) for want in wanted
    )

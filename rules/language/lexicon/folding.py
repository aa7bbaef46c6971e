"""Text in one form: narrow, small, without accents, in simplified characters, cut into units.

A unit is a word of letters or one Chinese character, so that one search serves both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

# Longer than any call that a person types; the rest is not heard.
MOST_CHARACTERS = 2000
_UNIT = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]|[,.;:!?、。\n()]+")
_PHRASE_UNIT = re.compile(r"\.\.|[a-z0-9]+\*?|[\u3400-\u9fff]")
_NO_GAP = str.maketrans("", "", "'`´’‘ʼ\u200b\u200d\ufeff")


class Units(NamedTuple):
    """A text's units and, for each, the number of the clause that it stands in."""

    words: tuple[str, ...]
    clause: tuple[int, ...]


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """Narrow, small letters without accents or apostrophes."""
    wide = unicodedata.normalize("NFKC", text).casefold().translate(_NO_GAP)
    if wide.isascii():
        return wide
    parts = unicodedata.normalize("NFD", wide)
    return "".join(each for each in parts if not unicodedata.combining(each))


def simplified(text: str, characters: Mapping[int, str], same: Mapping[str, str]) -> str:
    """Traditional characters as simplified ones, and common slips of the pen mended."""
    if text.isascii():
        return text
    text = text.translate(characters)
    for slip, meant in same.items():
        if slip in text:
            text = text.replace(slip, meant)
    return text


def units(text: str) -> Units:
    """Cut folded text into units."""
    words: list[str] = []
    clauses: list[int] = []
    clause = 0
    for found in _UNIT.findall(text[:MOST_CHARACTERS]):
        if found[0].isalnum():
            words.append(found)
            clauses.append(clause)
        else:
            clause += 1
    return Units(tuple(words), tuple(clauses))


def phrase_units(phrase: str) -> tuple[str, ...]:
    """A lexicon's phrase as units; `..` is a gap, a unit that ends in `*` stands for what begins so."""
    return tuple(_PHRASE_UNIT.findall(folded(phrase)))

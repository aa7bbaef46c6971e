"""Other words for the values of open facts: data from anywhere says 医院, Hospital or hospitales."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA
from ruamel.yaml import YAML

FILE = Path(__file__).with_name("vocabulary_words.yaml")
MOST_NEAREST = 3
_JOINTS = re.compile(r"[\s_\-./、,·]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownWord:
    """A word of the data that stands for no value of its fact.

    Parameters
    ----------
    count : how many rows hold it. nearest : values that are written alike, the nearest first.
    """

    word: str
    count: int
    nearest: tuple[str, ...]


def folded_word(word: str) -> str:
    """A word without capitals, accents, full width, spaces, hyphens and underscores."""
    wide = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", word).casefold())
    return _JOINTS.sub("", "".join(each for each in wide if not unicodedata.combining(each)))


def meant(fact: str, values: tuple[str, ...], word: str) -> str | None:
    """The value of an open fact that a word stands for, None for none."""
    known = _known(fact, values)
    folded = folded_word(word)
    return known.get(folded) or (known.get(folded[:-1]) if folded.endswith("s") else None)


def unknown_words(fact: str, values: tuple[str, ...], counts: Mapping[str, int]) -> tuple[UnknownWord, ...]:
    """The words that stand for no value, the most frequent first.

    Parameters
    ----------
    counts : how often each word occurs.
    """
    found = [
        UnknownWord(word=word, count=count, nearest=_nearest(fact, values, word))
        for word, count in counts.items()
        if word not in values and meant(fact, values, word) is None
    ]
    return tuple(sorted(found, key=lambda each: (-each.count, each.word)))


def _nearest(fact: str, values: tuple[str, ...], word: str) -> tuple[str, ...]:
    known, folded = _known(fact, values), folded_word(word)
    most = max(1, len(folded) // 3)
    near = process.extract(folded, list(known), scorer=OSA.distance, score_cutoff=most, limit=20)
    alike = [known[each] for each, _, _ in near]
    alike += [
        value
        for written, value in known.items()
        if len(written) > 1 and not written.isascii() and written in folded
    ]
    return tuple(dict.fromkeys(alike))[:MOST_NEAREST]


@cache
def _known(fact: str, values: tuple[str, ...]) -> Mapping[str, str]:
    """Every folded word and the value that it stands for; a value's own name wins."""
    found: dict[str, str] = {}
    for value, words in _file().get(fact, {}).items():
        for word in (value, *words):
            found.setdefault(folded_word(str(word)), value)
    found |= {folded_word(value): value for value in values}
    return found


@cache
def _file() -> Mapping[str, Mapping[str, Iterable[Any]]]:
    return dict(YAML(typ="safe").load(FILE.read_text(encoding="utf-8")))

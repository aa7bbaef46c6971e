"""Finds a language's phrases in a call, slips of the finger included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from .folding import Units, phrase_units

GAP = ".."
GAP_UNITS = 3
GAP_CHARACTERS = 4
SHORTEST_MENDED = 5
LONG_WORD = 9
MOST_KEPT = 20_000


class Match(NamedTuple):
    """A phrase found: units `start` to `end` (exclusive) and what they mean."""

    start: int
    end: int
    meaning: str


class Phrases:
    """The phrases of one language, found by their first two units.

    Parameters
    ----------
    means : meaning -> phrases.
    plain : ordinary words; they are never taken for a slip of another word.
    """

    def __init__(self, means: Mapping[str, Iterable[str]], plain: Iterable[str]) -> None:
        self._plain = frozenset(plain)
        self._exact: set[str] = set()
        self._begins: set[str] = set()
        self._alone: dict[str, list[str]] = {}
        self._by_two: dict[tuple[str, str], list[tuple[tuple[str, ...], str]]] = {}
        self._by_gap: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for meaning, phrases in means.items():
            for phrase in phrases:
                self._add(phrase_units(phrase), meaning)
        self._shortest = min((len(each) for each in self._begins), default=1)
        self._kept: dict[str, tuple[str, ...]] = {}
        self._kept_mended: dict[str, tuple[str, ...]] = {}
        self._by_letter: dict[str, list[str]] = {}
        for word in sorted(self._exact | self._plain):
            if word.isascii() and len(word) >= SHORTEST_MENDED - 1:
                self._by_letter.setdefault(word[0], []).append(word)

    def _add(self, units: tuple[str, ...], meaning: str) -> None:
        if not units or units[0] == GAP:
            return
        if len(units) == 1:
            self._alone.setdefault(units[0], []).append(meaning)
        elif units[1] == GAP:
            self._by_gap.setdefault(units[0], []).append((units[2:], meaning))
        else:
            self._by_two.setdefault((units[0], units[1]), []).append((units[2:], meaning))
        for unit in units:
            if unit.endswith("*"):
                self._begins.add(unit[:-1])
                # A stem is a word too, so that a slip near it is mended.
                self._exact.add(unit[:-1])
            elif unit != GAP:
                self._exact.add(unit)

    def knows(self, word: str) -> bool:
        """Whether a word is one of the language's, as far as this file has them."""
        return word in self._plain or bool(self._written(word))

    def find(self, text: Units) -> list[Match]:
        """Every phrase in the text, those inside longer ones included."""
        atoms = [self._atoms_of(word) for word in text.words]
        found: set[Match] = set()
        for start, each in enumerate(atoms):
            following = atoms[start + 1] if start + 1 < len(atoms) else ()
            for atom in each:
                for meaning in self._alone.get(atom, ()):
                    found.add(Match(start, start + 1, meaning))
                for second in following:
                    for rest, meaning in self._by_two.get((atom, second), ()):
                        end = self._end(rest, atoms, text, start + 2)
                        if end:
                            found.add(Match(start, end, meaning))
                for rest, meaning in self._by_gap.get(atom, ()):
                    end = self._after_gap(rest, atoms, text, start + 1)
                    if end:
                        found.add(Match(start, end, meaning))
        # Words on either side of a comma are no phrase: "断电，打井" is no 电打.
        return sorted(each for each in found if text.clause[each.start] == text.clause[each.end - 1])

    def _end(self, rest: tuple[str, ...], atoms: Sequence[tuple[str, ...]], text: Units, at: int) -> int:
        """Where the phrase ends whose earlier units stand before `at`; 0 when it does not go on so."""
        for position, unit in enumerate(rest):
            if unit == GAP:
                return self._after_gap(rest[position + 1 :], atoms, text, at)
            if at >= len(atoms) or unit not in atoms[at]:
                return 0
            at += 1
        return at

    def _after_gap(
        self, rest: tuple[str, ...], atoms: Sequence[tuple[str, ...]], text: Units, at: int
    ) -> int:
        """The same where some units of the same clause may stand between."""
        clause = text.clause[at - 1]
        reach = GAP_UNITS if rest and rest[0][0].isascii() else GAP_CHARACTERS
        for begin in range(at, min(at + reach + 1, len(atoms))):
            if text.clause[begin] != clause:
                break
            if rest and rest[0] in atoms[begin]:
                end = self._end(rest[1:], atoms, text, begin + 1)
                if end:
                    return end
        return 0

    def _atoms_of(self, word: str) -> tuple[str, ...]:
        """The units of phrases that a word stands for, mended where it is none."""
        known = self._written(word)
        if known or word in self._plain or len(word) < SHORTEST_MENDED:
            return known
        mended = self._kept_mended.get(word)
        if mended is None:
            mended = self._written(self._mended(word))
            _keep(self._kept_mended, word, mended)
        return mended

    def _written(self, word: str) -> tuple[str, ...]:
        """The units that a word stands for as it is written."""
        known = self._kept.get(word)
        if known is None:
            lengths = range(self._shortest, len(word) + 1)
            begins = [f"{word[:length]}*" for length in lengths if word[:length] in self._begins]
            known = (word, *begins) if word in self._exact else tuple(begins)
            _keep(self._kept, word, known)
        return known

    def _mended(self, word: str) -> str:
        """The word of the language that is one slip away, two in a long word; the word itself for none."""
        if not word.isalpha():
            return word
        most = 2 if len(word) >= LONG_WORD else 1
        near = process.extractOne(
            word, self._by_letter.get(word[0], ()), scorer=OSA.distance, score_cutoff=most
        )
        return near[0] if near else word


def _keep(kept: dict[str, tuple[str, ...]], word: str, found: tuple[str, ...]) -> None:
    """Remember what a word stands for; callers invent words without end, so that there is a limit."""
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[word] = found

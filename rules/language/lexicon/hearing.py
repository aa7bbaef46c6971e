"""From a caller's words to a kind, with its chance and the words that spoke."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from .folding import Units, folded, simplified, units
from .matching import Match, Phrases

HAZARD = "hazard"
ENQUIRY = "enquiry"
OUTAGE = "outage"
Extent = Literal["one", "many"]
REACH_UNITS = 4
MOST_REMEMBERED = 50_000
# A language is listened to when nearly as many of a call's words are its own as of the best one's.
NEARLY = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoke:
    """Words of a call that decided.

    Attributes
    ----------
    words : as they were said.
    meaning : what they were taken to mean.
    weight : for the kind, in natural logarithms of odds.
    """

    words: str
    meaning: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a call's words were taken to mean.

    Parameters
    ----------
    kind : the likeliest kind of request.
    hazard : chance that somebody is in danger, 0 to 1.
    chance : chance of `kind`; second, second_chance : the next likeliest.
    undecided : too doubtful for a machine; a person must say.
    words : what spoke, the weightiest first.
    language : the lexicon that understood it, None when none did.
    extent : "one" for words such as "only my flat", "many" for "the whole street", None when unsaid.
    """

    kind: str
    hazard: float
    chance: float
    second: str
    second_chance: float
    undecided: bool
    words: tuple[Spoke, ...] = ()
    language: str | None = None
    extent: Extent | None = None


@dataclass(frozen=True, kw_only=True)
class Together:
    """What several meanings say that are said in one call.

    Parameters
    ----------
    of : one of each set must be said; unless : none of these.
    """

    of: tuple[frozenset[str], ...]
    unless: frozenset[str]
    says: Mapping[str, float]

    def holds(self, said: frozenset[str]) -> bool:
        """Whether all of it was said."""
        if said.isdisjoint(self.of[0]) or not said.isdisjoint(self.unless):
            return False
        return not any(said.isdisjoint(each) for each in self.of[1:])


@dataclass(frozen=True, kw_only=True)
class Meanings:
    """What meanings speak for, in natural logarithms of odds, whatever the language."""

    bias: Mapping[str, float]
    says: Mapping[str, Mapping[str, float]]
    together: tuple[Together, ...]
    covers: frozenset[str]
    keeps: frozenset[str]
    hides: Mapping[str, frozenset[str]]
    names_zh: Mapping[str, str]
    hazard_from: float
    decided_from: float


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language's phrases.

    Parameters
    ----------
    denials, turns : words that deny what follows, and words that end their reach.
    same : slips of the pen and what is meant. characters : traditional ones and their simplified form.
    """

    code: str
    means: Mapping[str, tuple[str, ...]]
    common: tuple[str, ...]
    denials: tuple[str, ...]
    turns: tuple[str, ...]
    same: Mapping[str, str]
    characters: Mapping[int, str]

    @cached_property
    def phrases(self) -> Phrases:
        """Everything to look for; words of denial and of turning are meanings of their own kind."""
        extra = {_DENIAL: self.denials, _TURN: self.turns}
        return Phrases({**self.means, **extra}, self.common)


_DENIAL, _TURN = "(denial)", "(turn)"


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """All languages' phrases with the weights of their meanings.

    Attributes
    ----------
    languages : tried on every call.
    meanings : what each meaning speaks for.
    """

    languages: tuple[Language, ...]
    meanings: Meanings

    def hear(self, words: str) -> Heard:
        """Say what a caller's words mean; open calls are heard again at every plan, and are remembered."""
        heard = self._remembered.get(words)
        if heard is None:
            heard = self._heard(words)
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[words] = heard
        return heard

    @cached_property
    def _remembered(self) -> dict[str, Heard]:
        return {}

    def _heard(self, words: str) -> Heard:
        text = folded(words)
        readings = [self._read(language, each) for language, each in self._listened(text)]
        heard = [each for each in readings if each.words]
        if not heard:
            return self._judged({}, (), None, frozenset())
        return max(
            heard,
            key=lambda each: (each.hazard >= self.meanings.hazard_from, not each.undecided, each.chance),
        )

    def _listened(self, text: str) -> list[tuple[Language, Units]]:
        """The languages that the text may be in, with its units as each one writes them."""
        shares = []
        cuts: dict[str, Units] = {}
        for language in self.languages:
            written = simplified(text, language.characters, language.same)
            cut = cuts.get(written)
            if cut is None:
                cut = cuts[written] = units(written)
            known = sum(map(language.phrases.knows, cut.words))
            shares.append((known / max(1, len(cut.words)), language, cut))
        best = max((share for share, _, _ in shares), default=0)
        return [(language, cut) for share, language, cut in shares if share and share >= NEARLY * best]

    def _read(self, language: Language, cut: Units) -> Heard:
        found = language.phrases.find(cut)
        matches = self._standing(found, cut)
        said = frozenset(match.meaning for match in matches)
        score: dict[str, float] = {}
        for meaning in said:
            _add(score, self.meanings.says.get(meaning, {}))
        for rule in self.meanings.together:
            if rule.holds(said):
                _add(score, rule.says)
        return self._judged(score, [(match, _quoted(match, cut)) for match in matches], language.code, said)

    def _standing(self, found: Sequence[Match], cut: Units) -> list[Match]:
        """The matches that are neither hidden inside a longer one nor denied."""
        open_ = [each for each in found if not self._hidden(each, found)]
        spoken = [each for each in open_ if each.meaning not in (_DENIAL, _TURN)]
        denials = [
            (each, [other for other in spoken if _inside(each, other)])
            for each in open_
            if each.meaning == _DENIAL
        ]
        turns = [each for each in open_ if each.meaning == _TURN]
        standing = [
            each
            for each in spoken
            if each.meaning in self.meanings.keeps or not _denied(each, denials, turns, cut)
        ]
        return self._without_overtaken(standing, turns, cut)

    def _hidden(self, match: Match, found: Sequence[Match]) -> bool:
        """Whether a longer phrase around it says what the word is not."""
        length = match.end - match.start
        covers, hides = self.meanings.covers, self.meanings.hides
        return any(
            _inside(match, each)
            and each.end - each.start > length
            and each.meaning != match.meaning
            and (each.meaning in covers or match.meaning in hides.get(each.meaning, ()))
            for each in found
        )

    def _without_overtaken(
        self, standing: Sequence[Match], turns: Sequence[Match], cut: Units
    ) -> list[Match]:
        """Leave out "it was repaired" where danger is told of afterwards: "but it sparks again"."""
        weighed = [(each, self.meanings.says.get(each.meaning, {}).get(HAZARD, 0.0)) for each in standing]
        danger = [each.start for each, weight in weighed if weight > 0]

        def overtaken(over: Match) -> bool:
            clause = cut.clause[over.end - 1]
            turned = any(over.end <= turn.start for turn in turns)
            return any(over.end <= each and (turned or cut.clause[each] > clause) for each in danger)

        return [each for each, weight in weighed if weight >= 0 or not overtaken(each)]

    def _judged(
        self,
        score: Mapping[str, float],
        matches: Iterable[tuple[Match, str]],
        language: str | None,
        said: frozenset[str],
    ) -> Heard:
        chances = _chances({kind: bias + score.get(kind, 0.0) for kind, bias in self.meanings.bias.items()})
        ranked = sorted(chances, key=lambda kind: -chances[kind])
        hazard = self._danger(score.get(HAZARD, 0.0))
        if hazard >= self.meanings.hazard_from:
            ranked.sort(key=lambda kind: kind != HAZARD)
            chances = {**chances, HAZARD: max(hazard, chances[HAZARD])}
        kind, second = ranked[0], ranked[1]
        spoke = self._spoke(matches, kind)
        return Heard(
            kind=kind,
            hazard=hazard,
            chance=chances[kind],
            second=second,
            second_chance=chances[second],
            undecided=not spoke or chances[kind] < self.meanings.decided_from,
            words=spoke,
            language=language,
            extent=_extent(said),
        )

    def _danger(self, score: float) -> float:
        """Chance of danger by what speaks of danger alone: no other news, however plain, makes it smaller."""
        bias = self.meanings.bias
        if HAZARD not in bias:
            return 0.0
        return _chances({**bias, HAZARD: bias[HAZARD] + score})[HAZARD]

    def _spoke(self, matches: Iterable[tuple[Match, str]], kind: str) -> tuple[Spoke, ...]:
        """The words with what they mean; of several for one meaning, the first."""
        first: dict[str, Spoke] = {}
        for match, quoted in matches:
            weight = self.meanings.says.get(match.meaning, {}).get(kind, 0.0)
            if match.meaning in self._speaking:
                first.setdefault(match.meaning, Spoke(words=quoted, meaning=match.meaning, weight=weight))
        return tuple(sorted(first.values(), key=lambda each: -each.weight))

    @cached_property
    def _speaking(self) -> frozenset[str]:
        """Meanings that can move the balance, alone or together."""
        return frozenset(self.meanings.says) | {
            each for rule in self.meanings.together for of in rule.of for each in of
        }


def _add(score: dict[str, float], says: Mapping[str, float]) -> None:
    for kind, weight in says.items():
        score[kind] = score.get(kind, 0.0) + weight


def _chances(score: Mapping[str, float]) -> dict[str, float]:
    most = max(score.values())
    raised = {kind: math.exp(each - most) for kind, each in score.items()}
    total = sum(raised.values())
    return {kind: each / total for kind, each in raised.items()}


def _inside(inner: Match, outer: Match) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _denied(
    match: Match, denials: Sequence[tuple[Match, Sequence[Match]]], turns: Sequence[Match], cut: Units
) -> bool:
    """Whether a word of denial stands shortly before, in the same clause, with no turn between.

    One that is part of a phrase denies what stands inside that phrase and nothing beyond: "no power".
    """
    for each, phrases in denials:
        if phrases and not any(_inside(match, other) and match != other for other in phrases):
            continue
        near = (
            0 <= match.start - each.end <= REACH_UNITS and cut.clause[each.start] == cut.clause[match.start]
        )
        if near and not any(each.end <= turn.start < match.start for turn in turns):
            return True
    return False


def _quoted(match: Match, cut: Units) -> str:
    said = cut.words[match.start : match.end]
    return ("" if said and not said[0].isascii() else " ").join(said)


def _extent(said: frozenset[str]) -> Extent | None:
    many = bool(said & {"everywhere", "neighbours_off"})
    one = bool(said & {"only_here", "neighbours_on"})
    return None if one == many else ("one" if one else "many")

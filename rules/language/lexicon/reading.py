"""Reads lexicons: one YAML file per language beside this one, and what a utility puts on top."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from .hearing import Language, Lexicon, Meanings, Together

FOLDER = Path(__file__).parent
SHARED = "meanings"


def languages_shipped() -> tuple[str, ...]:
    """Codes of the languages that come with the program: every file of this folder but the shared one."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != SHARED))


@cache
def shipped_lexicon() -> Lexicon:
    """The lexicon as it comes with the program."""
    return lexicon_of({})


def meanings_known() -> frozenset[str]:
    """Every meaning that a shipped language has phrases for or that the weights name."""
    shared = shipped_lexicon()
    named = {meaning for language in shared.languages for meaning in language.means}
    return frozenset(named | set(shared.meanings.says))


def lexicon_of(own: Mapping[str, Mapping[str, Any]]) -> Lexicon:
    """The shipped lexicon with a utility's own languages and phrases on top.

    Parameters
    ----------
    own : by language code, a mapping as a language's file holds it. Its phrases join the shipped ones;
        `without` lists, by meaning, shipped phrases to leave out. A new code is a new language.
    """
    given = {code: _file(code) for code in languages_shipped()}
    for code, more in own.items():
        if code != SHARED:
            given[code] = _joined(given.get(code, {}), more)
    shared = _joined_weights(_file(SHARED), own.get(SHARED, {}))
    languages = tuple(_language(code, each) for code, each in sorted(given.items()))
    return Lexicon(languages=languages, meanings=_meanings(shared))


@cache
def _file(name: str) -> Mapping[str, Any]:
    loaded = YAML(typ="safe").load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return dict(loaded)


def _joined(shipped: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    joined = dict(shipped)
    for name in ("common", "not", "but"):
        joined[name] = [*shipped.get(name, ()), *own.get(name, ())]
    joined["same"] = {**shipped.get("same", {}), **own.get("same", {})}
    without = {meaning: frozenset(_words(each)) for meaning, each in own.get("without", {}).items()}
    means = {meaning: _words(each) for meaning, each in shipped.get("means", {}).items()}
    for meaning, phrases in own.get("means", {}).items():
        means[meaning] = (*means.get(meaning, ()), *_words(phrases))
    joined["means"] = {
        meaning: tuple(each for each in phrases if each not in without.get(meaning, frozenset()))
        for meaning, phrases in means.items()
    }
    return joined


def _joined_weights(shipped: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The shared weights with a utility's own: a meaning's are replaced, what stands together is added."""
    joined = {**shipped, **{name: own[name] for name in ("hazard_from", "decided_from") if name in own}}
    for name in ("bias", "says", "groups", "hides", "names_zh"):
        joined[name] = {**shipped[name], **own.get(name, {})}
    for name in ("together", "covers", "keeps"):
        joined[name] = [*shipped[name], *own.get(name, ())]
    return joined


def _language(code: str, given: Mapping[str, Any]) -> Language:
    pairs = str(given.get("traditional", "")).split()
    characters = {ord(pair[0]): pair[1] for pair in pairs if len(pair) == 2}

    def written(phrases: Any) -> tuple[str, ...]:
        """Phrases in the characters that a call is heard in."""
        return tuple(each.translate(characters) for each in _words(phrases))

    return Language(
        code=code,
        means={meaning: written(each) for meaning, each in given.get("means", {}).items()},
        common=written(given.get("common", ())),
        denials=written(given.get("not", ())),
        turns=written(given.get("but", ())),
        same={str(slip): str(meant) for slip, meant in given.get("same", {}).items()},
        characters=characters,
    )


def _meanings(given: Mapping[str, Any]) -> Meanings:
    groups = {name: frozenset(members) for name, members in given["groups"].items()}

    def members(text: str) -> frozenset[str]:
        named = (groups.get(each, frozenset({each})) for each in str(text).split("|"))
        return frozenset().union(*named)

    return Meanings(
        bias={kind: float(each) for kind, each in given["bias"].items()},
        says=given["says"],
        together=tuple(
            Together(
                of=tuple(members(each) for each in rule["of"]),
                unless=frozenset().union(*(members(each) for each in rule.get("unless", ()))),
                says=rule["says"],
            )
            for rule in given["together"]
        ),
        covers=frozenset(given["covers"]),
        keeps=frozenset(given["keeps"]),
        hides={meaning: frozenset(each) for meaning, each in given["hides"].items()},
        names_zh={str(meaning): str(name) for meaning, name in given["names_zh"].items()},
        hazard_from=float(given["hazard_from"]),
        decided_from=float(given["decided_from"]),
    )


def _words(given: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in ((given,) if isinstance(given, str) else given or ()))

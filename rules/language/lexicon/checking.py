"""What is wrong with a utility's own lexicon, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...errors import nearest, nearest_zh
from .reading import SHARED, meanings_known, shipped_lexicon

LANGUAGE_KEYS = ("language", "title", "common", "not", "but", "same", "traditional", "means", "without")
SHARED_KEYS = (
    "bias",
    "says",
    "groups",
    "together",
    "covers",
    "hides",
    "keeps",
    "names_zh",
    "hazard_from",
    "decided_from",
)
_CHANCES = ("hazard_from", "decided_from")
Told = tuple[str, str, str]


def faults_in(own: Mapping[str, Any]) -> Iterator[Told]:
    """Each fault: the place inside the lexicon, then what is wrong in English and in Chinese."""
    shared = own.get(SHARED)
    if shared is not None:
        yield from _shared(shared)
    known = {*meanings_known(), *_said(shared)}
    for code, language in own.items():
        if code != SHARED:
            yield from _language(code, language, known)


def _said(shared: Any) -> Iterable[str]:
    says = shared.get("says") if isinstance(shared, Mapping) else None
    return says if isinstance(says, Mapping) else ()


def _language(code: str, given: Any, known: Iterable[str]) -> Iterator[Told]:
    if not isinstance(given, Mapping):
        yield code, "must be a mapping or the name of a file", "须为键值对或文件名"
        return
    yield from _names(code, given, LANGUAGE_KEYS)
    for key in ("means", "without"):
        part = given.get(key, {})
        if not isinstance(part, Mapping):
            yield f"{code}.{key}", "must list phrases by meaning", "须按含义列出词语"
            continue
        for meaning in part:
            if meaning not in known:
                en = f"unknown meaning '{meaning}'{nearest(meaning, known)}"
                yield f"{code}.{key}", en, f"未知的含义“{meaning}”{nearest_zh(meaning, known)}"
    for key in ("same",):
        if not isinstance(given.get(key, {}), Mapping):
            yield f"{code}.{key}", "must be a mapping: slip: meant", "须为键值对：错字: 正字"


def _shared(given: Any) -> Iterator[Told]:
    if not isinstance(given, Mapping):
        yield SHARED, "must be a mapping", "须为键值对"
        return
    yield from _names(SHARED, given, SHARED_KEYS)
    for key in _CHANCES:
        value = given.get(key, 0.5)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1:
            yield f"{SHARED}.{key}", f"is {value!r}; must be a chance between 0 and 1", "须为0到1之间的概率"
    kinds = shipped_lexicon().meanings.bias
    says = given.get("says", {})
    rules = given.get("together", [])
    weights: list[tuple[str, Any]] = [(f"{SHARED}.bias", given.get("bias", {}))]
    weights += (
        [(f"{SHARED}.says.{name}", each) for name, each in says.items()] if isinstance(says, Mapping) else []
    )
    for at, rule in enumerate(rules if isinstance(rules, list) else [None], 1):
        if not isinstance(rule, Mapping) or not isinstance(rule.get("of"), list):
            yield (
                f"{SHARED}.together {at}",
                "needs 'of', a list of meanings, and 'says'",
                "须写明of（含义列表）和says",
            )
        else:
            weights.append((f"{SHARED}.together {at}", rule.get("says")))
    for place, each in weights:
        yield from _weights(place, each, kinds)


def _weights(place: str, given: Any, kinds: Iterable[str]) -> Iterator[Told]:
    if not isinstance(given, Mapping):
        yield place, "must give weights by kind", "须按诉求类型给出权重"
        return
    for kind, weight in given.items():
        if kind not in kinds:
            yield (
                place,
                f"unknown kind '{kind}'{nearest(kind, kinds)}",
                f"未知的诉求类型“{kind}”{nearest_zh(kind, kinds)}",
            )
        elif isinstance(weight, bool) or not isinstance(weight, (int, float)):
            yield place, f"weight of '{kind}' is {weight!r}; must be a number", f"“{kind}”的权重须为数字"


def _names(place: str, given: Mapping[str, Any], known: Iterable[str]) -> Iterator[Told]:
    for name in given:
        if name not in known:
            yield (
                place,
                f"unknown key '{name}'{nearest(name, known)}",
                f"未知的键“{name}”{nearest_zh(name, known)}",
            )

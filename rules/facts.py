"""The vocabulary: every fact that a policy may read or set, with type, unit and both names."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from .errors import FactError
from .language.vocabulary_words import meant

FactType = Literal["number", "integer", "yes/no", "choice", "text", "list", "amounts", "texts"]
FACT_TYPES: tuple[str, ...] = get_args(FactType)
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One name that policies may use.

    Parameters
    ----------
    name : as written in policies.
    type : number, integer, yes/no, choice (one of `values`), text, list (several of
        `values`, or of any words when `values` is empty), amounts (name: number),
        texts (what people read, by language: en, zh).
    en, zh : what people call it.
    unit : the unit numbers are kept in (see `rules.units`), or None.
    values : the allowed words of a choice, a list or amounts.
    low, high : smallest and largest allowed number.
    open : data may hold other words than `values`; a policy may not. Words that stand for a value
        (`rules.language.vocabulary_words`) are taken for it.
    meaning : one sentence.
    """

    name: str
    type: FactType
    en: str
    zh: str
    unit: str | None = None
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    meaning: str = ""
    open: bool = False

    @property
    def is_number(self) -> bool:
        """Whether values are numbers (kept as float64 in columns)."""
        return self.type in ("number", "integer")

    def label(self, language: str) -> str:
        """The fact's name for people."""
        return self.zh if language == "zh" else self.en

    def checked(self, value: Any) -> Any:
        """Return `value` as the fact's type holds it; None and NaN are "missing".

        Raises
        ------
        FactError : the value is of another type or is not allowed.
        """
        if value is None:
            return None
        kind = type(value)
        if kind is str and self.type == "choice":
            if value in self.values:
                return value
            if self.open:
                return meant(self.name, self.values, value) or value
        if kind is int and self.type == "integer" and self._allows(value):
            return value
        if kind.__name__ in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value)):
            return None
        return _CHECKS[self.type](self, value)

    def _allows(self, number: float) -> bool:
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


def refused(fact: Fact, value: Any, must_be: str, zh: str) -> FactError:
    """The error for a value that a fact does not allow, and what it must be."""
    return FactError(
        f"fact '{fact.name}' is {value!r}; must be {must_be}", f"事实“{fact.name}”的值为“{value}”，须{zh}"
    )


def _number(fact: Fact, value: Any) -> float:
    if isinstance(value, (str, bool)) and not hasattr(value, "dtype"):
        raise refused(fact, value, "a number", "为数字")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise refused(fact, value, "a number", "为数字") from None
    if fact.type == "integer" and not number.is_integer():
        raise refused(fact, value, "a whole number", "为整数")
    if (fact.low is not None and number < fact.low) or (fact.high is not None and number > fact.high):
        raise refused(fact, value, range_text(fact), f"为{range_text(fact, 'zh')}的数")
    return int(number) if fact.type == "integer" else number


def _yes_no(fact: Fact, value: Any) -> bool:
    if isinstance(value, str) or value not in (True, False):
        raise refused(fact, value, "true or false", "为true或false")
    return bool(value)


def _choice(fact: Fact, value: Any) -> str:
    text = _text(fact, value)
    if fact.values and not fact.open and text not in fact.values:
        known, known_zh = ", ".join(fact.values), "、".join(fact.values)
        raise refused(fact, value, f"one of {known}", f"为以下之一：{known_zh}")
    return text


def _text(fact: Fact, value: Any) -> str:
    if not isinstance(value, str):
        raise refused(fact, value, "text", "为文本")
    return value


def _list(fact: Fact, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise refused(fact, value, "a list", "为列表")
    return tuple(_choice(fact, item) for item in value)


def _amounts(fact: Fact, value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise refused(fact, value, "amounts by name", "为按名称列出的数量")
    return {_choice(fact, name): float(amount) for name, amount in value.items()}


def _texts(fact: Fact, value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return dict.fromkeys(LANGUAGES, value)
    if not isinstance(value, Mapping) or not value or not set(value) <= set(LANGUAGES):
        must_be, zh = "a text, or texts by language (en, zh)", "为文本，或按语言（en、zh）分列的文本"
        raise refused(fact, value, must_be, zh)
    return {language: _text(fact, text) for language, text in value.items()}


def text_in(texts: Mapping[str, str] | str | None, language: str) -> str | None:
    """What people of a language read of a text that may be kept by language; `language` is en or zh.

    Parameters
    ----------
    texts : a text, or texts by language.
    language : `en` or `zh`.

    Returns
    -------
    str or None
        The text of that language, or of another where there is none.
    """
    if texts is None or isinstance(texts, str):
        return texts
    return texts.get(language) or next((text for text in texts.values() if text), None)


_CHECKS = {
    "number": _number,
    "integer": _number,
    "yes/no": _yes_no,
    "choice": _choice,
    "text": _text,
    "list": _list,
    "amounts": _amounts,
    "texts": _texts,
}


_RANGES = {
    "en": ("{low:g} to {high:g}", "at least {low:g}", "at most {high:g}", "any number"),
    "zh": ("{low:g}至{high:g}", "不小于{low:g}", "不大于{high:g}", "任意数"),
}


def range_text(fact: Fact, language: str = "en") -> str:
    """Say which numbers a fact allows, such as ``0 to 23`` or ``at least 0``."""
    both, low, high, any_ = _RANGES[language]
    if fact.low is not None and fact.high is not None:
        said = both
    elif fact.low is not None:
        said = low
    else:
        said = any_ if fact.high is None else high
    return said.format(low=fact.low, high=fact.high)

"""Traces for people, as text and as HTML, in English and Chinese, from stored data alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from .facts import LANGUAGES, Fact, text_in
from .language.words_zh import VALUES_ZH, word_zh
from .settings import read_value

_CELLS_ZH = VALUES_ZH | {
    "yes": "是",
    "no": "否",
    "missing": "缺失",
    "given": "已给出",
    "not": "非",
    "has": "含",
}
_CODED = re.compile(r"(?<![@\w])[a-z][a-z_0-9]+")

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "policy": "Policy",
        "version": "version",
        "stage": "stage",
        "row": "row",
        "otherwise": "otherwise",
        "no row": "no row matches; nothing is set",
        "nearly": "nearly",
        "missing": "missing",
        "yes": "yes",
        "no": "no",
        "wants": "wants",
        "is": "is",
        "sets": "sets",
        "source": "source",
        "no source": "no source",
        "said": "said",
        "none": "none",
        "customer": "customer",
        "request": "request",
        "order": "order",
        "switching": "switching",
        "nothing": "nothing (what was given stands)",
    },
    "zh": {
        "policy": "策略",
        "version": "版本",
        "stage": "阶段",
        "row": "第{}行",
        "otherwise": "其余情况",
        "no row": "没有匹配的行，不作设定",
        "nearly": "接近匹配",
        "missing": "缺失",
        "yes": "是",
        "no": "否",
        "wants": "要求",
        "is": "实际为",
        "sets": "设定",
        "source": "来源",
        "no source": "无来源",
        "said": "原话",
        "none": "无",
        "customer": "用户",
        "request": "诉求",
        "order": "工单",
        "switching": "倒闸操作",
        "nothing": "不作设定（保留已给值）",
    },
}


def value_text(value: Any, unit: str | None, language: str) -> str:
    """A fact's value for people, with its unit."""
    words = WORDS[language]
    if value is None:
        return words["missing"]
    if isinstance(value, bool):
        return words["yes"] if value else words["no"]
    if isinstance(value, (int, float)):
        return f"{value:.10g} {unit}" if unit else f"{value:.10g}"
    if isinstance(value, Mapping) and value and set(value) <= set(LANGUAGES):
        return str(text_in(value, language))
    if isinstance(value, (Mapping, Sequence)) and not isinstance(value, str):
        return ", ".join(_parts(value, language)) or words["none"]
    return _word(str(value), language)


def _parts(value: Mapping[Any, Any] | Sequence[Any], language: str) -> Iterator[str]:
    """The words of a list, or the names of amounts with their numbers."""
    for name in value:
        number = f" {value_text(value[name], None, language)}" if isinstance(value, Mapping) else ""
        yield f"{_word(str(name), language)}{number}"


def cell_in(text: str, fact: Fact, language: str) -> str:
    """A cell as people of a language read it: coded words by their names, texts in that language alone."""
    if fact.type == "texts":
        return value_text(read_value(text, fact, {})[0], None, language)
    if language != "zh" or fact.is_number or fact.type == "text" or text.startswith("cel:"):
        return text
    return _CODED.sub(lambda found: _CELLS_ZH.get(found[0], found[0]), text)


def _word(word: str, language: str) -> str:
    return word_zh(word) if language == "zh" else word


def _row_name(number: int, language: str) -> str:
    words = WORDS[language]
    if number == 0:
        return words["otherwise"]
    return words["row"].format(number) if "{}" in words["row"] else f"{words['row']} {number}"


def condition_text(condition: Mapping[str, Any], language: str) -> str:
    """Such as ``customers out is 640 customers, wants >= 100``."""
    words = WORDS[language]
    value = _value_in(condition, language)
    said = (condition.get("because_zh") if language == "zh" else None) or condition.get("because")
    because = f" ({words['said']}: {said})" if said else ""
    separator = "，" if language == "zh" else ", "
    space = "" if language == "zh" else " "
    wants = f"{separator}{words['wants']} {short(condition['wants'])}"
    return f"{condition[language]}{space}{words['is']} {short(value)}{wants}{because}"


def short(text: str, most: int = 120) -> str:
    """A text cut to at most `most` signs."""
    return text if len(text) <= most else text[: most - 1] + "…"


def setting_text(setting: Mapping[str, Any], language: str) -> str:
    """Such as ``promised arrival = 45 min``."""
    return f"{setting[language]} = {_value_in(setting, language)}"


def _value_in(told: Mapping[str, Any], language: str) -> str:
    """A fact's value of a stored trace; traces of old hold no Chinese names of values."""
    known = told.get("value_zh") if language == "zh" else None
    return str(known) if known else value_text(told["value"], told["unit"], language)


def trace_text(trace: Mapping[str, Any], language: str = "en") -> str:
    """A stored trace as text.

    Parameters
    ----------
    trace : the trace of a decision, as data.
    language : `en` or `zh`.

    Returns
    -------
    str
        Several lines.
    """
    words = WORDS[language]
    stage = words.get(trace["stage"], trace["stage"])
    lines = [
        f"{words['policy']} {trace['policy']} {words['version']} {trace['version']}, {words['stage']} {stage}"
    ]
    for step in trace["steps"]:
        lines.append(f"{step[language]} [{step['table']}]")
        lines.extend(_step_lines(step, language))
    return "\n".join(lines)


def _step_lines(step: Mapping[str, Any], language: str) -> list[str]:
    words = WORDS[language]
    lines: list[str] = []
    for row in step["rows"]:
        lines.append(f"  {_row_name(row['row'], language)} ({row['place']})")
        lines.extend(f"    ✓ {condition_text(condition, language)}" for condition in row["conditions"])
        for setting in row["sets"]:
            source = _told(setting, "source", language) or words["no source"]
            lines.append(f"    → {setting_text(setting, language)}  [{words['source']}: {source}]")
        if not row["sets"]:
            lines.append(f"    → {words['nothing']}")
    if not step["rows"]:
        lines.append(f"  {words['no row']}")
    for row in step["near"]:
        failed = "; ".join(condition_text(condition, language) for condition in row["failed"])
        lines.append(f"  {words['nearly']} {_row_name(row['row'], language)}: ✗ {failed}")
    return lines


def trace_html(trace: Mapping[str, Any], language: str = "en") -> str:
    """A stored trace as an HTML fragment; every text in it is escaped.

    Parameters
    ----------
    trace : the trace of a decision, as data.
    language : `en` or `zh`.

    Returns
    -------
    str
        Escaped markup.
    """
    words = WORDS[language]
    stage = words.get(trace["stage"], trace["stage"])
    head = f"{words['policy']} {trace['policy']} {words['version']} {trace['version']} · {stage}"
    steps = "".join(_step_html(step, language) for step in trace["steps"])
    return f'<section class="trace" lang="{escape(language)}"><p>{escape(head)}</p><ol>{steps}</ol></section>'


def _step_html(step: Mapping[str, Any], language: str) -> str:
    words = WORDS[language]
    rows = "".join(_row_html(row, language) for row in step["rows"])
    if not rows:
        rows = f'<p class="none">{escape(words["no row"])}</p>'
    near = "".join(
        f'<li class="near">{escape(words["nearly"])} {escape(_row_name(row["row"], language))}: '
        + "; ".join(escape(condition_text(condition, language)) for condition in row["failed"])
        + "</li>"
        for row in step["near"]
    )
    near = f"<ul>{near}</ul>" if near else ""
    return f"<li><h4>{escape(step[language])} <code>{escape(step['table'])}</code></h4>{rows}{near}</li>"


def _row_html(row: Mapping[str, Any], language: str) -> str:
    words = WORDS[language]
    conditions = "".join(
        f"<li>{escape(condition_text(condition, language))}</li>" for condition in row["conditions"]
    )
    sets = "".join(_setting_html(setting, language) for setting in row["sets"])
    said = _told(row, "note", language)
    note = f'<p class="note">{escape(said)}</p>' if said else ""
    head = f"{escape(_row_name(row['row'], language))} <small>{escape(row['place'])}</small>"
    sets = sets or f"<dd>{escape(words['nothing'])}</dd>"
    return (
        f'<div class="row"><h5>{head}</h5><ul class="conditions">{conditions}</ul><dl>{sets}</dl>{note}</div>'
    )


def _told(data: Mapping[str, Any], name: str, language: str) -> str | None:
    """A text of a stored trace; traces of old hold English alone."""
    told = data.get(f"{name}_zh") if language == "zh" else None
    found: str | None = told or data[name]
    return found


def _setting_html(setting: Mapping[str, Any], language: str) -> str:
    words = WORDS[language]
    source = _told(setting, "source", language) or words["no source"]
    mark = escape(setting["mark"] or "none")
    return (
        f"<dt>{escape(setting_text(setting, language))}</dt>"
        f'<dd class="source {mark}">{escape(words["source"])}: {escape(source)}</dd>'
    )

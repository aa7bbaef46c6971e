"""A promise report as text and as CSV, in English and in Chinese."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

from ..files.spreadsheets import write_rows
from .report import PromiseReport, Row

COLUMNS = ("area", "class", "what", "kept", "missed", "lapsed", "open", "share", "late")
MISS_COLUMNS = ("order", "kind", "grade", "area", "class", "what", "due", "reached", "late")
LANGUAGES = ("en", "zh")
WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Promises that fell due", "承诺时限履行情况"),
    "area": ("area", "区域"),
    "class": ("class", "等级"),
    "what": ("promise", "承诺"),
    "kept": ("kept", "兑现"),
    "missed": ("missed", "超时"),
    "lapsed": ("lapsed", "无需"),
    "open": ("open", "未到期"),
    "share": ("kept of due", "兑现率"),
    "late": ("late, median min", "超时中位数（分）"),
    "order": ("order", "工单"),
    "kind": ("kind", "类型"),
    "grade": ("grade", "用户等级"),
    "due": ("due", "时限"),
    "reached": ("reached", "达成"),
    "late_min": ("late, min", "超时（分）"),
    "all": ("all", "合计"),
    "none": ("No promise fell due.", "本期无到期承诺。"),
    "what.accept": ("accept", "受理"),
    "what.dispatch": ("dispatch", "派单"),
    "what.arrive": ("on site", "到达现场"),
    "what.restore": ("restored", "恢复供电"),
    "what.answer": ("answer", "答复"),
    "area.urban": ("urban", "城市"),
    "area.rural": ("rural", "农村"),
    "area.remote": ("remote", "偏远"),
    "area.–": ("not known", "不详"),
}


def word(lang: str, key: str) -> str:
    """Return a word of the report; what is not known stays as it is."""
    found = WORDS.get(key)
    return found[LANGUAGES.index(lang)] if found else key.rpartition(".")[2]


def as_text(report: PromiseReport, zone: ZoneInfo, lang: str) -> str:
    """Return the counts as a table for a terminal."""
    head = f"{word(lang, 'title')} {_day(report.begins, zone)} – {_last_day(report, zone)}"
    if not report.records:
        return f"{head}\n{word(lang, 'none')}\n"
    table = [[word(lang, name) for name in COLUMNS], *(_cells(row, lang) for row in report.rows)]
    table += [[word(lang, "all"), "", *_cells(row, lang)[2:]] for row in report.totals]
    return "\n".join([head, *_aligned(table)]) + "\n"


def as_csv(report: PromiseReport, zone: ZoneInfo, lang: str) -> str:
    """Return the counts, an empty line, and every miss by itself, for a spreadsheet."""
    out = io.StringIO()
    # A byte order mark, without which Excel takes Chinese for something else.
    out.write("\ufeff")
    rows: list[list[str]] = [[word(lang, name) for name in COLUMNS]]
    rows += [_cells(row, lang) for row in report.rows]
    rows.append([])
    names = [*MISS_COLUMNS[:-1], "late_min"]
    rows.append([word(lang, name) for name in names])
    for miss in report.missed:
        late = "" if miss.late_min is None else f"{miss.late_min:.0f}"
        reached = "" if miss.reached is None else _moment(miss.reached, zone)
        facts = [miss.order, miss.kind, miss.grade, word(lang, f"area.{miss.area}"), miss.class_]
        times = [word(lang, f"what.{miss.what}"), _moment(miss.due, zone), reached, late]
        rows.append([*facts, *times])
    write_rows(out, rows, lineterminator="\r\n")
    return out.getvalue()


def _cells(row: Row, lang: str) -> list[str]:
    return [
        word(lang, f"area.{row.area}"),
        row.class_,
        word(lang, f"what.{row.what}"),
        *(str(row.counts[name]) for name in ("kept", "missed", "lapsed", "open")),
        "" if row.share is None else f"{100 * row.share:.1f} %",
        "" if row.late_min is None else f"{row.late_min:.0f}",
    ]


def _aligned(table: list[list[str]]) -> Iterable[str]:
    widths = [max(_width(row[at]) for row in table) for at in range(len(table[0]))]
    for row in table:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d}"


def _last_day(report: PromiseReport, zone: ZoneInfo) -> str:
    return _day(report.ends - timedelta(seconds=1), zone)


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"

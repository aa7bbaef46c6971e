# ruff: noqa: E501, D102, D103 (lists of words; each kind of damage is its name)
"""Kinds of damage that other people's tables come with.

Each takes a sound thing and a `random.Random`, and gives the damaged one; the same seed, the same damage.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook

from .damage import CELLS, Luck

TITLES = ("故障报修清单", "Report of 14 July", "单位：户", "打印时间 2026-07-14 08:00")
TOTALS = ("合计", "Total", "小计：", "TOTAL GENERAL", "总计")
HEADINGS = (
    "户号",
    "lon",
    "电话",
    "",
    "id",
    "OBJECTID",
    "unknown word",
    "经度",
    "序号",
    "transformer",
    "Fecha",
    "\ufeffid",
)


@dataclass(slots=True)
class Sheet:
    """A table being damaged.

    Parameters
    ----------
    roles : of each row: title, header, data, total, blank, again.
    counted : whether the roles still say what the rows are.
    """

    rows: list[list[str]]
    roles: list[str] = field(default_factory=list)
    counted: bool = True

    @classmethod
    def of(cls, text: str) -> Sheet:
        rows = list(csv.reader(io.StringIO(text)))
        return cls(rows=rows, roles=["header", *["data"] * (len(rows) - 1)])

    @property
    def header(self) -> int:
        return self.roles.index("header")

    def below(self) -> int | None:
        """Rows below the header that hold something; None where nobody can say."""
        if not self.counted or "header" not in self.roles:
            return None
        return sum(any(cell.strip() for cell in row) for row in self.rows[self.header + 1 :])


def some_row(sheet: Sheet, luck: Luck) -> int | None:
    found = [at for at, role in enumerate(sheet.roles) if role == "data"]
    return luck.choice(found) if found else None


def cell(sheet: Sheet, luck: Luck) -> None:
    at = some_row(sheet, luck)
    if at is not None and sheet.rows[at]:
        sheet.rows[at][luck.randrange(len(sheet.rows[at]))] = luck.choice(CELLS)


def heading(sheet: Sheet, luck: Luck) -> None:
    row = sheet.rows[sheet.header]
    if row:
        at = luck.randrange(len(row))
        row[at] = luck.choice(
            (*HEADINGS, row[at].upper(), row[at][:-1], f" {row[at]} ", row[at] + "（必填）")
        )


def column(sheet: Sheet, luck: Luck) -> None:
    at, text = luck.randrange(max(1, len(sheet.rows[sheet.header]))), luck.choice(CELLS)
    for row in sheet.rows[sheet.header + 1 :]:
        if at < len(row):
            row[at] = text


def drop(sheet: Sheet, luck: Luck) -> None:
    at = luck.randrange(max(1, len(sheet.rows[sheet.header])))
    for row in sheet.rows:
        del row[at : at + 1]


def swap_columns(sheet: Sheet, luck: Luck) -> None:
    width = len(sheet.rows[sheet.header])
    if width > 1:
        one, other = luck.sample(range(width), 2)
        # The headings stay: what stands below them is another thing.
        for row in sheet.rows[sheet.header + 1 :]:
            if max(one, other) < len(row):
                row[one], row[other] = row[other], row[one]


def shuffle_columns(sheet: Sheet, luck: Luck) -> None:
    order = list(range(len(sheet.rows[sheet.header])))
    luck.shuffle(order)
    for row in sheet.rows:
        if len(row) == len(order):
            row[:] = [row[at] for at in order]


def double(sheet: Sheet, luck: Luck) -> None:
    at = some_row(sheet, luck)
    if at is not None:
        sheet.rows.append(list(sheet.rows[at]))
        sheet.roles.append("data")


def double_id(sheet: Sheet, luck: Luck) -> None:
    one, other = some_row(sheet, luck), some_row(sheet, luck)
    if one is not None and other is not None and sheet.rows[one] and sheet.rows[other]:
        sheet.rows[one][0] = sheet.rows[other][0]


def short(sheet: Sheet, luck: Luck) -> None:
    at = some_row(sheet, luck)
    if at is not None:
        row = sheet.rows[at]
        del row[luck.randrange(len(row) + 1) :]


def long(sheet: Sheet, luck: Luck) -> None:
    at = some_row(sheet, luck)
    if at is not None:
        sheet.rows[at] += [luck.choice(CELLS)] * luck.randint(1, 3)


def title(sheet: Sheet, luck: Luck) -> None:
    sheet.rows.insert(0, [luck.choice(TITLES), *[""] * luck.randint(0, 5)])
    sheet.roles.insert(0, "title")


def total(sheet: Sheet, luck: Luck) -> None:
    width = len(sheet.rows[sheet.header])
    row = [luck.choice(TOTALS), *[luck.choice(("", "12", "3,456")) for _ in range(max(0, width - 1))]]
    sheet.rows.append(row[: luck.randint(1, max(1, width))])
    sheet.roles.append("total")


def again(sheet: Sheet, luck: Luck) -> None:
    at = some_row(sheet, luck)
    if at is not None:
        sheet.rows.insert(at, list(sheet.rows[sheet.header]))
        sheet.roles.insert(at, "again")


def blank(sheet: Sheet, luck: Luck) -> None:
    at = luck.randrange(len(sheet.rows) + 1)
    sheet.rows.insert(at, luck.choice(([], [""] * 5, [" "] * len(sheet.rows[0]))))
    sheet.roles.insert(at, "blank")


def empty(sheet: Sheet, _: Luck) -> None:
    at = sheet.header
    del sheet.rows[at + 1 :], sheet.roles[at + 1 :]


def swap_rows(sheet: Sheet, luck: Luck) -> None:
    one, other = luck.randrange(len(sheet.rows)), luck.randrange(len(sheet.rows))
    sheet.rows[one], sheet.rows[other] = sheet.rows[other], sheet.rows[one]
    sheet.counted = sheet.counted and sheet.header not in (one, other)
    sheet.roles[one], sheet.roles[other] = sheet.roles[other], sheet.roles[one]


def wide(sheet: Sheet, luck: Luck) -> None:
    """Digits as a Chinese keyboard types them, in one column."""
    to = str.maketrans("0123456789.:-", "０１２３４５６７８９．：－")
    at = luck.randrange(max(1, len(sheet.rows[sheet.header])))
    for row in sheet.rows[sheet.header + 1 :]:
        if at < len(row):
            row[at] = row[at].translate(to)


TABLE = (
    cell, cell, cell, cell, heading, column, drop, swap_columns, shuffle_columns, double, double_id, short, long,
    title, total, again, blank, empty, swap_rows, wide,
)  # fmt: skip


def damaged(sheet: Sheet, luck: Luck) -> list[str]:
    """Do one to three things to a table; their names."""
    done = []
    for _ in range(luck.randint(1, 3)):
        act = luck.choice(TABLE)
        act(sheet, luck)
        done.append(act.__name__)
    return done


def as_csv(sheet: Sheet, luck: Luck) -> bytes:
    """A table as text with some mark, some line end, some encoding."""
    mark = luck.choice((",", ",", ",", ";", "\t", "|"))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, lineterminator="\n")
    for row in sheet.rows:
        try:
            writer.writerow(row)
        except csv.Error:
            writer.writerow([cell.replace("\x00", "") for cell in row])
    text = out.getvalue()
    ends = luck.choice(("\n", "\n", "\r\n", "\r", "mixed"))
    if ends == "mixed":
        text = re.sub("\n", lambda _: luck.choice(("\n", "\r\n")), text)
    elif ends != "\n":
        text = text.replace("\n", ends)
    return text.encode(
        luck.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "gb18030", "cp1252")), "replace"
    )


def as_xlsx(sheet: Sheet, luck: Luck) -> bytes:
    """A table as a workbook: formulas, numbers as numbers, merged cells, sheets beside it."""
    book = Workbook()
    page = book.active
    if luck.random() < 0.2:
        page.title = luck.choice(("封面", "Sheet1", "说明"))
        page = book.create_sheet("清单")
    for at, row in enumerate(sheet.rows, 1):
        for column_, text in enumerate(row, 1):
            value: Any = _illegal(text)[:32_000]
            if luck.random() < 0.3 and re.fullmatch(r"-?\d{1,12}(\.\d+)?", text):
                value = float(text)
            page.cell(at, column_, value)
    if luck.random() < 0.2 and len(sheet.rows) > 3:
        page.merge_cells(start_row=2, end_row=3, start_column=1, end_column=luck.randint(1, 2))
        # What is merged away is gone from the file.
        sheet.counted = False
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _illegal(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


def as_geojson(sheet: Sheet, luck: Luck) -> bytes:
    """A table as points: longitude and latitude become the geometry."""
    names = sheet.rows[sheet.header]
    features = []
    for row in sheet.rows[sheet.header + 1 :]:
        known = dict(zip(names, row, strict=False))
        try:
            place: Any = [float(known.pop("lon", "")), float(known.pop("lat", ""))]
        except ValueError:
            place = luck.choice(
                (None, [], [0], ["a", "b"], [float("nan"), 0.0], [1e20, -1e20], [[0, 0], [1, 1]])
            )
        shape = {"type": "Point", "coordinates": place} if place is not None else None
        features.append({"type": "Feature", "properties": known, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()

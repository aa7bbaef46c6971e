# ruff: noqa: E501, D102, D103 (lists of words; each kind of damage is its name)
"""Kinds of damage that other people's files come with: of tables, texts, trees, workbooks and bytes.

Each takes a sound thing and a `random.Random`, and gives the damaged one; the same seed, the same damage.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook

CELLS = (
    "", " ", "NaN", "nan", "inf", "-inf", "None", "NULL", "0", "-1", "1e400", "1e20", "12.0", "００１２", "１２．５", "1,5",
    "1.234,5", "46217.34", "46217", "31/02/2026", "03/04/2026 10:00", "2026年7月14日 8:00", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59+14:00", "1899-12-30", "2026-07-14T25:00", "24:00", "合计", "=1+1", "=HYPERLINK(\"x\")", "#REF!",
    "'", '"', "\ufeff", "﷽", "a" * 5000, "字" * 40_000, "t1", "T1 ", "4.2E+17", "\ufffd", "是", "maybe", "121°18'E", "10kV",
    "/", "；", "nothing", "\t", "null;null", "；;；", "99999999999999999999", "1" * 400, "\x00", "\x1b[31m", "\u202e",
    "医院", "Hospital", "hospitall", "🔥", "a\nb", "a\r\nb", "<script>", "../../etc/passwd", "true", "[]", "{}", "+56 9 1",
)  # fmt: skip
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
NASTY = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\r", b'"', b"'", b",", b";", b"\t", b"\n\n", b"nan", b"inf",
    b"1e999", b"-1", b"9" * 400, b"0x10", b"=1+1", b"true", b"null", b"[]", b"{}", b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;", b"]]>", b"&a !!python/object:os.system", b"*a", b"<<: *a", b"A" * 40_000, b"[" * 5000, b"{\"a\":" * 3000,
    b"<a>" * 5000, "没电了".encode(), "１２".encode(), b"../../etc/passwd", b"9999-12-31T23:59:59+14:00",
)  # fmt: skip
VALUES = (
    None, True, False, 0, -1, 1, 1e20, -1e20, 10**20, float("nan"), float("inf"), 1e-300, "", "x", "NaN", "１２", "字" * 2000,
    [], {}, [[]], [None], {"a": None}, "2026-07-14", "9999-12-31T23:59:59+14:00", 2**63, -(2**63), 0.1, "../..", "\x00", "1e400",
)  # fmt: skip


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


Luck = random.Random


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


def text_bytes(data: bytes, luck: Luck) -> bytes:
    """Bytes changed, cut out, doubled, put in between; or the rest cut off."""
    for _ in range(luck.randint(1, 3)):
        at = luck.randrange(len(data) + 1)
        match luck.randrange(7):
            case 0:
                data = data[:at]
            case 1:
                data = data[:at] + luck.choice(NASTY) + data[at:]
            case 2:
                data = data[:at] + luck.randbytes(luck.randint(1, 4)) + data[at + 2 :]
            case 3:
                data = data[:at] + data[at + luck.randint(1, 200) :]
            case 4:
                data = data + data[at : at + 500]
            case 5:
                numbers = list(re.finditer(rb"-?\d+(\.\d+)?", data[:200_000]))
                if numbers:
                    found = luck.choice(numbers)
                    data = data[: found.start()] + luck.choice(NASTY[11:17]) + data[found.end() :]
            case 6:
                lines = data.split(b"\n")
                del lines[luck.randrange(len(lines))]
                data = b"\n".join(lines)
    return data


def words(data: bytes, luck: Luck) -> bytes:
    """Whole words of a text taken out, doubled or turned into others of it."""
    parts = re.split(rb"([A-Za-z_][\w.]*)", data)
    for _ in range(luck.randint(1, 3)):
        at = 2 * luck.randrange(max(1, len(parts) // 2)) + 1
        if at < len(parts):
            other = 2 * luck.randrange(max(1, len(parts) // 2)) + 1
            parts[at] = luck.choice((b"", b"unknownword", parts[at] * 2, parts[min(other, len(parts) - 2)]))
    return b"".join(parts)


def tree(data: bytes, luck: Luck) -> bytes:
    """Values of a JSON document changed into others, left out, moved or nested."""
    known = json.loads(data)
    for _ in range(luck.randint(1, 3)):
        known = _in_tree(known, luck)
    return json.dumps(known, ensure_ascii=False).encode()


def _in_tree(known: Any, luck: Luck) -> Any:
    places = list(_places(known))
    if not places:
        return luck.choice(VALUES)
    home, key = luck.choice(places)
    match luck.randrange(5):
        case 0:
            del home[key]
        case 1 | 2:
            home[key] = luck.choice(VALUES)
        case 3:
            one, other = luck.choice(places)
            home[key] = json.loads(json.dumps(one[other])) if other in one or isinstance(one, list) else None
        case 4:
            deep: Any = home[key]
            for _ in range(luck.choice((1, 3, 200))):
                deep = luck.choice(([deep], {"a": deep}))
            home[key] = deep
    return known


def _places(known: Any, most: int = 20_000) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    ahead = [known]
    while ahead and len(found) < most:
        each = ahead.pop()
        keys = list(each) if isinstance(each, dict) else range(len(each)) if isinstance(each, list) else ()
        for key in keys:
            found.append((each, key))
            if isinstance(each[key], dict | list):
                ahead.append(each[key])
    return found


def layers(data: bytes, luck: Luck) -> bytes:
    """Cells, columns or rows of a GeoPackage changed, by SQL; or its bytes."""
    if luck.random() < 0.2:
        return text_bytes(data, luck)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.gpkg"
        path.write_bytes(data)
        base = sqlite3.connect(path)
        try:
            for _ in range(luck.randint(1, 3)):
                _in_layers(base, luck)
            base.commit()
        except sqlite3.Error:
            base.rollback()
        finally:
            base.close()
        return path.read_bytes()


def _in_layers(base: sqlite3.Connection, luck: Luck) -> None:
    for (trigger,) in base.execute("select name from sqlite_master where type='trigger'").fetchall():
        base.execute(f'drop trigger "{trigger}"')
    tables = [name for (name,) in base.execute("select name from sqlite_master where type='table'")]
    table = luck.choice([name for name in tables if not name.startswith("sqlite_")])
    columns = [row[1] for row in base.execute(f'pragma table_info("{table}")')]
    name, value = luck.choice(columns), luck.choice((*CELLS, 0, -1, 1e300, None, b"\x00\x01", b"GP\x00\x01"))
    match luck.randrange(5):
        case 0 | 1:
            some = f'rowid in (select rowid from "{table}" order by rowid limit {luck.choice((1, 3, 10**6))})'
            base.execute(f'update or ignore "{table}" set "{name}" = ? where {some}', (value,))
        case 2:
            base.execute(f'delete from "{table}" where rowid % 3 = {luck.randrange(3)}')
        case 3:
            base.execute(
                f'alter table "{table}" rename column "{name}" to "{luck.choice(("x", "经度", "select"))}"'
            )
        case 4:
            base.execute(f'drop table "{table}"')


def archive(data: bytes, luck: Luck) -> bytes:
    """A zip or workbook: its bytes, or the text of one of its parts, or a bomb beside them."""
    if luck.random() < 0.3:
        return text_bytes(data, luck)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        hit = luck.choice(names)
        for name in names:
            part = old.read(name)
            if name == hit and luck.random() < 0.1:
                continue
            new.writestr(name, (luck.choice((text_bytes, words))(part, luck)) if name == hit else part)
        if luck.random() < 0.03:
            new.writestr(luck.choice(names) + "x", b"\x00" * 2_000_000)
    return out.getvalue()


def packed(data: bytes, luck: Luck) -> bytes:
    """A gzip, damaged; or many zeros in few bytes."""
    if luck.random() < 0.1:
        return gzip.compress(b"id,lon\n" + b"0" * 20_000_000)
    return text_bytes(gzip.compress(data), luck)


Damage = Callable[[bytes, Luck], bytes]

# ruff: noqa: E501 (lists of words; each kind of damage is its name)
"""Kinds of damage that other people's files come with: of texts, trees, workbooks and bytes.

Each takes a sound thing and a `random.Random`, and gives the damaged one; the same seed, the same damage.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

CELLS = (
    "", " ", "NaN", "nan", "inf", "-inf", "None", "NULL", "0", "-1", "1e400", "1e20", "12.0", "００１２", "１２．５", "1,5",
    "1.234,5", "46217.34", "46217", "31/02/2026", "03/04/2026 10:00", "2026年7月14日 8:00", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59+14:00", "1899-12-30", "2026-07-14T25:00", "24:00", "合计", "=1+1", "=HYPERLINK(\"x\")", "#REF!",
    "'", '"', "\ufeff", "﷽", "a" * 5000, "字" * 40_000, "t1", "T1 ", "4.2E+17", "\ufffd", "是", "maybe", "121°18'E", "10kV",
    "/", "；", "nothing", "\t", "null;null", "；;；", "99999999999999999999", "1" * 400, "\x00", "\x1b[31m", "\u202e",
    "医院", "Hospital", "hospitall", "🔥", "a\nb", "a\r\nb", "<script>", "../../etc/passwd", "true", "[]", "{}", "+56 9 1",
)  # fmt: skip
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
Luck = random.Random


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

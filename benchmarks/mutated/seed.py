"""A sound input, and how a file of its kind is damaged."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import damage as m
from . import sheets

ROOT = Path(__file__).resolve().parents[2]
Files = dict[str, bytes]
Damaging = Callable[[bytes, random.Random], tuple[bytes, int | None, list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """Sound files, which of them is damaged and how, and what reads them.

    Parameters
    ----------
    command : of `gridcrew`, {folder} and {out} filled in; of a case, its check.
    counted : the file is a table whose rows are counted: `case` or `import`.
    """

    group: str
    name: str
    files: Files
    hit: str
    command: tuple[str, ...]
    damage: Damaging
    counted: str = ""


def table_as(write: Callable[[sheets.Sheet, random.Random], bytes], gz: bool = False) -> Damaging:
    """Damage a table row by row, write it in a format, and now and then its bytes too."""

    def damage(sound: bytes, luck: random.Random) -> tuple[bytes, int | None, list[str]]:
        sheet = sheets.Sheet.of(decoded(sound))
        done = sheets.damaged(sheet, luck)
        data = write(sheet, luck)
        rows = sheet.below()
        if luck.random() < 0.15:
            data, rows = (m.archive if data[:2] == b"PK" else m.text_bytes)(data, luck), None
            done.append("bytes")
        if gz:
            data = m.packed(data, luck)
        return data, rows if not gz else None, done

    return damage


def decoded(data: bytes) -> str:
    """The text of a sound file; some of the shared ones are in GB18030."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def by(*ways: m.Damage) -> Damaging:
    """Damage a file in one of several ways."""

    def damage(sound: bytes, luck: random.Random) -> tuple[bytes, int | None, list[str]]:
        way = luck.choice(ways)
        return way(sound, luck), None, [way.__name__]

    return damage


def folder_files(folder: Path) -> Files:
    """Every file of a folder, by its path within."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def shared(*parts: str) -> list[Path]:
    """Files of the shared cases; none where there are none."""
    root = os.environ.get("GRIDCREW_SHARED", "")
    folder = Path(root, "cases", *parts)
    return sorted(path for path in folder.iterdir() if path.is_file()) if root and folder.is_dir() else []

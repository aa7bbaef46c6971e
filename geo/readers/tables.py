"""The grid's own tables as CSV files: buses, lines, switches, transformers, plain or gzip."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import pandas as pd

from ..errors import GeoError, GeoFault
from ..schema import TABLES

# rows are counted as an editor shows them: the header is row 1
FIRST_ROW = 2
BIGGEST_BYTES = 1 << 30
MOST_COLUMNS = 1000
CHINESE_BEYOND_DOUBT = 2


def read_folder(folder: Path) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Read the four tables of a folder as text: tables, and the file of each.

    Raises
    ------
    GeoError
        If a file is missing, in two forms, or cannot be read as a table.
    """
    faults: list[GeoFault] = []
    tables: dict[str, pd.DataFrame] = {}
    files: dict[str, str] = {}
    for table in TABLES:
        try:
            path = _file_of(folder, table)
            files[table] = path.name
            tables[table] = read_csv(path)
        except GeoError as error:
            faults.extend(error.faults)
    if faults:
        raise GeoError(faults)
    return tables, files


def _file_of(folder: Path, table: str) -> Path:
    found = [path for end in (".csv", ".csv.gz") if (path := folder / f"{table}{end}").exists()]
    if len(found) == 1 and found[0].is_file():
        return found[0]
    text = "is not a file" if found else f"not found in {folder}"
    if len(found) == 2:
        text = f"both {found[0].name} and {found[1].name} are there; keep one"
    raise GeoError(GeoFault(file=f"{table}.csv", place="", text=text, code="file"))


def read_csv(path: Path) -> pd.DataFrame:
    """Read a CSV file (UTF-8, UTF-16 or GB18030, plain or gzip) as text, rows numbered from 2.

    Raises
    ------
    GeoError
        If the file cannot be opened, is cut short, or has rows of another width than its header.
    """
    data = read_bytes(path)
    try:
        text = decoded(data)
        if (columns := text.partition("\n")[0].count(",") + 1) > MOST_COLUMNS:
            raise ValueError(f"its header has {columns:,} columns")
        frame = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, skipinitialspace=True)
    except (ValueError, UnicodeDecodeError) as error:
        text = f"is not a table: {str(error).strip()}"
        raise GeoError(GeoFault(file=path.name, place="", text=text, code="file")) from error
    if not isinstance(frame.index, pd.RangeIndex):
        text = "rows have more cells than the header"
        raise GeoError(GeoFault(file=path.name, place="row 2", text=text, code="file"))
    frame.columns = frame.columns.str.strip()
    frame.index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(frame))
    return frame


def read_bytes(path: Path, most: int | None = None) -> bytes:
    """Read a file, unpacked where it is gzip, but no more than `most` bytes (1 GiB).

    Raises
    ------
    GeoError
        If the file cannot be opened, is cut short or is larger.
    """
    limit = BIGGEST_BYTES if most is None else most
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            # never more than allowed is unpacked, whatever the packed size says
            data = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise GeoError(
            GeoFault(file=path.name, place="", text=f"cannot be read: {error}", code="file")
        ) from error
    if len(data) > limit:
        text = f"holds more than {limit:,} bytes; it is not read"
        raise GeoError(GeoFault(file=path.name, place="", text=text, code="file"))
    return data


def decoded(data: bytes) -> str:
    """Decode text by its byte order mark, else as UTF-8, else as GB18030."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse_mixture(data)
        return data.decode("gb18030")


def _refuse_mixture(data: bytes) -> None:
    """Refuse text of which some lines are UTF-8: read as GB18030 they would be other words.

    Raises
    ------
    ValueError
        Naming the first such line.
    """
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.isascii() and _is_chinese_utf8(line):
            raise ValueError(f"line {number} is UTF-8 and others are not; save the file in one encoding")


def _is_chinese_utf8(line: bytes) -> bool:
    """Whether a line is UTF-8 beyond doubt: two Chinese characters seldom are by chance."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return sum("\u3400" <= each <= "\u9fff" for each in text) >= CHINESE_BEYOND_DOUBT

"""From a file to its text: sizes, kinds of files, compression, encodings."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 512 * 2**20
"""Size above which a file is refused, packed or unpacked."""
WESTERN = frozenset("áéíóúñüçãõâêôàÁÉÍÓÚÑÜÇÃÕÂÊÔÀªº°¿¡")
MOST_BROKEN = 20
"""A text is in an encoding when so many of its characters are right to one that is not."""
LAST_COMMON_ROW = 0xA0 + 55


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large a table may be; looked at before it is taken apart.

    Parameters
    ----------
    bytes_ : of the file; a workbook may unpack to four times as much.
    rows : below the header. columns : of the header. cells : that a workbook writes down, empty ones too.
    """

    bytes_: int = MAX_BYTES
    rows: int = 10_000_000
    columns: int = 2_000
    cells: int = 50_000_000


class Unreadable(Exception):
    """A file that cannot be read at all; says why in words for people."""


def check_file(path: Path, max_bytes: int = MAX_BYTES) -> None:
    """Refuse what is not an ordinary file of a sensible size.

    Raises
    ------
    Unreadable
        With the reason; nothing has been read by then.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise Unreadable(_reason(error)) from error
    if path.is_dir():
        raise Unreadable("is a directory; a file was expected")
    if not path.is_file():
        raise Unreadable("is not an ordinary file")
    if status.st_size > max_bytes:
        raise Unreadable(f"has {_size(status.st_size)}; the limit is {_size(max_bytes)}")
    if status.st_size == 0:
        raise Unreadable("is empty")


def read_text(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """Read a text file, unpacking `.gz`; UTF-8, UTF-16 and GB18030 are told apart.

    Raises
    ------
    Unreadable
        When it is no file, too large, cut short or in no known encoding.
    """
    return decode(read_bytes(path, max_bytes))


def read_bytes(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """Read a file, unpacking `.gz`.

    Raises
    ------
    Unreadable
        When it is no file, too large or cut short.
    """
    check_file(path, max_bytes)
    try:
        if path.suffix != ".gz":
            return path.read_bytes()
        with gzip.open(path) as packed:
            data = packed.read(max_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable("is cut short or not a gzip file") from error
    except OSError as error:
        raise Unreadable(_reason(error)) from error
    if len(data) > max_bytes:
        raise Unreadable(f"unpacks to more than {_size(max_bytes)}, the limit")
    return data


def decode(data: bytes) -> str:
    """Turn bytes into text: UTF-8 or UTF-16 (with or without a mark), else GB18030 or Windows-1252.

    Raises
    ------
    Unreadable
        When it is none of them.
    """
    if data.startswith(b"PK\x03\x04"):
        raise Unreadable("is a workbook or a zip archive under a wrong name; end an Excel file in .xlsx")
    if b"\x00" in data[:4000] or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _decode_utf16(data)
    # What old editors put at the end.
    data = data.rstrip(b"\x1a")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        in_utf8 = error
    text = _nearly(data, "utf-8-sig")
    if text:
        return text
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    text = text or _nearly(data, "gb18030")
    if text and _looks_chinese(text):
        return text
    western = data.decode("cp1252", errors="replace")
    if _looks_western(western):
        return western
    line = data.count(b"\n", 0, in_utf8.start) + 1
    raise Unreadable(f"is neither UTF-8, UTF-16 nor GB18030 text (line {line}); save it as UTF-8")


def _nearly(data: bytes, encoding: str) -> str:
    """A text of which a few characters are broken, each marked; empty where they are many."""
    text = data.decode(encoding, errors="replace")
    broken = text.count("\ufffd")
    foreign = sum(character > "\x7f" for character in text)
    return text if broken * MOST_BROKEN <= foreign - broken else ""


def _decode_utf16(data: bytes) -> str:
    encoding = "utf-16"
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("is neither UTF-8, UTF-16 nor GB18030 text; save it as UTF-8") from error
    if "\x00" in text:
        raise Unreadable("is not a text file")
    return text


def _looks_chinese(text: str) -> bool:
    """Western one-byte text decodes as rare Chinese characters; common ones show that it is Chinese."""
    foreign = [character for character in text[:200_000] if character > "\x7f"]
    common = sum(1 for character in foreign if _is_common(character))
    return common * 2 >= len(foreign)


def _looks_western(text: str) -> bool:
    """Whether what is not ASCII are the letters of Spanish and Portuguese, as good as all."""
    foreign = [character for character in text[:200_000] if character > "\x7f"]
    return sum(character in WESTERN for character in foreign) * 10 >= len(foreign) * 9


def _is_common(character: str) -> bool:
    """Tell the punctuation and the 3,755 most used characters, rows 1 to 55 of GB/T 2312."""
    try:
        return character.encode("gb2312")[0] <= LAST_COMMON_ROW
    except UnicodeEncodeError:
        return False


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return f"cannot be read: {(error.strerror or 'input error').lower()}"


def _size(count: int) -> str:
    for unit, scale in (("GB", 2**30), ("MB", 2**20), ("kB", 2**10)):
        if count >= scale:
            return f"{count / scale:.4g} {unit}"
    return f"{count} bytes"

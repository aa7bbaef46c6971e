"""Write tables so that the same rows are the same bytes, whenever and wherever."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a CSV table (gzipped when the name says so) and return the count of its rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow(["" if cell is None else cell for cell in row])
        count += 1
    write_bytes(path, text.getvalue().encode("utf-8"))
    return count


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, gzipped without a time stamp or a name when its own name ends so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0, compresslevel=9) as file:
            file.write(content)
        content = packed.getvalue()
    path.write_bytes(content)


def write_sums(folder: Path) -> None:
    """Write `SHA256SUMS`: the hash of every other file in a folder, as `sha256sum -c` reads it.

    Of gzipped files the unpacked content counts for nothing here: the packed bytes do.
    """
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("SHA256SUMS", "README.md") and "scenarios" not in path.parts
    ]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")


def shared_out(total: int, weights: Sequence[float]) -> list[int]:
    """Share a whole number out by weights, so that the parts add up (largest remainders)."""
    whole = sum(weights)
    if whole <= 0:
        return [0] * len(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts

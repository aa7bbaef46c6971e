"""Copy a database while it is in use, and bring it back: into SQLite or PostgreSQL, whichever it came from.

A backup is lines of JSON, compressed: one line that says what it is, then one line for each table that names
its columns, followed by one line per row. Times are RFC 3339, pictures are base64.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, LargeBinary, Table, func, insert, select, text

from . import migrate
from .columns import Moment, metadata
from .connection import StoreError, connect
from .store import Store
from .tables import PASSING, events, outbox, security

FORMAT = 1
BATCH = 1000


def back_up(store: Store, target: Path, now: datetime) -> int:
    """Write everything of one moment to a file; returns the number of rows.

    Nobody waits for it: SQLite and PostgreSQL both let others write meanwhile.

    Raises
    ------
    StoreError
        The target exists: a backup never overwrites.
    """
    if target.exists():
        raise StoreError(f"{target}: exists; a backup never overwrites")
    part = target.with_name(f"{target.name}.part")
    with gzip.open(part, "wt", encoding="utf-8", compresslevel=6) as out, store.reading() as connection:
        head = {"gridcrew": FORMAT, "revision": migrate.revision_of(connection), "made_at": now.isoformat()}
        out.write(json.dumps(head) + "\n")
        kept = [table for table in metadata.sorted_tables if table.name not in PASSING]
        count = sum(_write_table(connection, table, out) for table in kept)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.rename(target)
    return count


def restore(url: str, source: Path) -> int:
    """Fill an empty database from a backup and bring its tables up to date; returns the number of rows.

    Raises
    ------
    StoreError
        The file is no backup, is cut short, or the database holds something already.
    """
    engine = connect(url)
    try:
        with gzip.open(source, "rt", encoding="utf-8") as lines:
            head = json.loads(lines.readline())
            if head.get("gridcrew") != FORMAT:
                raise StoreError(f"{source}: is a backup of form {head.get('gridcrew')}; expected {FORMAT}")
            migrate.upgrade(engine, head["revision"])
            with engine.execution_options(writing=True).begin() as connection:
                _refuse_unless_empty(connection, url)
                count = sum(_insert(connection, *part) for part in _parts(lines))
                _count_on(connection)
    except (OSError, EOFError, ValueError, AttributeError) as error:
        raise StoreError(f"{source}: is not a backup, or is cut short ({error})") from error
    migrate.upgrade(engine)
    engine.dispose()
    return count


def _write_table(connection: Connection, table: Table, out: TextIO) -> int:
    out.write(json.dumps({"table": table.name, "columns": list(table.columns.keys())}) + "\n")
    count = 0
    rows = connection.execution_options(stream_results=True, yield_per=BATCH).execute(select(table))
    for row in rows:
        out.write(json.dumps([_plain(value) for value in row], ensure_ascii=False) + "\n")
        count += 1
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _parts(lines: TextIO) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    table: Table | None = None
    columns: list[str] = []
    rows: list[dict[str, Any]] = []
    for line in lines:
        found = json.loads(line)
        if isinstance(found, dict) or len(rows) == BATCH:
            if table is not None and rows:
                yield table, rows
            rows = []
        if isinstance(found, dict):
            table, columns = metadata.tables[found["table"]], found["columns"]
        else:
            rows.append(dict(zip(columns, found, strict=True)))
    if table is not None and rows:
        yield table, rows


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    kinds = {column.name: column.type for column in table.columns}
    for row in rows:
        for name, value in row.items():
            if isinstance(value, str) and isinstance(kinds[name], Moment):
                row[name] = datetime.fromisoformat(value)
            elif isinstance(value, str) and isinstance(kinds[name], LargeBinary):
                row[name] = base64.b64decode(value)
    connection.execute(insert(table), rows)
    return len(rows)


def _refuse_unless_empty(connection: Connection, url: str) -> None:
    for table in metadata.sorted_tables:
        if connection.scalar(select(func.count()).select_from(table)):
            where = url.rsplit("@", maxsplit=1)[-1]
            raise StoreError(f"{where}: holds {table.name} already; restore into an empty database")


def _count_on(connection: Connection) -> None:
    """PostgreSQL counts by itself and must be told where to go on."""
    if connection.dialect.name != "postgresql":
        return
    for table, column in ((events, "seq"), (outbox, "id"), (security, "id")):
        last = connection.scalar(select(func.max(table.c[column])))
        if last:
            sequence = f"pg_get_serial_sequence('{table.name}', '{column}')"
            connection.execute(text(f"SELECT setval({sequence}, {int(last)})"))

"""Requests out of a file while the day runs: a page for people, an address for programs."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal

from flask import Blueprint, Response, abort, g, jsonify, render_template, request
from pydantic import Field

from dispatch.ground.errors import Fault, InputFaults
from dispatch.intake.bounded import TooMuch, bounded
from dispatch.intake.uploads import ENDINGS, MOST_BYTES, MOST_ROWS, Upload, read_upload
from dispatch.live import Who
from dispatch.live.taking import Taken, entry_of, take
from dispatch.store.claims import mark

from ..entrance.access import allow
from ..entrance.asker import desk
from ..entrance.bodies import Query, query_as
from ..faults import too_much

MOST_SHOWN = 200
LONGEST_KEY = 200
KINDS = {
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}

intake_upload = Blueprint("intake_upload", __name__)


class FileWanted(Query):
    """What to do with a file in which some rows are wrong, and whose row ids these are."""

    take: Literal["all", "good"] = "all"
    origin: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[\w .-]+$")] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is said of an uploaded file."""

    upload: Upload
    taken: Sequence[Taken]
    rows: Sequence[int]

    @property
    def new(self) -> int:
        """How many requests were written down now."""
        return sum(not each.known for each in self.taken)


@intake_upload.get("/requests/upload")
@allow("dispatcher", "supervisor")
def page() -> str:
    """The form for a file of requests."""
    return _page()


@intake_upload.post("/requests/upload")
@allow("dispatcher", "supervisor")
def send() -> str | tuple[str, int]:
    """Take a file out of the form; nothing when a row is wrong, unless the good rows are asked for."""
    sent = request.files.get("file")
    name = PurePath(sent.filename or "").name if sent else ""
    if sent is None or not name:
        return _page(wrong="nothing"), 400
    origin = request.form.get("origin", "").strip()[:60] or "file"
    content = sent.stream.read(MOST_BYTES + 1)
    outcome = _taken(content, name, request.form.get("take") == "good", origin, "file")
    return _page(outcome=outcome, name=name), 200 if outcome.taken or not outcome.upload.faults else 422


@intake_upload.post("/api/v1/requests/upload")
@allow("dispatcher", "supervisor", "intake")
def send_file() -> Response:
    """Take requests out of a CSV or Excel file that is the body.

    Columns as in the case folder's `requests`; its `id` is the row's key: sent
    again it is the same request. With `take=good` rows without a fault are
    written down though others have one; else any fault keeps all out.
    """
    wanted = query_as(FileWanted)
    ending = KINDS.get(request.mimetype)
    if ending is None:
        abort(415)
    content = request.get_data(cache=False)
    origin = wanted.origin or g.identity.name
    if wanted.origin and g.identity.roles == {"intake"}:
        # A system names its own sources, and no other system's: it would take that one's rows for known.
        origin = f"{g.identity.name}: {wanted.origin}"
    outcome = _taken(content, f"body{ending}", wanted.take == "good", origin, "api")
    if outcome.upload.faults and not outcome.taken:
        raise InputFaults(outcome.upload.faults)
    logged = [
        {"row": row, "key": each.key, "id": each.id, "known": each.known}
        for each, row in zip(outcome.taken, outcome.rows, strict=True)
    ]
    return jsonify(logged=logged, new=outcome.new, faults=[str(fault) for fault in outcome.upload.faults])


def _taken(content: bytes, name: str, good_rows: bool, origin: str, source: str) -> Outcome:
    upload = _read(content, name)
    if not upload.whole or (upload.faults and not good_rows):
        return Outcome(upload, (), ())
    entries = [(_key(origin, each.id), entry_of(each)) for _, each in upload.good]
    taken = take(desk(), entries, Who(name=g.identity.name, source=source))
    rows = [row for row, _ in upload.good]
    other = [
        Fault(file=name, place=f"row {row}", text=f"was sent before with other words, as {each.id}; left out")
        for row, each in zip(rows, taken, strict=True)
        if each.differs
    ]
    return Outcome(replace(upload, faults=(*upload.faults, *other)), taken, rows)


def _key(origin: str, id_: str) -> str:
    """The mark of a row; one too long for the journal by its digest, so that no two run together."""
    plain = f"file/{origin}/{id_}"
    return plain if len(plain) <= LONGEST_KEY else f"file/#{mark(origin, id_)}"


def _read(content: bytes, name: str) -> Upload:
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        fault = Fault(file=name, place="", text=f"ends in '{ending}'; expected {' or '.join(ENDINGS)}")
        return Upload(good=(), faults=(fault,), bad_rows=frozenset(), whole=False)
    case = desk().case
    with tempfile.TemporaryDirectory(prefix="gridcrew-") as folder:
        # A name of our own: what the sender calls the file never meets the file system.
        path = Path(folder) / f"requests{ending}"
        path.write_bytes(content)
        try:
            return bounded(read_upload, path, case.settings.zone, case.customers.table.index)
        except TooMuch as error:
            fault = Fault(file=name, place="", text=too_much(error))
            return Upload(good=(), faults=(fault,), bad_rows=frozenset(), whole=False)


def _page(**values: Any) -> str:
    limits = {"rows": MOST_ROWS, "mib": MOST_BYTES // 2**20}
    return render_template(
        "intake_upload.html", page="upload", limits=limits, most_shown=MOST_SHOWN, **values
    )

"""Bring your data: files in, what each is, corrected by hand, tried, compared, put in force."""

from __future__ import annotations

import io
import json
import os
import secrets
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as Answer

from dispatch.ground.case import Case
from dispatch.ground.errors import Fault, InputFaults
from dispatch.intake.bounded import TooMuch, bounded
from dispatch.intake.mapping.drafts import (
    BOUNDS,
    IN_FORCE,
    REFUSED,
    Looked,
    Tried,
    attempt,
    look,
    with_case_in_force,
)
from dispatch.intake.mapping.mapping import Mapping as CaseMapping
from dispatch.intake.mapping.mapping import write_mapping
from dispatch.intake.mapping.proposing import KINDS
from dispatch.intake.nightly import switches_of, with_transformers
from dispatch.live.standing.upload import read_sent

from ..entrance.access import allow
from ..entrance.asker import desk
from ..faults import too_much
from ..server.transfer import named
from ..words.language import translate
from .corrections import corrected
from .data import title_of
from .page import SENDERS
from .picture import picture_of

MOST_FILES = 20
MOST_DRAFTS = 12
KEPT_S = 24 * 3600
COMPARED = ("depots", "crews", "roster", "switches", "customers")

bringing = Blueprint("bringing", __name__, url_prefix="/standing/bring")


@bringing.get("")
@allow(*SENDERS)
def page() -> str:
    """The form for the files."""
    return _page()


@bringing.post("")
@allow(*SENDERS)
def send() -> Answer | tuple[str, int]:
    """Keep the files as a draft of the sender's own, and look at them."""
    sent = [each for each in request.files.getlist("files") if each.filename][: MOST_FILES + 1]
    if not sent or len(sent) > MOST_FILES:
        return _page(refused=translate("bring.files_wanted", most=MOST_FILES)), 400
    token = secrets.token_urlsafe(18)
    folder = _new(token)
    for at, each in enumerate(sent):
        each.save(folder / "files" / _safe_name(each.filename or "", at))
    if (case := current_app.config.get("CASE_FOLDER")) is not None:
        with_case_in_force(folder / "files", Path(case))
    _write(folder, owner=g.identity.name, kinds={})
    return redirect(url_for("bringing.draft", token=token))


@bringing.get("/<token>")
@allow(*SENDERS)
def draft(token: str) -> str | tuple[str, int]:
    """What each file is taken for, to be corrected."""
    folder = _folder(token)
    return _look(token, folder, _read(folder)["kinds"])


@bringing.post("/<token>")
@allow(*SENDERS)
def correct(token: str) -> str | tuple[str, int]:
    """Look again with what a person says, or try the import."""
    folder = _folder(token)
    kinds = {name: request.form.get(f"kind.{at}", "-") for at, name in enumerate(_files(folder))}
    kinds = {name: kind for name, kind in kinds.items() if kind in KINDS or kind == ""}
    changed = kinds != _read(folder)["kinds"] and any(
        request.form.get(f"was.{at}", "") != request.form.get(f"kind.{at}", "")
        for at, _ in enumerate(_files(folder))
    )
    _write(folder, owner=g.identity.name, kinds=kinds)
    return _look(token, folder, kinds, tries=not changed and request.form.get("what") == "try")


@bringing.get("/<token>/file/<path:name>")
@allow(*SENDERS)
def file(token: str, name: str) -> Response:
    """The mapping, the rows of a file that were set aside, or the whole case."""
    folder = _folder(token)
    case = folder / "case"
    if name == "mapping.yaml" and (folder / "files" / name).exists():
        content = (folder / "files" / name).read_bytes()
    elif name == "case.zip" and case.is_dir():
        content = _zipped(case)
    elif name.endswith("-set-aside.csv") and name in {each.name for each in case.glob("*-set-aside.csv")}:
        content = (case / name).read_bytes()
    else:
        abort(404)
    answer = Response(content, mimetype="application/octet-stream")
    return named(answer, name)


@bringing.post("/<token>/compare")
@allow(*SENDERS)
def compare(token: str) -> Answer | str | tuple[str, int]:
    """Hold what was brought against the case in force; what differs becomes a version that waits."""
    folder, found = _folder(token), desk()
    whole = request.form.get("rest") == "gone"
    brought = _read(folder).get("brought", [])
    numbers: list[int] = []
    faults: list[Fault] = []
    for kind in [each for each in COMPARED if each in brought]:
        rows, left = _rows(folder / "case", kind, found.case)
        if not rows:
            continue
        read = read_sent(found.standing, found.case, kind, rows, f"{kind}.csv", whole=whole)
        faults += read.faults
        if read.change:
            told = [request.form.get("note", "").strip()[:1800]]
            told += [translate("bring.left", n=left)] if left else []
            note = " ".join(filter(None, told))
            numbers.append(
                found.standing.send(kind, read.change, f"{kind}.csv", note, g.identity.name, found.clock())
            )
    if faults:
        return _look(token, folder, _read(folder)["kinds"], faults=tuple(faults))
    if not numbers:
        return _look(token, folder, _read(folder)["kinds"], said=translate("bring.nothing_differs"))
    if len(numbers) == 1:
        return redirect(url_for("standing.version", number=numbers[0]))
    return redirect(url_for("standing.page", kind=found.standing.version(numbers[0]).kind))


def _rows(folder: Path, kind: str, running: Case) -> tuple[bytes, int]:
    """A table of the draft's case for the room that runs; how many customers come with the next grid."""
    path = folder / f"{kind}.csv"
    if kind == "switches":
        return switches_of(folder, running.grid), 0
    if not path.exists():
        return b"", 0
    if kind == "customers":
        return with_transformers(path.read_bytes(), set(map(str, running.grid.transformers.ids.tolist())))
    return path.read_bytes(), 0


# -- inside ------------------------------------------------------------------------


def _look(
    token: str,
    folder: Path,
    kinds: Mapping[str, str],
    *,
    tries: bool = False,
    faults: tuple[Fault, ...] = (),
    said: str = "",
) -> str | tuple[str, int]:
    files = _files(folder)
    scripts = [name for name in files if name.lower().endswith(REFUSED)]
    if scripts:
        faults = (Fault(file=scripts[0], place="", text=translate("bring.no_scripts")),)
        return _page(token=token, files=files, faults=faults), 422
    own = _Outcome()
    try:
        own.looked = bounded(
            look, folder / "files", files, request.form.get("time_zone", "")[:60], kinds, bounds=BOUNDS
        )
        own.mapping = corrected(own.looked.mapping, request.form, files)
        write_mapping(folder / "files" / "mapping.yaml", own.mapping, own.looked.notes)
        if tries:
            own.tried = bounded(attempt, own.mapping, folder / "case", bounds=BOUNDS)
            _write(folder, owner=g.identity.name, kinds=dict(kinds), brought=_brought(own.mapping))
    except TooMuch as error:
        return _page(token=token, files=files, own=own, refused=too_much(error)), 422
    except InputFaults as error:
        return _page(token=token, files=files, own=own, faults=tuple(error.faults)), 422
    return _page(token=token, files=files, own=own, faults=faults, said=said)


@dataclass(slots=True)
class _Outcome:
    """How far the looking came."""

    looked: Looked | None = None
    mapping: CaseMapping | None = None
    tried: Tried | None = None


def _brought(mapping: CaseMapping) -> list[str]:
    """Tables that come out of the files that were sent."""
    found = [name for name, each in mapping.tables.items() if not each.file.startswith(f"{IN_FORCE}/")]
    return [*found, "switches"] if mapping.grid and not mapping.grid.startswith(f"{IN_FORCE}/") else found


def _page(
    *,
    token: str = "",
    files: list[str] | None = None,
    own: _Outcome | None = None,
    faults: tuple[Fault, ...] = (),
    refused: str = "",
    said: str = "",
) -> str:
    own = own or _Outcome()
    return render_template(
        "bring.html",
        page="bring",
        token=token,
        files=_cards(files or [], own.mapping, own.looked),
        mapping=own.mapping,
        looked=own.looked,
        tried=own.tried,
        picture=picture_of(own.tried) if own.tried is not None else None,
        kinds=KINDS,
        in_force=IN_FORCE,
        title_of=title_of,
        faults=faults[:200],
        refused=refused,
        said=said,
        most=MOST_FILES,
    )


def _cards(files: list[str], mapping: CaseMapping | None, looked: Looked | None) -> list[dict[str, Any]]:
    """Each file with what it is taken for, and which heading is which column of ours."""
    cards = []
    for at, name in enumerate(files):
        kind, source = "", None
        if mapping is not None:
            of = {each.file: (kind, each) for kind, each in mapping.tables.items()}
            if mapping.transformers is not None:
                of[mapping.transformers.file] = ("transformers", mapping.transformers)
            kind, source = of.get(name, ("", None))
            kind = "grid" if mapping.grid == name else "roads" if mapping.roads == name else kind
        headings = looked.headings.get(kind) if looked is not None else None
        cards.append({"at": at, "name": name, "kind": kind, "source": source, "headings": headings})
    return cards


def _root() -> Path:
    root = Path(tempfile.gettempdir()) / f"gridcrew-bring-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    if root.stat().st_uid != os.getuid() or root.is_symlink():
        abort(503)
    return root


def _new(token: str) -> Path:
    """A new draft's folder; old ones, and those beyond a handful, go."""
    known = sorted(
        (each for each in _root().iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime
    )
    too_old = [each for each in known if each.stat().st_mtime < time.time() - KEPT_S]
    for each in {*too_old, *known[: max(0, len(known) - MOST_DRAFTS + 1)]}:
        shutil.rmtree(each, ignore_errors=True)
    folder = _root() / token
    (folder / "files").mkdir(mode=0o700, parents=True)
    return folder


def _folder(token: str) -> Path:
    """A draft's folder, for its owner alone."""
    if not token.replace("-", "").replace("_", "").isalnum() or not 20 <= len(token) <= 40:
        abort(404)
    folder = _root() / token
    if not (folder / "draft.json").exists() or _read(folder)["owner"] != g.identity.name:
        abort(404)
    return folder


def _read(folder: Path) -> dict[str, Any]:
    known: dict[str, Any] = json.loads((folder / "draft.json").read_text(encoding="utf-8"))
    return known


def _write(folder: Path, **known: Any) -> None:
    (folder / "draft.json").write_text(json.dumps(known), encoding="utf-8")


def _files(folder: Path) -> list[str]:
    found = (folder / "files").iterdir()
    return sorted(each.name for each in found if each.is_file() and each.name != "mapping.yaml")


def _safe_name(name: str, at: int) -> str:
    """A name for a file that somebody sent: its own letters, nothing that leads elsewhere."""
    bare = PurePath(name.replace("\\", "/")).name
    kept = "".join(letter for letter in bare if letter.isalnum() or letter in " ._-()（）").strip(" .")[:80]
    return kept or secure_filename(bare) or f"file-{at}"


def _zipped(case: Path) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _all_files(case):
            archive.write(path, path.relative_to(case).as_posix())
    return made.getvalue()


def _all_files(case: Path) -> Iterator[Path]:
    yield from (each for each in sorted(case.rglob("*")) if each.is_file())

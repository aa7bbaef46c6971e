"""The public's files, as the room's publisher wrote them: read from disk when they change."""

from __future__ import annotations

import mimetypes
import re
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, g, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..entrance.access import allow_everyone, allow_unasked
from ..server.transfer import Packed, pack, send
from ..words.language import current_language

MAX_AGE_S = 30
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}(?:\.[a-z]{2,7}){1,2}")
TYPES = {
    ".geojson": "application/geo+json",
    ".rss": "application/rss+xml",
    ".xml": "application/cap+xml",
    ".csv": "text/csv",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".html": "text/html",
    ".json": "application/json",
}
PAGES = {"en": "index.html", "zh-CN": "zh.html"}
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
NOBODY = "'none'"

outward_files = Blueprint("outward_files", __name__, url_prefix="/public")


def folder() -> Path:
    """Where the files are; 404 until the utility has turned the page on."""
    found = current_app.config.get("PUBLIC_FOLDER")
    if found is None:
        abort(404)
    return Path(found)


@outward_files.get("/")
@allow_everyone
def start() -> AnyResponse:
    """Lead to the page in the reader's language."""
    folder()
    return redirect(url_for("outward_files.file", name=PAGES[current_language()]))


@outward_files.get("/<name>")
@allow_unasked
def file(name: str) -> Response:
    """Send one file; the same to everybody, and cached by whoever stands in between."""
    path = folder() / name
    if not NAME.fullmatch(name) or not path.is_file():
        abort(404)
    response = send(_packed(path, path.stat().st_mtime_ns), max_age_s=MAX_AGE_S, private=False)
    g.same_for_all = True
    embedders = " ".join(current_app.config.get("PUBLIC_EMBEDDERS", ()))
    response.headers["Content-Security-Policy"] = POLICY + f"frame-ancestors {embedders or NOBODY}"
    g.embeddable = bool(embedders)
    if path.suffix not in (".html", ".css"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@lru_cache(maxsize=256)
def _packed(path: Path, changed_ns: int) -> Packed:
    guessed = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return pack(path.read_bytes(), guessed)

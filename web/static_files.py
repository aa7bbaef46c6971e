"""Scripts, styles and browser libraries, packed once and cached by content."""

from __future__ import annotations

import mimetypes
from functools import cache
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, url_for

from .entrance.access import allow_unasked
from .server.transfer import Packed, pack, send

YEAR_S = 31_536_000
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}

static_files = Blueprint("static_files", __name__)


def _root() -> Path:
    return Path(str(files("web"))) / "static"


@cache
def _packed(name: str, changed_ns: int) -> Packed:
    path = _root() / name
    guessed = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return pack(path.read_bytes(), guessed)


def packed_file(name: str) -> Packed:
    """Return one file of the static folder; 404 outside of it."""
    root = _root().resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file() or path.name.startswith("."):
        abort(404)
    return _packed(name, path.stat().st_mtime_ns)


@static_files.get("/static/<path:name>")
@allow_unasked
def static_file(name: str) -> Response:
    """Send a file; one that is asked for by its tag never changes."""
    return send(packed_file(name), max_age_s=YEAR_S if "v" in request.args else 0, private=False)


def tagged_files(app: Flask) -> None:
    """Give templates `asset('css/base.css')`: the address of a file with its tag."""

    @app.context_processor
    def assets() -> dict[str, object]:
        def asset(name: str) -> str:
            return url_for("static_files.static_file", name=name, v=packed_file(name).tag[:10])

        return {"asset": asset}

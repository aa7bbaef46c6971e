"""What goes over the wire: packed once, tagged, compressed, and guarded by headers."""

from __future__ import annotations

import gzip
import hashlib
import json
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, request

COMPRESSED = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "application/json",
        "image/svg+xml",
        "application/octet-stream",
    }
)
LEAST_COMPRESSED_B = 900

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def named(response: Response, filename: str, *, inline: bool = False) -> Response:
    """Say under which name an answer is saved. A head holds Latin letters alone; others are told beside them.

    Parameters
    ----------
    filename : as people wrote it: a crew's id, a policy's name.
    inline : shown in the browser, and saved only if somebody asks for it.

    Returns
    -------
    Response
        The same one.

    References
    ----------
    RFC 6266, section 4.3 and appendix D.
    """
    plain = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode()
    names = {"filename": "".join(each for each in plain if each.isprintable())}
    if names["filename"] != filename:
        names["filename*"] = f"UTF-8''{quote(filename, safe='')}"
    response.headers.set("Content-Disposition", "inline" if inline else "attachment", **names)
    return response


@dataclass(frozen=True, slots=True)
class Packed:
    """A body with its compressed form and its tag, made once and sent many times."""

    body: bytes
    zipped: bytes
    tag: str
    mimetype: str


def pack(body: bytes, mimetype: str) -> Packed:
    """Compress and tag a body."""
    tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    return Packed(body, gzip.compress(body, 6, mtime=0), tag, mimetype)


def pack_json(data: Any) -> Packed:
    """Pack data as compact JSON."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return pack(text.encode(), "application/json")


def send(packed: Packed, *, max_age_s: int = 0, private: bool = True) -> Response:
    """Answer with a packed body, or 304 where the browser has it."""
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(packed.zipped if zipped else packed.body, mimetype=packed.mimetype)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    scope = "private" if private else "public"
    response.headers["Cache-Control"] = f"{scope}, max-age={max_age_s}" if max_age_s else f"{scope}, no-cache"
    response.set_etag(f"{packed.tag}-{'z' if zipped else 'p'}")
    response.make_conditional(request)
    return response


def harden(app: Flask) -> None:
    """Set the security headers on every answer and compress pages."""

    @app.after_request
    def finish(response: Response) -> Response:
        for name, value in HEADERS.items():
            # A page that others may show in a frame says in its policy who may.
            if name != "X-Frame-Options" or not g.get("embeddable"):
                response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        _lead_here(response)
        return _compressed(response)


def _lead_here(response: Response) -> None:
    """Redirect by the path alone: whatever name a sender calls this server, it leads to no other one."""
    where = response.headers.get("Location", "")
    # A name that is refused has no root.
    if where and where.startswith(request.root_url):
        # One slash: two would name another server.
        response.headers["Location"] = "/" + where[len(request.root_url) :].lstrip("/\\")


def _compressed(response: Response) -> Response:
    if (
        "Content-Encoding" in response.headers
        or response.direct_passthrough
        or response.is_streamed
        or response.mimetype not in COMPRESSED
        or "gzip" not in request.headers.get("Accept-Encoding", "")
    ):
        return response
    body = response.get_data()
    if len(body) >= LEAST_COMPRESSED_B:
        response.set_data(gzip.compress(body, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.add("Vary", "Accept-Encoding")
    return response

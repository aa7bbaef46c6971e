"""Sending the same thing twice: a view that takes an `Idempotency-Key` is carried out once for each."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

from flask import Response, current_app, g, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from dispatch.ground.errors import DispatchError
from dispatch.live import Refused
from dispatch.store import claims

from .bodies import json_body

View = TypeVar("View", bound=Callable[..., Any])


def once(view: View) -> View:
    """Answer the same key and body as the first time, and refuse another body under the same key.

    Nothing is claimed by what is refused: a sender may put it right and send it again.
    """

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Any:
        key, desk = sent_key(), current_app.extensions.get("gridcrew_desk")
        if key is None or desk is None:
            return view(*args, **kwargs)
        store = desk.store
        found = claims.claim(store, key, _body(), datetime.fromtimestamp(current_app.config["CLOCK"](), UTC))
        if not found.theirs:
            raise Refused("key_used")
        if found.answer is not None:
            return _again(found.answer)
        try:
            answer = make_response(view(*args, **kwargs))
        except (DispatchError, HTTPException):
            claims.release(store, key)
            raise
        claims.keep_answer(store, key, answer.get_json())
        return answer

    return answered  # type: ignore[return-value]


def sent_key() -> str | None:
    """The sender's mark of a change, as its own: two systems may both count from one.

    It may be as long as a header may be; what is kept is its digest.
    """
    sent = request.headers.get("Idempotency-Key")
    return None if not sent else claims.mark(g.identity.name, sent)


def _again(answer: Any) -> Response:
    """The first answer, which says that it has been given before."""
    if isinstance(answer, dict) and "known" in answer:
        answer = answer | {"known": True}
    response = jsonify(answer)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _body() -> bytes:
    """What was asked, whatever blanks or order of names it was written with."""
    # A form has been read by now, and its bytes are gone.
    given = json_body() if request.is_json else sorted(request.form.lists()) or None
    said = request.get_data(cache=True) if given is None else json.dumps(given, sort_keys=True).encode()
    return b"\n".join([request.full_path.encode(), request.mimetype.encode(), g.identity.name.encode(), said])

"""What no request may hold, whatever route it asks for: control characters, and numbers without end.

One check before every view, so that no page and no model has to think of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter

from dispatch.ground.errors import Fault, InputFaults
from dispatch.ground.texts import control_character

from .bodies import json_body

# The largest number that both databases keep in an INTEGER column.
LARGEST = 2**31 - 1
# As JSON writes such characters, or as they are; a text that holds the six signs `\u0000` is looked at too.
ESCAPED = re.compile(rb"\\u(?:00[01][0-9a-f]|007f|d[89a-f]|fff[ef])|\x7f|\xef\xbf[\xbe\xbf]", re.IGNORECASE)
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class Whole(IntegerConverter):
    """A number in an address that a database holds; any longer one names nothing."""

    regex = r"\d{1,10}"

    def __init__(self, map: Any) -> None:
        super().__init__(map, max=LARGEST)


def watch_door(app: Flask) -> None:
    """Refuse what is no text with 400, before anything else looks at it."""
    app.url_map.converters["int"] = Whole

    @app.before_request
    def check() -> None:
        for place, text in _texts():
            found = control_character(text)
            if found is not None:
                raise InputFaults(
                    [Fault(file="request", place=place, text=f"holds {found}, which no text does")]
                )


def asked_number(name: str, default: int | None = None) -> int | None:
    """A whole number of the query, from 0 to `LARGEST`.

    Raises
    ------
    BadRequest
        It is none.
    """
    return _number(request.args.get(name), default)


def heard_up_to() -> int | None:
    """The number of the last event that a browser has heard; None when it has heard none.

    Raises
    ------
    BadRequest
        It is no number.
    """
    return _number(request.headers.get("Last-Event-ID") or request.args.get("after"), None)


def sent_number(name: str) -> int | None:
    """The same of a form.

    Raises
    ------
    BadRequest
        It is none.
    """
    return _number(request.form.get(name), None)


def _number(text: str | None, default: int | None) -> int | None:
    if text is None or text == "":
        return default
    if not re.fullmatch(Whole.regex, text, re.ASCII) or int(text) > LARGEST:
        raise BadRequest
    return int(text)


def _texts() -> Iterator[tuple[str, str]]:
    """Every text of a request with the name of its place."""
    yield "path", request.path
    for name, values in request.args.lists():
        yield "query", name
        yield from ((f"query {name}", value) for value in values)
    if request.mimetype in FORMS:
        for name, values in request.form.lists():
            yield "form", name
            yield from ((name, value) for value in values)
        for sent in request.files.values():
            yield "file name", sent.filename or ""
    elif request.is_json and ESCAPED.search(request.get_data(cache=True)):
        yield from _inside(json_body(), "")


def _inside(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """The texts inside JSON, names too; on a stack of its own, for it may be nested deeply."""
    waiting = [(place, value)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, str):
            yield place or "body", value
        elif isinstance(value, dict):
            for name, each in value.items():
                yield place or "body", name
                waiting.append((f"{place}.{name}".lstrip("."), each))
        elif isinstance(value, list):
            waiting.extend((f"{place}.{number}".lstrip("."), each) for number, each in enumerate(value))

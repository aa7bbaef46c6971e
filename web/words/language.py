"""The words of the screens: one JSON catalogue per language in `web/i18n`.

A message is a string with named places, ``"in {min} min"``; with a count it
may hold two forms, ``"{n} job|{n} jobs"``. The browser gets the same catalogue
and follows the same two rules (`static/js/words.js`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request

from dispatch.ground.brought import Repair
from dispatch.intake.telling import repair_line_told, repair_told, told

LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "zh-CN": "简体中文"})
DEFAULT = "en"
COOKIE = "gridcrew_language"
YEAR_S = 31_536_000


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return every message of one language by key."""
    text = files("web").joinpath("i18n", f"{language}.json").read_text(encoding="utf-8")
    messages: dict[str, str] = json.loads(text)
    return MappingProxyType(messages)


def say(language: str, key: str, /, **values: Any) -> str:
    """Return a message in a language, its places filled in."""
    message = catalogue(language).get(key)
    if message is None:
        raise KeyError(f"no message {key!r} in {language}")
    one, bar, many = message.partition("|")
    if bar:
        message = one if values.get("n") == 1 else many
    for name, value in values.items():
        message = message.replace("{" + name + "}", str(value))
    return message


def word(language: str, group: str, value: object) -> str:
    """Return the name of a coded value (a class, a skill, ...), or the value itself."""
    return catalogue(language).get(f"{group}.{value}", str(value))


def current_language() -> str:
    """Language of this request."""
    return str(g.get("language", DEFAULT)) if has_request_context() else DEFAULT


def translate(key: str, /, **values: Any) -> str:
    """Return a message in the language of this request."""
    return say(current_language(), key, **values)


def _chosen() -> str:
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if wish and wish in LANGUAGES:
            return wish
    offered = request.accept_languages.best_match(["zh-CN", "zh-Hans", "zh", "en"])
    if offered:
        return "zh-CN" if offered.startswith("zh") else "en"
    fallback = current_app.config["FALLBACK_LANGUAGE"]
    return str(fallback) if fallback in LANGUAGES else DEFAULT


def speak(app: Flask) -> None:
    """Give every request a language and every template its words."""

    @app.before_request
    def choose() -> None:
        g.language = _chosen()

    @app.after_request
    def remember(response: Response) -> Response:
        if request.args.get("lang") in LANGUAGES:
            response.set_cookie(COOKIE, g.language, max_age=YEAR_S, samesite="Lax", httponly=True)
        if not g.get("same_for_all"):
            response.headers.add("Vary", "Accept-Language, Cookie")
        return response

    app.add_template_filter(_told, "told")
    app.add_template_filter(_repair, "repair")

    @app.context_processor
    def words() -> dict[str, Any]:
        return {
            "t": translate,
            "word": lambda group, value: word(current_language(), group, value),
            "language": current_language(),
            "languages": LANGUAGES,
            "messages": dict(catalogue(current_language())),
        }


def _told(text: object) -> str:
    """A sentence of the intake in the language of this request."""
    return told(str(text), current_language())


def _repair(each: Repair | str) -> str:
    if isinstance(each, Repair):
        return repair_told(each, current_language())
    return repair_line_told(each, current_language())

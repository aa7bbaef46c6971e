"""Asks a head-end for the supply of meters over HTTP.

    POST URL        {"places": ["C06", "C07"]}
    200             {"answers": [{"place": "C06", "supply": "off"}, {"place": "C07", "supply": "on"}]}

The one configured host is connected to: no redirect is followed, no proxy of the environment is used,
and an answer counts only for a place that was asked.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from .settings import MeterSettings

Supply = Literal["on", "off"]
# An answer about some meters is a few kilobytes; more is none of ours.
MOST_BYTES = 64 * 1024


class MetersFailed(Exception):
    """The head-end did not answer as it should; says how, without its token."""


class HttpMeters:
    """The head-end of a utility's meters."""

    def __init__(self, settings: MeterSettings) -> None:
        self.settings = settings

    def ask(self, places: Sequence[str]) -> Mapping[str, Supply]:
        """Ask some meters at once; those that did not answer are missing from what is returned.

        Raises
        ------
        MetersFailed
            Nothing came back in time, or not what was expected.
        """
        asked = list(places[: self.settings.at_once])
        if not asked:
            return {}
        return _supplies(self._posted({"places": asked}), frozenset(asked))

    def _posted(self, body: Mapping[str, Any]) -> Any:
        connection, path = self._connection()
        try:
            connection.request("POST", path, body=json.dumps(body).encode(), headers=self._headers())
            answer = connection.getresponse()
            text = answer.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise MetersFailed(f"meters: {type(error).__name__}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise MetersFailed(f"meters: the head-end answered {answer.status}, expected 200")
        if len(text) > MOST_BYTES:
            raise MetersFailed(f"meters: the answer is longer than {MOST_BYTES:,} bytes")
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise MetersFailed("meters: the answer is no JSON") from error

    def _connection(self) -> tuple[http.client.HTTPConnection, str]:
        parts = urlsplit(self.settings.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = str(parts.hostname)
        if parts.scheme == "http":
            plain = http.client.HTTPConnection(host, parts.port, timeout=self.settings.timeout_s)
            return plain, path
        safe = http.client.HTTPSConnection(
            host, parts.port, timeout=self.settings.timeout_s, context=ssl.create_default_context()
        )
        return safe, path

    def _headers(self) -> Mapping[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        token = self.settings.token
        return headers | ({"Authorization": f"Bearer {token}"} if token else {})


def _supplies(told: Any, asked: frozenset[str]) -> Mapping[str, Supply]:
    answers = told.get("answers") if isinstance(told, dict) else None
    if not isinstance(answers, list):
        raise MetersFailed("meters: the answer holds no list 'answers'")
    found: dict[str, Supply] = {}
    for each in answers:
        place = each.get("place") if isinstance(each, dict) else None
        supply = each.get("supply") if isinstance(each, dict) else None
        if isinstance(place, str) and place in asked and supply in ("on", "off"):
            found[place] = "on" if supply == "on" else "off"
    return found

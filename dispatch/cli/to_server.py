"""Sends tonight's rows to a room that runs, by its API; what it says comes back as a sentence."""

from __future__ import annotations

import csv
import io
import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from ..ground.errors import Fault, InputFaults

TIMEOUT_S = 120.0
MOST_ANSWER = 16 * 2**20
CONFLICT = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of a table that was sent.

    Parameters
    ----------
    waits : a person has to decide.
    """

    said: str
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A room, and the token that lets us in."""

    url: str
    token: str = field(repr=False)

    @classmethod
    def at(cls, url: str, token_file: Path) -> Server:
        """A room by its address.

        Raises
        ------
        InputFaults
            The address is none, or would send the token in the clear; the file cannot be read.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _wrong("--server", f"'{url}' is no address; expected such as https://HOST")
        if parts.scheme == "http" and not _is_this_machine(parts.hostname):
            raise _wrong("--server", f"'{url}' would send the token unprotected; expected https")
        try:
            token = token_file.read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise _wrong("--token-file", f"cannot be read: {error}") from error
        return cls(url=url.rstrip("/"), token=token)

    def send(self, kind: str, rows: bytes, *, most_gone_percent: float, at_once: bool, note: str) -> Sent:
        """Send a table whole; what it does not name is taken away, and where it may it is put in force.

        Raises
        ------
        InputFaults
            The server is not there, does not let us in, or finds faults in the table.
        """
        query = urlencode({"rest": "gone", "note": note})
        status, told = self._ask(f"/api/v1/standing/{kind}?{query}", rows, "text/csv")
        if status == CONFLICT and told.get("error", {}).get("reason") == "same":
            return Sent(said=f"{kind}: the server has all of it already", waits=False)
        if status >= 400:
            raise _refused(kind, status, told)
        number, what = told["number"], told["by_what"]
        counted = ", ".join(f"{count:,} {name}" for name, count in what.items() if count)
        before = self.count(kind) if what.get("removed") else 0
        gone = 100 * what["removed"] / before if before else 0.0
        if gone > most_gone_percent:
            return Sent(
                said=f"{kind}: version {number} waits ({counted}): {gone:.0f} % would be gone", waits=True
            )
        if not at_once:
            return Sent(said=f"{kind}: version {number} waits ({counted})", waits=True)
        status, told = self._ask(f"/api/v1/standing/versions/{number}/activate", b"{}", "application/json")
        if status >= 400:
            return Sent(said=f"{kind}: version {number} waits ({counted}): {_reason(told)}", waits=True)
        return Sent(said=f"{kind}: version {number} is in force ({counted})", waits=False)

    def count(self, kind: str) -> int:
        """How many rows of a kind are in force."""
        status, told = self._ask(f"/api/v1/standing/{kind}.csv", None, "text/csv", plain=True)
        if status >= 400:
            raise _refused(kind, status, told)
        return max(0, sum(1 for _ in csv.reader(io.StringIO(told))) - 1)

    def _ask(self, path: str, body: bytes | None, mime: str, *, plain: bool = False) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": mime, "Accept-Language": "en"}
        asked = urllib.request.Request(self.url + path, data=body, headers=headers)
        try:
            with _opener().open(asked, timeout=TIMEOUT_S) as answer:
                return answer.status, _content(answer.read(MOST_ANSWER), plain=plain)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _content(error.read(MOST_ANSWER), plain=False)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise _wrong(self.url, f"does not answer: {reason}") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the address that was given, and to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirect)


def _content(data: bytes, *, plain: bool) -> Any:
    text = data.decode("utf-8-sig", "replace")
    if plain:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return {"error": {"text": text[:300]}}


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _reason(told: Any) -> str:
    problem = told.get("error", {}) if isinstance(told, dict) else {}
    return str(problem.get("text") or "refused")[:300]


def _refused(kind: str, status: int, told: Any) -> InputFaults:
    problem = told.get("error", {}) if isinstance(told, dict) else {}
    listed = problem.get("faults") or [_reason(told)]
    place = f"the server answers {status}"
    return InputFaults([Fault(file=kind, place=place, text=str(each)) for each in listed])


def _wrong(file: str, text: str) -> InputFaults:
    return InputFaults([Fault(file=file, place="", text=text)])

"""Send one event to one webhook: CloudEvents in JSON, signed, in bounded time."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from threading import Timer
from typing import Any

from ..messages.senders import TRY_AGAIN, NotSent, signature
from ..store.outward_rows import Sent
from .guard import EventSettings, Forbidden, Target, target_of
from .moments import utc_text

TIMEOUT_S = 10.0
MOST_BODY_B = 64 * 1024
PREFIX = "org.gridcrew."
SPEC = "1.0"


def cloud_event(event: Sent, source: str) -> dict[str, Any]:
    """An event in the form of CloudEvents 1.0; the same event has the same id however often it is sent."""
    return {
        "specversion": SPEC,
        "id": f"{event.seq}",
        "source": source,
        "type": f"{PREFIX}{event.type}.v1",
        "subject": event.subject,
        "time": utc_text(event.at),
        "datacontenttype": "application/json",
        "dataschema": f"urn:gridcrew:asyncapi:v1:{event.type}",
        "sequence": f"{event.seq:020d}",
        "data": event.data,
    }


def secret_of(key: str, hook: Mapping[str, Any]) -> str:
    """The secret that a webhook's receiver shares: derived from the room's own key, kept nowhere."""
    told = f"webhook/{hook['id']}/{hook['salt']}"
    return "whs_" + hmac.new(key.encode(), told.encode(), hashlib.sha256).hexdigest()


def post(url: str, secret: str, told: Mapping[str, Any], settings: EventSettings, at_s: int) -> None:
    """Send an event.

    Parameters
    ----------
    at_s : seconds since 1970, signed too, so that an old message cannot be sent again by somebody else.

    Raises
    ------
    NotSent
        It did not get there; with `final`, it never will.
    """
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    if len(body) > MOST_BODY_B:
        raise NotSent("larger than 64 kB", final=True)
    try:
        target = target_of(url, settings)
    except Forbidden as error:
        raise NotSent(str(error)) from error
    stamp = str(at_s)
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": "gridcrew",
        "Idempotency-Key": f"{told['source']}/{told['id']}",
        "X-Gridcrew-Timestamp": stamp,
        "X-Gridcrew-Signature": signature(secret.encode(), stamp, body),
        "Connection": "close",
    }
    status = ask(target, body, headers)
    if not 200 <= status < 300:
        # A redirect is not followed: it could lead inside.
        raise NotSent(f"answered {status}", final=300 <= status < 500 and status not in TRY_AGAIN)


def ask(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that the receiver answers with; what it says beside that is not read.

    Raises
    ------
    NotSent
        Nobody answered in time.
    """
    link = _Pinned(target)
    # A receiver that lets one letter drip every few seconds must not hold the others up.
    ends = Timer(TIMEOUT_S, link.cut)
    ends.daemon = True
    ends.start()
    try:
        link.request("POST", target.path, body, dict(headers))
        return link.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotSent(f"{target.host} {_why(error)}") from error
    finally:
        ends.cancel()
        link.close()


def _why(error: Exception) -> str:
    """What went wrong, without what the other side has said."""
    if isinstance(error, ConnectionRefusedError):
        return "refuses the connection"
    if isinstance(error, ssl.SSLError):
        return "has no certificate that is trusted"
    if isinstance(error, TimeoutError | http.client.HTTPException | ConnectionError):
        return "gave no answer in time"
    return "cannot be reached"


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was judged, under the name that was asked for."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT_S)
        self._target = target

    def connect(self) -> None:
        """Connect, and let the other side prove its name."""
        link = socket.create_connection((self._target.address, self._target.port), TIMEOUT_S)
        self.sock = link
        if self._target.tls:
            trust = ssl.create_default_context()
            trust.minimum_version = ssl.TLSVersion.TLSv1_2
            self.sock = trust.wrap_socket(link, server_hostname=self._target.host)

    def cut(self) -> None:
        """End it from another thread."""
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)

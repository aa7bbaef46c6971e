"""What carries a message away: a mail server, or a web address (a gateway for text messages, say)."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import time
import urllib.error
import urllib.request
from email.message import EmailMessage
from typing import Any, Protocol

from ..store.outbox import Letter

TIMEOUT_S = 15.0
# Answers that may be different next time: timeout, conflict, too early, too many, and all of 5xx.
TRY_AGAIN = frozenset({408, 409, 425, 429})


class NotSent(Exception):
    """It did not work; with `final`, it never will."""

    def __init__(self, text: str, *, final: bool = False) -> None:
        self.final = final
        super().__init__(text)


class Sender(Protocol):
    """Carries one message; it may be asked to carry the same one twice, and marks it by its key."""

    def send(self, letter: Letter) -> None:
        """Hand a message over, or raise `NotSent`."""

    def close(self) -> None:
        """Let the connection go."""


def message_id(letter: Letter, domain: str) -> str:
    """The Message-ID of a message: the same for the same key, so that a receiver knows a repetition."""
    return f"<{hashlib.blake2b(letter.key.encode(), digest_size=16).hexdigest()}@{domain}>"


class SmtpSender:
    """Sends mail over one connection that is kept open."""

    def __init__(self, host: str, port: int, sender: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.host, self.port, self.sender, self.timeout_s = host, port, sender, timeout_s
        self._connection: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> None:
        """Send a mail."""
        try:
            mail = self._mail(letter)
        except ValueError as error:
            raise NotSent(str(error), final=True) from error
        try:
            if self._connection is None:
                self._connection = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
            self._connection.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise NotSent(f"refused: {error.recipients}", final=code >= 500) from error
        except smtplib.SMTPResponseException as error:
            self.close()
            raise NotSent(f"{error.smtp_code} {error.smtp_error!r}", final=error.smtp_code >= 550) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotSent(f"{self.host}:{self.port}: {error}") from error

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _mail(self, letter: Letter) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self.sender, letter.recipient
        mail["Subject"] = " ".join(letter.subject.split())
        mail["Message-ID"] = message_id(letter, self.sender.rpartition("@")[2] or "gridcrew")
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.text)
        return mail


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nothing: a message goes to the address that was configured."""


class WebhookSender:
    """Posts JSON; the signature is HMAC-SHA-256 of ``timestamp.body`` under a shared secret."""

    def __init__(self, url: str, secret: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.url, self.secret, self.timeout_s = url, secret.encode(), timeout_s
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def send(self, letter: Letter) -> None:
        """Post a message."""
        data = {"key": letter.key, "to": letter.recipient, "subject": letter.subject, "text": letter.text}
        body = json.dumps(data, ensure_ascii=False).encode()
        at = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": letter.key,
            "X-Gridcrew-Timestamp": at,
            "X-Gridcrew-Signature": signature(self.secret, at, body),
        }
        asked = urllib.request.Request(self.url, data=body, headers=headers, method="POST")
        try:
            with self._opener.open(asked, timeout=self.timeout_s) as answer:
                answer.read(4096)
        except urllib.error.HTTPError as error:
            final = 300 <= error.code < 500 and error.code not in TRY_AGAIN
            raise NotSent(f"answered {error.code}", final=final) from error
        except (OSError, urllib.error.URLError) as error:
            raise NotSent(f"{self.url}: {error}") from error

    def close(self) -> None:
        """Nothing is kept open."""


def signature(secret: bytes, at: str, body: bytes) -> str:
    """What a receiver compares: ``sha256=`` and the HMAC in hexadecimal."""
    return "sha256=" + hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()

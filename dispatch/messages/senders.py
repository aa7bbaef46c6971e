"""What carries a message away: a mail server, or a web address (a gateway for text messages, say)."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal, Protocol

from ..ground.errors import DispatchError
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail goes, and as whom.

    Parameters
    ----------
    security : starttls (port 587), tls from the first byte (port 465), or none, for a server on this machine.
    user, password : to sign in; never over a connection without TLS. The password is shown nowhere.
    authorities : file with the certificates to trust, the system's own without it.
    """

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    authorities: Path | None = None

    def __post_init__(self) -> None:
        """Refuse to send a password in the clear."""
        if self.user is not None and self.security == "none":
            raise DispatchError("a mail server that wants a user is reached by starttls or tls")
        if (self.user is None) != (self.password is None):
            raise DispatchError("a mail server's user and password come together")


class SmtpSender:
    """Sends mail over one connection that is kept open."""

    def __init__(self, server: MailServer, sender: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self.server, self.sender, self.timeout_s = server, sender, timeout_s
        self._connection: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> None:
        """Send a mail."""
        try:
            mail = self._mail(letter)
        except ValueError as error:
            raise NotSent(str(error), final=True) from error
        try:
            if self._connection is None:
                self._connection = self._connected()
            self._connection.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise NotSent(f"refused: {error.recipients}", final=code >= 500) from error
        except smtplib.SMTPAuthenticationError as error:
            # Not this message's fault: it waits until the password is right.
            self.close()
            raise NotSent(f"{self._place}: user or password refused ({error.smtp_code})") from None
        except smtplib.SMTPResponseException as error:
            self.close()
            raise NotSent(f"{error.smtp_code} {error.smtp_error!r}", final=error.smtp_code >= 550) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotSent(f"{self._place}: {error}") from error

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def _place(self) -> str:
        return f"{self.server.host}:{self.server.port}"

    def _connected(self) -> smtplib.SMTP:
        server, connection = self.server, self._unsecured()
        try:
            if server.security == "starttls":
                connection.starttls(context=self._trust())
            if server.user is not None and server.password is not None:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _unsecured(self) -> smtplib.SMTP:
        host, port = self.server.host, self.server.port
        if self.server.security == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=self.timeout_s, context=self._trust())
        return smtplib.SMTP(host, port, timeout=self.timeout_s)

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.server.authorities)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

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

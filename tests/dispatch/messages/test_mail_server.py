"""Mail over TLS with a password, through a server that is not ours; nothing in the clear, nothing logged."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dispatch.cli import main
from dispatch.ground.errors import DispatchError
from dispatch.messages.senders import MailServer, NotSent, SmtpSender
from dispatch.store import Store
from dispatch.store.outbox import counts
from tests.dispatch.messages.test_sending import fill, letter

smtp = pytest.importorskip("aiosmtpd.smtp")
trustme = pytest.importorskip("trustme")

USER, PASSWORD = "gridcrew", "correct horse battery"
FROM = "duty@utility.example"


class Box:
    """Keeps what arrives, and whether it came over TLS from somebody who signed in."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bool, bool]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        secured = session.ssl is not None or isinstance(
            server.transport.get_extra_info("sslcontext"), ssl.SSLContext
        )
        self.taken.append((envelope.rcpt_tos[0], secured, bool(session.authenticated)))
        return "250 taken"


def signs_in(_: Any, __: Any, ___: Any, mechanism: str, given: Any) -> Any:
    right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return smtp.AuthResult(success=right, handled=right)


Start = Callable[[str], tuple[MailServer, Box]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a server for "starttls" or "tls" that takes mail from its user alone."""
    authority = trustme.CA()
    running: list[tuple[asyncio.AbstractEventLoop, threading.Thread]] = []
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)

    def begin(security: str) -> tuple[MailServer, Box]:
        box, loop = Box(), asyncio.new_event_loop()
        options: dict[str, Any] = {"authenticator": signs_in, "auth_required": True, "loop": loop}
        if security == "tls":
            options |= {"auth_require_tls": False}
        else:
            options |= {"tls_context": context, "require_starttls": True}
        listening = loop.run_until_complete(
            loop.create_server(
                lambda: smtp.SMTP(box, hostname="localhost", **options),
                "localhost",
                0,
                family=socket.AF_INET,
                ssl=context if security == "tls" else None,
            )
        )
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        running.append((loop, thread))
        port = listening.sockets[0].getsockname()[1]
        known = {"user": USER, "password": PASSWORD, "authorities": tmp_path / "ca.pem"}
        return MailServer(host="localhost", port=port, security=security, **known), box  # type: ignore[arg-type]

    yield begin
    for loop, thread in running:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_over_tls_with_a_password(start: Start, security: str) -> None:
    server, box = start(security)
    sender = SmtpSender(server, FROM)
    sender.send(letter(1, "smtp", "eva@example.org"))
    sender.send(letter(2, "smtp", "ana@example.org"))
    sender.close()
    assert box.taken == [("eva@example.org", True, True), ("ana@example.org", True, True)]


def test_a_wrong_password_puts_off_and_is_not_told(start: Start) -> None:
    right, box = start("starttls")
    wrong = MailServer(
        host=right.host,
        port=right.port,
        security="starttls",
        user=USER,
        password="hunter2 hunter2",
        authorities=right.authorities,
    )
    assert "hunter2" not in repr(wrong)
    with pytest.raises(NotSent) as caught:
        SmtpSender(wrong, FROM).send(letter(1, "smtp", "eva@example.org"))
    assert not caught.value.final
    assert "hunter2" not in str(caught.value)
    assert box.taken == []


def test_a_certificate_that_nobody_vouches_for_gets_no_password(start: Start) -> None:
    right, box = start("starttls")
    stranger = MailServer(host=right.host, port=right.port, security="starttls", user=USER, password=PASSWORD)
    with pytest.raises(NotSent, match="CERTIFICATE_VERIFY_FAILED"):
        SmtpSender(stranger, FROM).send(letter(1, "smtp", "eva@example.org"))
    assert box.taken == []


def test_a_password_never_goes_in_the_clear() -> None:
    with pytest.raises(DispatchError, match="starttls or tls"):
        MailServer(host="h", port=25, user=USER, password=PASSWORD)
    with pytest.raises(DispatchError, match="together"):
        MailServer(host="h", port=25, security="tls", user=USER)


@pytest.mark.parametrize("by", ["environment", "file"])
def test_the_command_signs_in(
    start: Start,
    store: Store,
    url: str,
    by: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server, box = start("starttls")
    fill(store, [letter(1, "smtp", "eva@example.org")])
    command = ["messages", "send", "--once", "--workers", "1", "--database", url, "--from", FROM]
    command += ["--smtp", f"localhost:{server.port}", "--smtp-security", "starttls"]
    command += ["--smtp-user", USER, "--smtp-ca", str(server.authorities)]
    assert main(command) == 2, "no password was given"
    if by == "file":
        (tmp_path / "password").write_text(PASSWORD + "\n")
        command += ["--smtp-password-file", str(tmp_path / "password")]
    else:
        monkeypatch.setenv("GRIDCREW_SMTP_PASSWORD", PASSWORD)
    assert main(command) == 0
    assert [taken[0] for taken in box.taken] == ["eva@example.org"]
    assert counts(store) == {"sent": 1}
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err
    assert PASSWORD not in " ".join(sys.argv)

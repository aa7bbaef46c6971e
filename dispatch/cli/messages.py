"""`gridcrew messages send`: carry the outbox to a mail server and a web address."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from ..ground.errors import DispatchError
from ..messages.senders import MailServer, Sender, SmtpSender, WebhookSender
from ..messages.sending import Tally, send_due
from ..store import Store, open_store
from ..store.outbox import counts

SECRET = "GRIDCREW_WEBHOOK_SECRET"
PASSWORD = "GRIDCREW_SMTP_PASSWORD"
IDLE_S = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare `send` and `status`."""
    parser.add_argument("what", choices=("send", "status"))
    parser.add_argument("--database", default="sqlite:///gridcrew.sqlite", metavar="URL")
    parser.add_argument("--smtp", metavar="HOST:PORT", help="mail server for addresses with an @")
    parser.add_argument(
        "--smtp-security", choices=("none", "starttls", "tls"), default="none", help="default %(default)s"
    )
    parser.add_argument("--smtp-user", metavar="NAME", help=f"signs in, with the password in ${PASSWORD}")
    parser.add_argument("--smtp-password-file", type=Path, metavar="FILE", help=f"instead of ${PASSWORD}")
    parser.add_argument("--smtp-ca", type=Path, metavar="FILE", help="certificates to trust, PEM")
    parser.add_argument("--from", dest="sender", default="gridcrew@localhost", metavar="ADDRESS")
    parser.add_argument("--webhook", metavar="URL", help=f"takes all other messages; signed with ${SECRET}")
    parser.add_argument("--voice", metavar="URL", help="takes what is to be spoken; signed the same way")
    parser.add_argument("--workers", type=int, default=2, help="messages sent at the same time, default 2")
    parser.add_argument("--once", action="store_true", help="send what is due, then end")


def run(args: argparse.Namespace) -> int:
    """Send until interrupted, or say how many messages are in which state."""
    store = open_store(args.database)
    if args.what == "status":
        print("\n".join(f"{state} {count}" for state, count in sorted(counts(store).items())) or "empty")
        return 0
    if not (args.smtp or args.webhook or args.voice):
        raise DispatchError("name --smtp, --webhook or --voice")
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    total = Tally()
    senders = [_senders(args) for _ in range(max(1, args.workers))]
    workers = [
        threading.Thread(target=_work, args=(store, each, ended, args.once, total), daemon=True)
        for each in senders
    ]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            while worker.is_alive():
                worker.join(0.5)
    except KeyboardInterrupt:
        ended.set()
    print(f"{total.sent} sent, {total.put_off} put off, {total.given_up} given up", file=sys.stderr)
    return 0


def _work(store: Store, senders: dict[str, Sender], ended: threading.Event, once: bool, total: Tally) -> None:
    while not ended.is_set():
        tally = send_due(store, senders, lambda: datetime.now(UTC), stop=ended.is_set)
        total.sent += tally.sent
        total.put_off += tally.put_off
        total.given_up += tally.given_up
        if once:
            break
        ended.wait(IDLE_S)
    for sender in senders.values():
        sender.close()


def _senders(args: argparse.Namespace) -> dict[str, Sender]:
    found: dict[str, Sender] = {}
    if args.smtp:
        found["smtp"] = SmtpSender(_mail_server(args), args.sender)
    if args.webhook:
        found["webhook"] = WebhookSender(args.webhook, os.environ.get(SECRET, ""))
    if args.voice:
        found["voice"] = WebhookSender(args.voice, os.environ.get(SECRET, ""))
    return found


def _mail_server(args: argparse.Namespace) -> MailServer:
    host, colon, port = args.smtp.rpartition(":")
    if not colon or not port.isdigit():
        raise DispatchError(f"--smtp {args.smtp}: expected HOST:PORT")
    return MailServer(
        host=host.strip("[]"),
        port=int(port),
        security=args.smtp_security,
        user=args.smtp_user,
        password=_password(args),
        authorities=args.smtp_ca,
    )


def _password(args: argparse.Namespace) -> str | None:
    """The password out of a file or the environment: on a command line everybody could read it."""
    if args.smtp_user is None:
        return None
    if args.smtp_password_file is not None:
        return str(args.smtp_password_file.read_text(encoding="utf-8").rstrip("\r\n"))
    found = os.environ.get(PASSWORD)
    if found is None:
        raise DispatchError(f"--smtp-user {args.smtp_user}: set ${PASSWORD} or --smtp-password-file")
    return found

"""Messages leave the outbox once, whatever dies on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.messages.senders import MailServer as Server
from dispatch.messages.senders import NotSent, Sender, SmtpSender, WebhookSender, message_id, signature
from dispatch.messages.sending import LONGEST_PAUSE, MOST_TRIES, pause, send_due
from dispatch.store import Event, Store
from dispatch.store.outbox import Letter, claim, counts, put
from tests.dispatch.messages.receivers import MailServer, WebAddress

NOW = datetime(2026, 7, 14, 22, 0, tzinfo=UTC)
MANY = 300


def letter(nr: int, channel: str = "webhook", recipient: str = "+86 10 0000") -> Letter:
    return Letter(
        key=f"etr/O-1/{nr}", channel=channel, recipient=recipient, subject="停电 cut", text="来电 back"
    )


def fill(store: Store, letters: list[Letter]) -> None:
    event = Event(at=NOW, actor="test", source="board", kind="noted", subject="x")
    seq = store.record(event)[0]
    with store.writing() as connection:
        put(connection, seq, letters, NOW)


def test_the_same_key_is_written_once(store: Store) -> None:
    fill(store, [letter(1), letter(1), letter(2)])
    fill(store, [letter(2), letter(3)])
    assert counts(store) == {"waiting": 3}


def test_a_mail_says_who_what_and_which(store: Store, mail_server: MailServer) -> None:
    sent = letter(1, "smtp", "eva@example.org")
    fill(store, [sent])
    sender = SmtpSender(Server(host="127.0.0.1", port=mail_server.port), "duty@utility.example")
    assert send_due(store, {"smtp": sender}, lambda: NOW).sent == 1
    sender.close()
    mail = mail_server.mails[0]
    assert mail["To"] == "eva@example.org"
    assert mail["Subject"] == "停电 cut"
    assert mail["Message-ID"] == message_id(sent, "utility.example")
    assert mail.get_payload(decode=True).decode().strip() == "来电 back"  # type: ignore[union-attr]


def test_a_post_is_signed_and_carries_its_key(store: Store, web_address: WebAddress) -> None:
    fill(store, [letter(1)])
    send_due(store, {"webhook": WebhookSender(web_address.url, "shared")}, lambda: NOW)
    headers, body = web_address.posts[0]
    assert headers["Idempotency-Key"] == "etr/O-1/1"
    expected = signature(b"shared", headers["X-Gridcrew-Timestamp"], body)
    assert headers["X-Gridcrew-Signature"] == expected


def test_what_fails_is_tried_again_later_and_later(store: Store, web_address: WebAddress) -> None:
    web_address.answers[:] = [503, 429]
    fill(store, [letter(1)])
    senders = {"webhook": WebhookSender(web_address.url, "s")}
    at = NOW
    for tries in range(2):
        assert send_due(store, senders, lambda: at).put_off == 1  # noqa: B023
        assert send_due(store, senders, lambda: at).put_off == 0  # noqa: B023
        at += pause(tries)
    assert send_due(store, senders, lambda: at).sent == 1
    assert web_address.keys == ["etr/O-1/1"]


def test_what_can_never_work_is_given_up_with_its_reason(store: Store, mail_server: MailServer) -> None:
    fill(store, [letter(1, "smtp", "nobody@example.org"), letter(2, "smtp", "a@b\nBcc: x@y")])
    sender = SmtpSender(Server(host="127.0.0.1", port=mail_server.port), "duty@utility.example")
    assert send_due(store, {"smtp": sender}, lambda: NOW).given_up == 2
    assert counts(store) == {"failed": 2}
    assert mail_server.mails == []


def test_a_server_that_is_away_loses_nothing(store: Store) -> None:
    fill(store, [letter(1)])
    sender = WebhookSender("http://127.0.0.1:9/", "s", timeout_s=1)
    with pytest.raises(NotSent):
        sender.send(letter(1))
    assert send_due(store, {"webhook": sender}, lambda: NOW).put_off == 1
    assert counts(store) == {"waiting": 1}
    assert pause(MOST_TRIES) == LONGEST_PAUSE


def test_two_senders_never_claim_the_same_message(store: Store) -> None:
    fill(store, [letter(nr) for nr in range(MANY)])
    taken: list[int] = []

    def take() -> None:
        while found := claim(store, ["webhook"], 7, NOW, timedelta(minutes=5)):
            taken.extend(each.id for each in found)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == MANY


def test_a_claim_ends_with_its_lease(store: Store) -> None:
    fill(store, [letter(1)])
    lease = timedelta(minutes=5)
    assert len(claim(store, ["webhook"], 9, NOW, lease)) == 1
    assert claim(store, ["webhook"], 9, NOW + lease / 2, lease) == []
    assert len(claim(store, ["webhook"], 9, NOW + lease, lease)) == 1


def test_killed_half_way_none_is_lost_and_none_comes_twice_by_key(
    store: Store, url: str, mail_server: MailServer, web_address: WebAddress
) -> None:
    mails = [letter(nr, "smtp", f"c{nr}@example.org") for nr in range(MANY // 2)]
    posts = [letter(MANY + nr) for nr in range(MANY // 2)]
    fill(store, mails + posts)
    kill_half_way(url, mail_server, web_address)
    seen = len(mail_server.mails) + len(web_address.posts)
    assert 0 < seen < MANY
    senders: dict[str, Sender] = {
        "smtp": SmtpSender(Server(host="127.0.0.1", port=mail_server.port), "duty@utility.example"),
        "webhook": WebhookSender(web_address.url, "s"),
    }
    # By then the dead sender's leases have ended.
    send_due(store, senders, lambda: datetime.now(UTC) + timedelta(hours=1))
    ids = Counter(str(mail["Message-ID"]) for mail in mail_server.mails)
    keys = Counter(web_address.keys)
    assert set(ids) == {message_id(each, "utility.example") for each in mails}
    assert set(keys) == {each.key for each in posts}
    # At most what was on its way when each of the two workers died came again, under the same mark.
    assert sum(ids.values()) + sum(keys.values()) - MANY <= 2
    assert counts(store) == {"sent": MANY}


def kill_half_way(url: str, mail_server: MailServer, web_address: WebAddress) -> None:
    """Start a real sender and kill it without warning once it is well under way."""
    command = [sys.executable, "-m", "dispatch.cli", "messages", "send", "--database", url]
    command += ["--smtp", f"127.0.0.1:{mail_server.port}", "--from", "duty@utility.example"]
    command += ["--webhook", web_address.url]
    process = subprocess.Popen(command)
    ends = time.monotonic() + 60
    while len(mail_server.mails) + len(web_address.posts) < MANY // 3 and time.monotonic() < ends:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

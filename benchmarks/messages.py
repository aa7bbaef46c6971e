"""10,000 messages to a mail server and a web address on loopback, the sender killed half-way.

Run: python benchmarks/messages.py [COUNT]
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dispatch.messages.senders import message_id
from dispatch.store import Event, open_store
from dispatch.store.outbox import Letter, counts, put
from tests.dispatch.messages.receivers import MailServer, WebAddress

FROM = "duty@utility.example"


def main(count: int) -> None:
    """Fill an outbox, kill the first sender, let a second one finish, and count what arrived."""
    mail_server, web_address = MailServer(), WebAddress()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/day.sqlite"
        letters = fill(url, count)
        began = time.perf_counter()
        first = sender(url, mail_server.port, web_address.url)
        while arrived(mail_server, web_address) < count // 2:
            time.sleep(0.01)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        killed_at, took_s = arrived(mail_server, web_address), time.perf_counter() - began
        end_leases(url)
        sender(url, mail_server.port, web_address.url, "--once").wait()
        report(count, letters, mail_server, web_address, killed_at, took_s, counts(open_store(url)))


def fill(url: str, count: int) -> list[Letter]:
    """Write the messages, half of them mails."""
    store = open_store(url)
    now = datetime.now(UTC)
    seq = store.record(Event(at=now, actor="benchmark", source="board", kind="noted", subject="x"))[0]
    letters = [
        Letter(
            key=f"etr/O-{nr}",
            channel="smtp" if nr % 2 else "webhook",
            recipient=f"c{nr}@example.org" if nr % 2 else f"+56 51 {nr:07d}",
            subject="停电通知 Power cut",
            text="预计18:00前恢复供电。Supply is expected back by 18:00.",
        )
        for nr in range(count)
    ]
    with store.writing() as connection:
        put(connection, seq, letters, now)
    store.close()
    return letters


def sender(url: str, port: int, hook: str, *more: str) -> subprocess.Popen[bytes]:
    """Start the command that utilities run."""
    command = [sys.executable, "-m", "dispatch.cli", "messages", "send", "--database", url]
    command += ["--smtp", f"127.0.0.1:{port}", "--from", FROM, "--webhook", hook, *more]
    return subprocess.Popen(command)


def arrived(mail_server: MailServer, web_address: WebAddress) -> int:
    """How much both have taken."""
    return len(mail_server.mails) + len(web_address.posts)


def end_leases(url: str) -> None:
    """Do not wait ten minutes for the dead sender's claims to end."""
    import sqlite3  # noqa: PLC0415

    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("update outbox set due_at = '2000-01-01 00:00:00.000000' where state = 'claimed'")
    connection.close()


def report(count, letters, mail_server, web_address, killed_at, took_s, states) -> None:  # type: ignore[no-untyped-def]
    """Print what arrived, by key, and which of it came twice."""
    ids = Counter(str(mail["Message-ID"]) for mail in mail_server.mails)
    keys = Counter(web_address.keys)
    wanted = {message_id(each, "utility.example") for each in letters if each.channel == "smtp"}
    wanted_keys = {each.key for each in letters if each.channel == "webhook"}
    lost = len(wanted - set(ids)) + len(wanted_keys - set(keys))
    strange = len(set(ids) - wanted) + len(set(keys) - wanted_keys)
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{count} messages, killed after {killed_at} ({killed_at / took_s:.0f}/s with start-up)")
    print(f"lost {lost}, under an unknown key {strange}, states {states}")
    print(f"{cpu.ru_utime + cpu.ru_stime:.0f} CPU-s of the senders")
    for name, seen in (("mails by Message-ID", ids), ("posts by Idempotency-Key", keys)):
        again = {key: times for key, times in seen.items() if times > 1}
        print(f"{name}: {len(seen)} different, {sum(seen.values())} received, again: {again or 'none'}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)

"""Two sender processes over one outbox, on each database: every message goes out once."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime

from dispatch.store import Event, open_store
from dispatch.store.outbox import Letter, counts, put
from tests.dispatch.messages.receivers import WebAddress

MANY = 60


def test_two_senders_share_an_outbox_and_send_nothing_twice(url: str) -> None:
    store, now = open_store(url), datetime.now(UTC)
    seq = store.record(Event(at=now, actor="test", source="board", kind="noted", subject="x"))[0]
    letters = [
        Letter(key=f"etr/{nr}", channel="webhook", recipient=f"+56 {nr}", subject="停电", text="来电")
        for nr in range(MANY)
    ]
    with store.writing() as connection:
        put(connection, seq, letters, now)
    # With one worker each, two posts at the same time come from two processes: both have claimed.
    address = WebAddress(meeting=threading.Barrier(2))
    command = [sys.executable, "-m", "dispatch.cli", "messages", "send", "--once", "--workers", "1"]
    command += ["--database", url, "--webhook", address.url]
    senders = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [sender.communicate(timeout=120)[1] for sender in senders]
    address.close()
    assert Counter(address.keys) == Counter(letter.key for letter in letters)
    sent = [int(found[1]) for text in said if (found := re.search(r"(\d+) sent", text))]
    assert sum(sent) == MANY
    assert min(sent) > 0
    assert counts(store) == {"sent": MANY}
    store.close()

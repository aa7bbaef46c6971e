"""A mail server and a web address on loopback, small enough to be sure of."""

from __future__ import annotations

import email
import json
import socketserver
import threading
from dataclasses import dataclass, field
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class MailServer:
    """Takes mail; `refuse` answers so many messages with a passing error first."""

    refuse: int = 0
    mails: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        outer, lock = self, threading.Lock()

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.say("220 ready")
                while line := self.rfile.readline():
                    verb = line.strip().upper()
                    if verb.startswith(b"DATA"):
                        self.say("354 go on")
                        self.take()
                    elif verb.startswith(b"QUIT"):
                        return self.say("221 bye")
                    elif b"NOBODY@" in verb:
                        self.say("550 no such mailbox")
                    else:
                        self.say("250 fine")
                return None

            def take(self) -> None:
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line[1:] if line.startswith(b".") else line)
                with lock:
                    if outer.refuse > 0:
                        outer.refuse -= 1
                        return self.say("451 later")
                    outer.mails.append(email.message_from_bytes(b"".join(lines), policy=default))
                return self.say("250 taken")

            def say(self, text: str) -> None:
                self.wfile.write(text.encode() + b"\r\n")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Talk)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class WebAddress:
    """Takes posts; answers with the statuses in `answers` first, then 200.

    The first posts wait at `meeting` until so many have come at the same time.
    """

    answers: list[int] = field(default_factory=list)
    meeting: threading.Barrier | None = None
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        outer, lock = self, threading.Lock()

        class Talk(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.meeting is not None and len(outer.posts) < outer.meeting.parties:
                    outer.meeting.wait(timeout=60)
                with lock:
                    status = outer.answers.pop(0) if outer.answers else 200
                    if status == 200:
                        outer.posts.append((dict(self.headers.items()), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def keys(self) -> list[str]:
        return [json.loads(body)["key"] for _, body in self.posts]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

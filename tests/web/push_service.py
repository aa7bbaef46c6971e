"""A push service on loopback, and a phone that it rings: real HTTP, real sealing, keys of its own."""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Got = tuple[str, dict[str, str], bytes, float]


class PushService:
    """Takes what is sent; answers with what `answers` says, then with 201."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: list[int] = []
        self.came = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told = outer.answers.pop(0) if outer.answers else 201
                if told == 201:
                    with outer.came:
                        outer.got.append((self.path, dict(self.headers), body, time.monotonic()))
                        outer.came.notify_all()
                self.send_response(told)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int, seconds: float = 20.0) -> list[Got]:
        """What has come, once there is so much of it."""
        with self.came:
            self.came.wait_for(lambda: len(self.got) >= count, seconds)
            return list(self.got)

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Pocket:
    """A phone that a push service rings."""

    def __init__(self, service: PushService, name: str = "") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = secrets.token_bytes(16)
        self.path = f"/send/{name or secrets.token_hex(8)}"
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.place: dict[str, Any] = {
            "endpoint": f"http://127.0.0.1:{service.port}{self.path}",
            "keys": {"p256dh": text_of(point), "auth": text_of(self.secret)},
        }

    def read(self, body: bytes) -> dict[str, Any]:
        """What a message says, opened as a browser opens it."""
        opened = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        told: dict[str, Any] = json.loads(opened)
        return told


def text_of(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""The documented proxy, tried: TLS, news as they come, and half-open connections that end at it."""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.web.ports import lasting_port
from tests.web.served import Served, until


class Proxy:
    """nginx with the documented configuration before one server, on ports and certificates of its own."""

    def __init__(self, root: Path, folder: Path, server: Served) -> None:
        self.port, plain = lasting_port(), lasting_port()
        authority = trustme.CA()
        authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
            folder / "both.pem"
        )
        self.tls = ssl.create_default_context()
        authority.configure_trust(self.tls)
        text = (root / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        for old, new in (
            ("/run/nginx.pid", f"{folder}/nginx.pid"),
            ("/var/log/nginx/error.log", f"{folder}/error.log"),
            ("listen 80;", f"listen 127.0.0.1:{plain};"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            ("/etc/ssl/gridcrew.pem", f"{folder}/both.pem"),
            ("/etc/ssl/private/gridcrew.key", f"{folder}/both.pem"),
            ("127.0.0.1:8000", f"127.0.0.1:{server.port}"),
            ("client_header_timeout 10s", "client_header_timeout 2s"),
        ):
            assert old in text
            text = text.replace(old, new)
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        words = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
        self.process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        assert until(self.answers)

    def link(self) -> http.client.HTTPSConnection:
        """A connection by TLS."""
        return http.client.HTTPSConnection("localhost", self.port, timeout=30, context=self.tls)

    def answers(self) -> bool:
        """Whether it answers by now."""
        try:
            return self.get("/healthz")[0] == 200
        except OSError:
            return False

    def get(self, path: str, head: dict[str, str] | None = None) -> tuple[int, http.client.HTTPMessage]:
        """Ask once: status and headers."""
        link = self.link()
        link.request("GET", path, headers=head or {})
        got = link.getresponse()
        got.read()
        link.close()
        return got.status, got.headers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path / "server", more=("--https",))
    yield made
    made.end(signal.SIGKILL)


@pytest.fixture
def proxy(server: Served, root: Path, tmp_path: Path) -> Iterator[Proxy]:
    if shutil.which("nginx") is None:
        pytest.skip("no nginx on this machine (Debian: apt-get install nginx)")
    made = Proxy(root, tmp_path, server)
    yield made
    made.process.terminate()
    made.process.wait(20)


def test_people_come_by_tls_and_watchers_stay_outside(proxy: Proxy, server: Served) -> None:
    status, headers = proxy.get("/sign-in")
    assert status == 200
    assert "Secure" in (headers["Set-Cookie"] or "Secure")
    assert len(headers["X-Request-Id"]) == 32
    assert proxy.get("/metrics")[0] == 404
    assert server.ask("/metrics", token="")[0] == 200


def test_news_come_through_as_they_happen(proxy: Proxy, server: Served) -> None:
    link = proxy.link()
    link.request("GET", "/api/v1/events", headers={"Authorization": f"Bearer {server.token}"})
    stream = link.getresponse()
    assert b"hello" in stream.readline() + stream.readline() + stream.readline()
    began_s = time.monotonic()
    status, told = server.ask("/api/v1/requests", {"words": "no light", "customer": "C11"})
    assert status == 201
    # A proxy that buffers would keep it until the stream ends, after 55 s.
    while told["id"].encode() not in stream.readline():
        assert time.monotonic() - began_s < 30
    link.close()


def test_half_open_connections_end_at_the_proxy(proxy: Proxy) -> None:
    held = [
        proxy.tls.wrap_socket(
            socket.create_connection(("127.0.0.1", proxy.port), 20), server_hostname="localhost"
        )
        for _ in range(50)
    ]
    for each in held:
        each.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-a: ")
    assert proxy.get("/healthz")[0] == 200
    for each in held:
        assert b"200" not in each.recv(100)
        each.close()

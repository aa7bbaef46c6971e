"""Send `gridcrew serve` every odd question that HTTP can hold, and see that each is answered in words.

    python benchmarks/attack.py                          # about two minutes, on this machine's own address
    python benchmarks/attack.py --kinds bodies,hosts

Raw sockets, a small case, a server of its own that ends with the run. By kind:

    bodies      JSON without end, depth or sense, other character sets, wrong lengths, compressed floods
    heads       headers that are empty, long, repeated or nonsense, wherever a server may believe them
    hosts       names that no server has, with every kind of page
    addresses   methods, paths and queries that lead nowhere, or out of the house
    redirects   pages that lead to another server
    keys        one key of a sender for two bodies, two routes, or twelve times at once
    floods      600 questions that never end, 230 streams of one account

A question is answered badly where there is no answer, a 5xx that is none of `RIGHT`, a wait of more than
`PATIENCE_S`, another status than the kind says, or a traceback in the server's log. Prints a line for each
kind and each bad answer; status 1 where there was one.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import socket
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dispatch.store import open_store
from dispatch.store.accounts import TOKEN_ROLES, Accounts
from tests.web.served import Served

PATIENCE_S = 10.0
# How long a question that does not end is held open before the server says so; see `web/server/limits.py`.
UNENDED_S = 25.0
# What a server answers that does not know a way of sending, or has no room: words, and no fault.
RIGHT = frozenset({501, 503, 505})
JSON = "Content-Type: application/json"
EVIL = b"evil.example"
REQUESTS = "/api/v1/requests"
CALL = {"words": "no light", "lon": -71.25, "lat": -29.9}
SENT = json.dumps(CALL).encode()
WARNING = {"kind": "wind", "from": "2026-07-14T18:00:00-04:00", "until": "2026-07-15T00:00:00-04:00"}
Head = str | bytes


class Attack:
    """A server, tokens of every role, and what was answered."""

    def __init__(self, folder: Path) -> None:
        self.server = Served(folder, more=("--log-level", "info"))
        store = open_store(self.server.url)
        book = Accounts(store)
        self.tokens = {
            role: book.issue_token(f"a {role}", role, crew="crew-1" if role == "crew" else None)
            for role in TOKEN_ROLES
        }
        store.close()
        self.kind = ""
        self.statuses: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.longest_s: defaultdict[str, float] = defaultdict(float)
        self.bad: list[str] = []

    def ask(
        self,
        method: str,
        path: str,
        *heads: Head,
        body: bytes = b"",
        role: str | None = "dispatcher",
        host: Head | None = "localhost",
        sized: bool = True,
        expect: Collection[int] = (),
        patience_s: float = PATIENCE_S,
        silent: bool = False,
    ) -> bytes:
        """Ask once, and look at the answer.

        Parameters
        ----------
        sized : whether to say how long the body is.
        expect : the only statuses that are right; without it all but 5xx.
        silent : whether no answer at all is right too.
        """
        lines: list[Head] = [f"{method} {path} HTTP/1.1"]
        lines += [] if host is None else [b"Host: " + as_bytes(host)]
        lines += [] if role is None else [f"Authorization: Bearer {self.tokens[role]}"]
        lines += heads
        lines += [f"Content-Length: {len(body)}"] if sized and (body or method in ("POST", "PUT")) else []
        lines += ["Connection: close"]
        name = f"{method} {path}"[:70] + " ".join(str(each)[:40] for each in heads if each != JSON)
        name += "" if host == "localhost" else f" at {str(host)[:30]}"
        words = b"\r\n".join(map(as_bytes, lines)) + b"\r\n\r\n" + body
        return self.look(name, words, expect=expect, patience_s=patience_s, silent=silent)

    def look(
        self,
        name: str,
        words: bytes,
        *,
        expect: Collection[int] = (),
        patience_s: float = PATIENCE_S,
        silent: bool = False,
    ) -> bytes:
        """Send raw words, and look at the answer."""
        began_s = time.monotonic()
        answer = self._exchange(words, patience_s + 5)
        took_s, status = time.monotonic() - began_s, status_of(answer)
        self.statuses[self.kind][status] += 1
        self.longest_s[self.kind] = max(took_s, self.longest_s[self.kind])
        broken = status not in expect if expect else status >= 500 and status not in RIGHT
        if broken or (status == 0 and not silent) or took_s > patience_s:
            self.say(f"{name}: {status or 'no answer'} after {took_s:.1f} s {answer[:80]!r}")
        return answer

    def say(self, text: str) -> None:
        """Note a bad answer."""
        self.bad.append(f"{self.kind}: {text}")
        print("BAD", self.bad[-1], flush=True)

    def hold(self, words: bytes) -> socket.socket:
        """A connection that has said `words` and stays."""
        link = socket.create_connection(("127.0.0.1", self.server.port), timeout=5)
        link.sendall(words)
        return link

    def _exchange(self, words: bytes, timeout_s: float) -> bytes:
        answer = b""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=timeout_s) as link:
            try:
                link.sendall(words)
                while not is_whole(answer) and (part := link.recv(65536)):
                    answer += part
            except OSError:
                # Silent too long, or gone: what came so far is the answer.
                pass
        return answer


def as_bytes(text: Head) -> bytes:
    """A line of a head as it goes over the wire."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def status_of(answer: bytes) -> int:
    """The last status of an answer; 0 without one."""
    found = re.findall(rb"(?:^|\r\n\r\n)HTTP/1\.[01] (\d+)", answer)
    return int(found[-1]) if found and found[-1] != b"100" else 0


def is_whole(answer: bytes) -> bool:
    """Whether an answer has come to its end by what its head says."""
    answer = answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    head, blank, body = answer.partition(b"\r\n\r\n")
    size = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return bool(blank) and size is not None and len(body) >= int(size[1])


def bodies(attack: Attack) -> None:
    """JSON and forms that are none, and lengths that are wrong."""
    routes = (
        REQUESTS,
        "/api/v1/plans/try",
        "/api/v1/rulebook/try",
        "/api/v1/plans/routes",
        "/api/v1/weather",
    )
    for text in json_texts():
        for path in routes:
            attack.ask("POST", path, JSON, body=text.encode("utf-8", "surrogatepass"))
    for charset in ("utf-16", "utf-32", "gb18030", "cp037"):
        attack.ask("POST", REQUESTS, f"{JSON}; charset={charset}", body=json.dumps(CALL).encode(charset))
    types = ["text/plain", "", ";;;", "multipart/form-data", "multipart/form-data; boundary="]
    types += ["multipart/form-data; boundary=" + "a" * 5000, "application/json; charset=nonsense"]
    types += ["application/x-www-form-urlencoded; charset=utf-7", "application/" + "j" * 4000]
    for type_ in types:
        head = f"Content-Type: {type_}"
        attack.ask("POST", REQUESTS, head, body=SENT)
        attack.ask("POST", "/open311/v2/requests.json", head, body=b"service_code=hazard&description=a")
        attack.ask("POST", "/sign-in", head, body=b"name=a&password=b", role=None)
    for packed in (SENT, b"0" * 50_000_000):
        attack.ask("POST", REQUESTS, JSON, "Content-Encoding: gzip", body=gzip.compress(packed))
    lengths(attack)


def json_texts() -> list[str]:
    """Bodies that a parser may choke on."""
    numbers = ["NaN", "Infinity", "1e999", "1" + "0" * 30, "9" * 5000, "-0.0"]
    found = [f'{{"words":"a","lon":{number},"lat":1}}' for number in numbers]
    found += ["[" * 100_000, "[" * 50_000 + "]" * 50_000, '{"a":' * 20_000 + "1" + "}" * 20_000]
    found += ["", " ", "null", "[]", '"a"', "1", "true", '{"words":"a', "\ufeff{}", "{'a':1}", "{/*a*/}"]
    found += ['{"words":"\\ud800","lon":1,"lat":1}', '{"\\udfff":1}', '{"words":"a\\u0000"}']
    found += [json.dumps({"words": "x" * 3_000_000}), json.dumps({"k" * 1_000_000: 1})]
    found += [json.dumps({f"k{number}": 1 for number in range(100_000)}), json.dumps({"9" * 6000: 1})]
    return [*found, json.dumps({"words": ["a"] * 300_000}), '{"words":1.5}', '{"words":true}']


def lengths(attack: Attack) -> None:
    """Bodies of a length that is wrong, missing or told twice."""
    chunk = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SENT), SENT)
    chunked = "Transfer-Encoding: chunked"
    attack.ask("POST", REQUESTS, JSON, chunked, body=chunk, sized=False, expect={201})
    attack.ask("POST", REQUESTS, JSON, chunked, body=chunk, expect={201, 400})
    for way in ("gzip, chunked", "identity", "chunked, chunked", "xchunked", "\x0bchunked"):
        attack.ask("POST", REQUESTS, JSON, f"Transfer-Encoding: {way}", body=chunk, sized=False)
    for wrong in (b"zz\r\nabc", b"-1\r\nabc\r\n0\r\n\r\n"):
        attack.ask("POST", REQUESTS, JSON, chunked, body=wrong, sized=False, patience_s=UNENDED_S)
    for length in ("-1", "+5", "abc", "5,5", "9" * 30, "0x5", " "):
        head = f"Content-Length: {length}"
        attack.ask("POST", REQUESTS, JSON, head, body=b"hello", sized=False, patience_s=UNENDED_S)
    attack.ask("POST", REQUESTS, JSON, "Content-Length: 3", "Content-Length: 5", body=b"hello", sized=False)
    for path in ("/", "/api/v1/state", "/sign-in"):
        attack.ask("GET", path, "Expect: 100-continue")


def heads(attack: Attack) -> None:
    """Headers that somebody may believe, and what is no head at all."""
    found = ["If-Match: nonsense", "If-None-Match: *", "If-None-Match: " + '"x",' * 3000]
    found += ["If-Modified-Since: Sat, 99 Zzz 99999 99:99:99 GMT", "If-Range: x", "If-Unmodified-Since: -1"]
    found += ["Accept: " + "a/b," * 5000, "Accept: ;q=;", "Accept-Language: " + "zh;q=9e99," * 500]
    found += ["Accept-Language: *;q=NaN", "Accept-Encoding: gzip;q=0", "Accept-Encoding: " + "x," * 5000]
    found += [
        "Cookie: " + "a" * 16_000,
        "Cookie: " + "; ".join(f"a{n}=b" for n in range(2000)),
        "Cookie: =;=;;;",
    ]
    found += ["Cookie: gridcrew_session=.eJ;gridcrew_language=\x80\xff", "Cookie: session=" + "." * 4000]
    found += ["X-Request-Id: " + "a" * 60_000, "Last-Event-ID: " + "9" * 40, "Last-Event-ID: \u00b2"]
    found += ["Referer: \x80", "User-Agent: " + "u" * 50_000, "Expect: nonsense", "Upgrade: h2c"]
    found += ["Authorization: Bearer", "Authorization: Basic !!!", "Authorization: Bearer \u00e9\u00e9"]
    found += ["X-Forwarded-For: " + ", ".join(["1.2.3.4"] * 2000), "X-Forwarded-Host: evil.example"]
    found += [
        "X-Forwarded-Prefix: /evil.example",
        "X-Forwarded-Port: 99999999",
        "Forwarded: host=evil.example",
    ]
    found += ["X-HTTP-Method-Override: DELETE", "X-Original-URL: /accounts", "Origin: null"]
    for head in found:
        for path in ("/", "/api/v1/state", "/sign-in", "/api/v1/board"):
            answer = attack.ask("GET", path, head, role=None if path == "/sign-in" else "dispatcher")
            if EVIL in answer:
                attack.say(f"{head[:40]} is believed by {path}")
    for span in ("0-1", "-1", "5-2", "999999999-", ",".join(["0-1"] * 2000), "9" * 41 + "-", "abc", "0-0,-1"):
        for path in ("/static/css/base.css", "/api/v1/board", "/crews/crew-1/sheet.pdf", "/phone/sw.js"):
            attack.ask("GET", path, f"Range: bytes={span}")
    for key in ("k" * 30_000, b"\xff\xfe", "", "\t"):
        attack.ask("POST", REQUESTS, JSON, b"Idempotency-Key: " + as_bytes(key), body=SENT)
    raw_heads(attack)


def raw_heads(attack: Attack) -> None:
    """Words that are hardly a head."""
    well = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    for head in (b"nonsense\r\n", b"a b: c\r\n", b"X-A: b\r\n c\r\n", b"X-A: a\r\n" * 1000, b": a\r\n"):
        attack.look(f"head {head[:20]!r}", well + head + b"\r\n")
    for line in (
        b"GET /",
        b"GET  / HTTP/1.1",
        b"GET / HTTP/9.9",
        b"GET http://evil.example/healthz HTTP/1.1",
    ):
        attack.look(repr(line), line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200)
    for words in (hello, well.replace(b"\r\n", b"\n") + b"\n"):
        attack.look(f"unended {words[:20]!r}", words, expect={400, 408}, patience_s=UNENDED_S)


def hosts(attack: Attack) -> None:
    """Names that no server has."""
    found: list[Head | None] = ["evil.example", "evil.example:99999", "a b", "[::1", "x" * 5000, "", "x:abc"]
    found += ["evil.example/..", "evil.example@localhost", b"\xff", "localhost, evil", None, "..", "-", "%00"]
    for host in (*found, f"{'x' * 64}.example", "a..b", "[::1]:80", "1.2.3.4.5.6"):
        for path in (
            "/",
            "/sign-in",
            "/crews/crew-1/sheet",
            "/api/v1/state",
            "//evil.example/%2e%2e",
            "/nope",
        ):
            attack.ask("GET", path, host=host)


def addresses(attack: Attack) -> None:
    """Methods, paths and queries that lead nowhere."""
    for method in ("HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "PATCH", "DELETE", "get", "G" * 300):
        for path in ("/", "/api/v1/state", "/sign-in", "/static/css/base.css", "/phone", "/nope", "*"):
            attack.ask(method, path)
    for path in paths():
        for role in ("supervisor", "administrator", "planner"):
            attack.ask("GET", path, role=role)


def paths() -> Sequence[str]:
    """Paths and queries that may lead out of the house, or into a parser."""
    found = ["/" + "a" * 60_000, "/?" + "a=b&" * 15_000, "/?" + "a" * 60_000, "/%", "/%zz", "/%00", "/%ff"]
    found += ["/%c0%ae%c0%ae/", "/../../etc/passwd", "/static/../../etc/passwd", "/static/..%2f..%2fapp.py"]
    found += ["/static/%2e%2e/app.py", "/static/" + "a/" * 5000, "/static/" + "a" * 300, "/static/\x80"]
    found += ["/%e2%80%ae", "/;a=b", "/api/v1/jobs/" + "x" * 30_000, "/api/v1/why/%F0%9F%94%A5"]
    found += ["/api/v1/customers?q=" + "%25" * 9000, "/api/v1/customers?q=_%25", "/reply/" + "a/" * 3000]
    found += [
        "/scenarios/..%2f..%2f",
        "/scenarios/outline/..%2f..%2fetc%2fpasswd",
        "/scenarios/x/file/..%2f..",
    ]
    found += ["/scenarios/outline/" + "a" * 5000, "/rulebook?version=99999999999", "/api/v1/photos/..%2f"]
    found += ["/shift?day=-1", "/shift?hours=nan", "/promises?from=9999-12-25&to=9999-12-31"]
    found += [
        "/api/v1/shifts?since=0001-01-01T00:00:00Z",
        "/audit?before=99999999999999",
        "/security?before=-1",
    ]
    found += ["/api/v1/crews/crew-1/call-in?at=9999-12-31T23:59:59Z", "/api/v1/state?since=\u00b2"]
    return [*found, "/?lang=xx", "/?lang=zh-CN&lang=en", "/tonight?warning=%27"]


def redirects(attack: Attack) -> None:
    """Pages that lead to another server."""
    names = [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "/%09/evil.example",
        "///evil.example",
    ]
    names += ["/%0d%0aSet-Cookie:a=b", "/%5cevil.example", "javascript:alert(1)", "\\\\evil.example"]
    names += [
        "%2f%2fevil.example",
        "/%252f/evil.example",
        "http://localhost@evil.example",
        "/./\\evil.example",
    ]
    for name in names:
        answer = attack.ask("GET", f"/sign-in?next={name}", role=None)
        kept = re.search(rb'name="next"[^>]*value="([^"]*)"', answer)
        if kept is not None and (EVIL in kept[1] or not kept[1].startswith(b"/")):
            attack.say(f"{name} is kept as {kept[1]!r}")
    ways = [
        "//evil.example/sign-out",
        "/phones//calls/1",
        "//evil.example//",
        "/%2f%2fevil.example/urging/answer",
    ]
    ways += [
        "/\\evil.example/urging/answer",
        "/urging/answer?next=//evil.example",
        "/tonight/weather?a=%0d%0aX: y",
    ]
    for way in ways:
        for host in ("localhost", "evil.example"):
            answer = attack.ask("GET", way, host=host)
            where = re.search(rb"\r\nLocation: *([^\r\n]*)", answer, re.IGNORECASE)
            if where is not None and not re.match(rb"/(?![/\\])", where[1]):
                attack.say(f"{way} at {host} leads to {where[1]!r}")


def keys(attack: Attack) -> None:
    """One key for several things."""
    key, warning = "Idempotency-Key: shared-key-1", json.dumps(WARNING).encode()
    for role in ("dispatcher", "supervisor", "intake"):
        attack.ask("POST", REQUESTS, JSON, key, body=SENT, role=role, expect={201})
    attack.ask("POST", REQUESTS, JSON, key, body=SENT, expect={200})
    attack.ask("POST", "/api/v1/weather", JSON, key, body=warning, expect={409})

    def warn() -> None:
        attack.ask("POST", "/api/v1/weather", JSON, "Idempotency-Key: one-warning", body=warning)

    together = [threading.Thread(target=warn) for _ in range(12)]
    for each in together:
        each.start()
    for each in together:
        each.join()
    count = len(attack.server.ask("/api/v1/weather")[1]["warnings"])
    if count != 1:
        attack.say(f"twelve times one key made {count} warnings")


def floods(attack: Attack) -> None:
    """Questions that never end, and one account's wall of streams."""
    half = b"POST /api/v1/requests HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{"
    stream = "GET /api/v1/events?as=state&after=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n"
    held = [attack.hold(half) for _ in range(600)]
    attack.ask("GET", "/healthz", expect={200})
    held += [attack.hold(stream.format(attack.tokens["viewer"]).encode()) for _ in range(230)]
    mine = attack.hold(stream.format(attack.tokens["dispatcher"]).encode())
    if b"retry: 1000" not in said_by(mine):
        attack.say("a dispatcher finds no seat beside one viewer's streams")
    attack.ask("POST", REQUESTS, JSON, body=SENT, expect={201})
    for each in (*held, mine):
        each.close()
    attack.ask("GET", "/healthz", expect={200})


def said_by(link: socket.socket) -> bytes:
    """What a stream says until it names when to ask again."""
    found = b""
    while b"retry: " not in found and (part := link.recv(4000)):
        found += part
    return found


KINDS: dict[str, Callable[[Attack], None]] = {
    each.__name__: each for each in (bodies, heads, hosts, addresses, redirects, keys, floods)
}


def main() -> int:
    """Start the server, attack it, end it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", default=",".join(KINDS), help="default all")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gridcrew-") as folder:
        attack = Attack(Path(folder))
        try:
            for attack.kind in args.kinds.split(","):
                KINDS[attack.kind](attack)
        finally:
            status, log = attack.server.end(), attack.server.log.read_text()
    attack.kind = "server"
    for trace in re.findall(r"Traceback[^$]*?\n(\w[^\n]*)", log)[:10]:
        attack.say(f"traceback: {trace[:200]}")
    if status:
        attack.say(f"ended with status {status}")
    print(f"{'kind':<10} {'sent':>6} {'longest s':>10}  statuses")
    for kind, statuses in attack.statuses.items():
        told = ", ".join(f"{each or 'none'}: {count}" for each, count in sorted(statuses.items()))
        print(f"{kind:<10} {statuses.total():>6} {attack.longest_s[kind]:>10.1f}  {told}")
    print("bad:", len(attack.bad) or "nothing")
    return 1 if attack.bad else 0


if __name__ == "__main__":
    raise SystemExit(main())

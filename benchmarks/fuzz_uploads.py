"""Send files of every kind that the server takes, broken in every way that chance finds.

    python benchmarks/fuzz_uploads.py                  # three minutes
    python benchmarks/fuzz_uploads.py --minutes 10 --seed 7 --kinds policy,photo

Each file begins well: requests, crews, rosters, depots, customers and switches as CSV and Excel, planned
outages, a policy with its cases, a picture of a crew. Then bytes are changed, cut out, doubled or put in
between; of a workbook either the archive or the text of one of its parts. An answer of 500 or more is a
failure; the same seed sends the same files.
"""

from __future__ import annotations

import argparse
import io
import logging
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Flask
from fuzz import fuzz_app
from openpyxl import Workbook
from PIL import Image

CSV, EXCEL = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STANDING = ("crews", "roster", "depots", "customers", "switches")
MOST_CHANGES = 6
NASTY = (
    *(b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\r", b'"', b"'", b",", b";", b"\t", b"\n\n"),
    *(b"nan", b"inf", b"1e999", b"-1", b"9" * 400, b"0x10", b"=1+1", b"@A1", b"true", b"null", b"[]", b"{}"),
    *(b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59+14:00", b"2026-02-30", b"24:00", b"25:99"),
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"]]>", b"&a !!python/object:os.system", b"*a", b"<<: *a"),
    *("没电了".encode(), "🔥".encode(), b"A" * 40_000, b"../../etc/passwd", b"${x}", b"%s%n"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: a good one, and how it is sent."""

    good: bytes
    send: Callable[[bytes], Any]
    zipped: bool = False


def kinds(app: Flask, tokens: dict[str, str]) -> dict[str, Kind]:
    """Every kind of file that the server takes."""
    client = app.test_client()

    def ask(role: str, path: str, method: str = "POST", **sent: Any) -> Any:
        return client.open(path, method=method, headers={"Authorization": f"Bearer {tokens[role]}"}, **sent)

    return {**_tables(ask), **_policies(ask), "photo": _photo(ask)}


Ask = Callable[..., Any]


def _form(ask: Ask, path: str, name: str, field: str) -> Callable[[bytes], Any]:
    return lambda body: ask("supervisor", path, data={field: (io.BytesIO(body), name)})


def _tables(ask: Ask) -> dict[str, Kind]:
    """Requests, standing data and planned outages, as text and as workbooks."""
    found: dict[str, Kind] = {}
    requests = (
        b"id,received_at,words,channel,customer,lon,lat,phone\n"
        b"p1,2026-06-18T11:30:00Z,no light,phone,C01,,,+56 9 1\n"
        b"p2,2026-06-18T11:40:00Z,sparks,app,,-71.3,-29.9,\n"
    )
    for mime, ending in ((CSV, "csv"), (EXCEL, "xlsx")):
        body = requests if mime == CSV else _workbook(requests)
        found[f"requests.{ending}"] = _body(
            ask, "dispatcher", "/api/v1/requests/upload?take=good", mime, body
        )
        for kind in STANDING:
            good = ask("administrator", f"/standing/{kind}/file.{ending}", "GET").data
            found[f"{kind}.{ending}"] = _body(ask, "supervisor", f"/api/v1/standing/{kind}", mime, good)
    planned = (
        b"id,start,end,open,close,reason\n"
        b"P-1,2026-07-24T09:00:00-04:00,2026-07-24T12:00:00-04:00,BR-2,,one\n"
        b"P-2,2026-07-24T11:00:00-04:00,2026-07-24T13:00:00-04:00,FU-1,,two\n"
    )
    found["planned.csv"] = Kind(planned, _form(ask, "/planned", "planned.csv", "file"))
    found["planned.xlsx"] = Kind(
        _workbook(planned), _form(ask, "/planned", "planned.xlsx", "file"), zipped=True
    )
    return found


def _body(ask: Ask, role: str, path: str, mime: str, good: bytes) -> Kind:
    """A table that is the whole body of a request."""
    return Kind(good, lambda body: ask(role, path, data=body, content_type=mime), mime == EXCEL)


def _policies(ask: Ask) -> dict[str, Kind]:
    """A policy, and cases beside a sound one."""
    here = "/rulebook/versions"
    policy = files("rules").joinpath("packs/cn.yaml").read_bytes()
    cases = b"\n".join(files("rules").joinpath("packs/cn.cases.yaml").read_bytes().splitlines()[:8])

    def send(body: bytes) -> Any:
        parts = {"policy": (io.BytesIO(policy), "policy.yaml"), "cases": (io.BytesIO(body), "cases.yaml")}
        return ask("supervisor", here, data=parts)

    return {"policy": Kind(policy, _form(ask, here, "policy.yaml", "policy")), "cases": Kind(cases, send)}


def _photo(ask: Ask) -> Kind:
    """A picture of a phone, each under an id of its own."""
    picture, numbers = io.BytesIO(), iter(range(10**9))
    Image.effect_noise((60, 40), 30).save(picture, "JPEG")
    asked = "job=x&at=2026-06-18T12:00:00Z&sent_at=2026-06-18T12:00:00Z"

    def send(body: bytes) -> Any:
        return ask("crew", f"/api/v1/phone/photos/picture-{next(numbers):06d}?{asked}", "PUT", data=body)

    return Kind(picture.getvalue(), send)


def _workbook(table: bytes) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for line in table.decode().splitlines():
        book.active.append(line.split(","))
    book.save(out)
    return out.getvalue()


def broken(kind: Kind, chance: random.Random) -> bytes:
    """A good file, no longer good."""
    if not kind.zipped or chance.random() < 0.3:
        return _changed(kind.good, chance)
    with zipfile.ZipFile(io.BytesIO(kind.good)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(parts))
    parts[name] = _changed(parts[name], chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in parts.items():
            archive.writestr(each, content)
    return out.getvalue()


def _changed(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, MOST_CHANGES)):
        at = chance.randint(0, len(content))
        end = min(len(content), at + chance.choice((1, 3, 20, 400)))
        way = chance.randrange(5)
        if way == 0:
            content = content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]
        elif way == 1:
            content = content[:at] + content[end:]
        elif way == 2:
            content = content[:end] + content[at:end] * chance.choice((1, 2, 50)) + content[end:]
        elif way == 3:
            content = content[:at] + chance.choice(NASTY) + content[at:]
        else:
            content = content[:at] + chance.choice(NASTY) + content[end:]
    return content


def sent(all_: dict[str, Kind], number: int, until_s: float) -> Iterator[tuple[str, int, bytes]]:
    """Kind, status and content of one broken file after the other, until time is up."""
    chance = random.Random(number)
    while time.monotonic() < until_s:
        name = chance.choice(sorted(all_))
        content = broken(all_[name], chance)
        yield name, all_[name].send(content).status_code, content


def main() -> int:
    """Send for some minutes; 1 when something failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=3.0, help="default 3")
    parser.add_argument("--kinds", default="", help="default all")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    seen: defaultdict[str, Counter[int]] = defaultdict(Counter)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="gridcrew-fuzz-") as folder:
        app, tokens = fuzz_app(Path(folder), f"sqlite:///{folder}/day.sqlite")
        chosen = {
            name: kind
            for name, kind in kinds(app, tokens).items()
            if not given.kinds or name.split(".")[0] in given.kinds.split(",")
        }
        for name, kind in chosen.items():
            print(f"{name}: a good one is answered with {kind.send(kind.good).status_code}", flush=True)
        for name, status, content in sent(chosen, given.seed, time.monotonic() + 60 * given.minutes):
            seen[name][status] += 1
            if status >= 500:
                failures += 1
                print(f"{name}: {status} {content[:300]!r}", flush=True)
    for name, counts in sorted(seen.items()):
        print(f"{name}: " + ", ".join(f"{status}: {count}" for status, count in sorted(counts.items())))
    print(f"{sum(sum(each.values()) for each in seen.values())} files sent, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

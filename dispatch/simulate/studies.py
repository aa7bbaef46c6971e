"""Studies that run beside the program, one at a time, in a process that outlives a page and a server."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from ..ground.errors import DispatchError, Fault, InputFaults, nearest
from .kept import kept_records
from .made_of import recorded
from .package import NAME as PACKAGE
from .report import Report
from .scenario import Study
from .scenario_file import read_study, study_of, write_yaml
from .variations import Order, varied

State = Literal["running", "done", "cancelled", "failed"]
ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
FILM = re.compile(r"film-\d+-[a-z0-9-]+-\d+\.json")
MOST_KEPT = 50
SCENARIO, STATUS, ORDER, LOG = "scenario.yaml", "status.json", "order.json", "log.txt"
# Of a study's folder, what a page may hand out.
FILES = ("report.html", "report.pdf", "answers.json", SCENARIO, PACKAGE)


class Busy(DispatchError):
    """Another study is running."""


class NoStudy(DispatchError):
    """There is no such study or scenario."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A study on the disk.

    Parameters
    ----------
    status : state, done, total, seconds, stage and what else `gridcrew simulate --status` tells.
    """

    id: str
    order: Mapping[str, Any]
    status: Mapping[str, Any]

    @property
    def state(self) -> State:
        """Whether it runs, or how it ended."""
        return self.status["state"]  # type: ignore[no-any-return]


@dataclass(kw_only=True)
class Studies:
    """The studies of a case.

    Parameters
    ----------
    folder : where they are kept.
    scenarios : folder with the case's scenario files.
    processes : how many each study computes with.
    """

    folder: Path
    scenarios: Path
    processes: int = 1
    _lock: Lock = field(default_factory=Lock)
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def scenario_names(self) -> list[str]:
        """Scenarios to choose from."""
        return sorted(path.stem for path in self.scenarios.glob("*.yaml")) if self.scenarios.is_dir() else []

    def scenario(self, name: str) -> Study:
        """Read one of them.

        Raises
        ------
        NoStudy, InputFaults
            There is none of that name, or it is not sound.
        """
        known = self.scenario_names()
        if name not in known:
            raise NoStudy(f"there is no scenario '{name}'{nearest(name, known)}")
        return read_study(self.scenarios / f"{name}.yaml")

    def start(self, order: Order, now: datetime, by: str) -> str:
        """Start a study in a process of its own.

        Raises
        ------
        Busy, NoStudy, InputFaults
            One is running; there is no such scenario; what is asked for is not sound.
        """
        content = self._content(order)
        with self._lock:
            if self.running() is not None:
                raise Busy("another study is running; cancel it or wait for it")
            id_ = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
            home = self.folder / id_
            home.mkdir(parents=True)
            self._write_files(home, order, content, now, by)
            with (home / LOG).open("wb") as log:
                self._children[id_] = subprocess.Popen(
                    self._command(order, home),
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                    cwd=home,
                )
            (home / "pid").write_text(str(self._children[id_].pid))
            self._forget_old()
        return id_

    def _content(self, order: Order) -> dict[str, Any]:
        """The scenario file of an order, checked as if it were read."""
        study = self.scenario(order.scenario)
        names = [each.name for each in order.alternatives]
        faults = [
            Fault(file="order", place="alternatives", text=f"two are called '{name}'")
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]
        for each in order.alternatives:
            if each.of not in study.alternatives:
                hint = nearest(each.of, study.alternatives)
                faults.append(
                    Fault(file="order", place=each.name, text=f"there is no alternative '{each.of}'{hint}")
                )
        if faults:
            raise InputFaults(faults)
        content = varied(study, order) | {"case": str(study.case_folder)}
        study_of(content, self.scenarios, "order")
        return content

    def _write_files(
        self, home: Path, order: Order, content: Mapping[str, Any], now: datetime, by: str
    ) -> None:
        write_yaml(home / SCENARIO, content)
        said = {**order.model_dump(mode="json"), "by": by, "at": now.isoformat()}
        (home / ORDER).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        waiting = {"state": "running", "done": 0, "total": 0, "seconds": 0.0, "stage": "start"}
        (home / STATUS).write_text(json.dumps(waiting), encoding="utf-8")

    def _command(self, order: Order, home: Path) -> list[str]:
        words = [sys.executable, "-m", "dispatch.cli", "simulate", SCENARIO, "--quiet", "--out", str(home)]
        words += ["--replications", str(order.replications), "--seed", str(order.seed)]
        words += ["--processes", str(self.processes), "--status", str(home / STATUS)]
        if order.crews_for_h is not None:
            return [*words, "--crews-for", str(order.crews_for_h), "--certainty", str(order.certainty)]
        return [*words, "--film", "median"]

    def all(self) -> list[Kept]:
        """Every study, the newest first."""
        if not self.folder.is_dir():
            return []
        ids = sorted((each.name for each in self.folder.iterdir() if ID.fullmatch(each.name)), reverse=True)
        return [self.get(id_) for id_ in ids]

    def get(self, id_: str) -> Kept:
        """A study by its id.

        Raises
        ------
        NoStudy
            There is none.
        """
        home = self._home(id_)
        try:
            order = json.loads((home / ORDER).read_text(encoding="utf-8"))
            status = json.loads((home / STATUS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise NoStudy(f"there is no study '{id_}'") from None
        if status["state"] == "running" and not self._alive(id_, home):
            status |= {"state": "failed", "text": _last_line(home / LOG)}
        return Kept(id=id_, order=order, status=status)

    def running(self) -> Kept | None:
        """The study that is running."""
        return next((each for each in self.all() if each.state == "running"), None)

    def cancel(self, id_: str) -> None:
        """Ask a study to end with what it has."""
        home = self._home(id_)
        if self.get(id_).state == "running":
            with suppress(ProcessLookupError, ValueError, OSError):
                os.kill(int((home / "pid").read_text()), signal.SIGTERM)

    def remove(self, id_: str) -> None:
        """Forget a study that has ended."""
        if self.get(id_).state == "running":
            raise Busy("it is still running; cancel it first")
        shutil.rmtree(self._home(id_))

    def file(self, id_: str, name: str) -> Path:
        """A file of a study that may be handed out.

        Raises
        ------
        NoStudy
            There is none.
        """
        path = self._home(id_) / name
        if not (name in FILES or FILM.fullmatch(name)) or not path.is_file():
            raise NoStudy(f"study '{id_}' has no file '{name}'")
        return path

    def films(self, id_: str) -> list[str]:
        """Names of a study's films, in the order of its alternatives."""
        return sorted(each.name for each in self._home(id_).glob("film-*.json") if FILM.fullmatch(each.name))

    def report(self, id_: str, language: str) -> Report | None:
        """What a study has found so far; None before every alternative has lived through one day."""
        kept = self.get(id_)
        home = self._home(id_)
        if not (home / "study.json").is_file():
            return None
        study = Study.model_validate_json((home / "study.json").read_text(encoding="utf-8"))
        records = kept_records(study, int(kept.order["replications"]), int(kept.order["seed"]), home)
        if not len(next(iter(records.values()), ())):
            return None
        seed = int(kept.order["seed"])
        return Report(study=study, records=records, seed=seed, language=language, made=recorded(home))

    def staging(self, id_: str) -> Mapping[str, Any]:
        """Where the crews of staged alternatives were put."""
        path = self._home(id_) / "staging.json"
        found: Mapping[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
        return found

    def crews(self, id_: str) -> Mapping[str, Any] | None:
        """The answer to "how many crews", where that was asked."""
        path = self._home(id_) / "crews.json"
        return json.loads(path.read_text()) if path.is_file() else None

    def _home(self, id_: str) -> Path:
        if not ID.fullmatch(id_) or not (self.folder / id_).is_dir():
            raise NoStudy(f"there is no study '{id_}'")
        return self.folder / id_

    def _alive(self, id_: str, home: Path) -> bool:
        """Whether the process of a study is there: our own child, or one that an earlier server began."""
        child = self._children.get(id_)
        if child is not None:
            return child.poll() is None
        try:
            pid = int((home / "pid").read_text())
            os.kill(pid, 0)
        except (OSError, ValueError):
            # Between making the folder and starting the process there is no number yet.
            return False
        return _is_of_study(pid, id_)

    def _forget_old(self) -> None:
        for old in self.all()[MOST_KEPT:]:
            if old.state != "running":
                shutil.rmtree(self.folder / old.id, ignore_errors=True)


def _is_of_study(pid: int, id_: str) -> bool:
    """Whether a process is the study's and not another that was given its number later."""
    process = Path(f"/proc/{pid}")
    try:
        words = (process / "cmdline").read_bytes()
        state = (process / "stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return not process.parent.is_dir()
    # A process that is just being started has no words yet; one that has ended has none any more.
    return id_.encode() in words or (not words and state != "Z")


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1][:500] if lines else "the process ended without a word"

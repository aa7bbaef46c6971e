"""`gridcrew simulate SCENARIO`: many made-up days, and what they say."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from ..ground.errors import Fault, InputFaults
from ..simulate.crews import fewest_crews
from ..simulate.film import write_films
from ..simulate.kept import kept_records
from ..simulate.made_of import made_of, recorded
from ..simulate.package import NAME as PACKAGE
from ..simulate.package import Packed, pack, unpack
from ..simulate.recording import recorded_lives, write_replay
from ..simulate.replays import account_of, write_account
from ..simulate.report import summary_text
from ..simulate.report_folder import write_report
from ..simulate.scenario import Scenario, Study
from ..simulate.scenario_check import check_study
from ..simulate.scenario_docs import settings_tables
from ..simulate.scenario_file import read_study, write_study
from ..simulate.staging import staged_study
from ..simulate.study import Record, run_study, shared_world
from .options import positive, stop_on_signal, whole

INTERRUPTED = 130
# Numbers of replications for one study; beyond this the report itself grows slow.
MOST_REPLICATIONS = 100_000


class Stopped(Exception):
    """Somebody asked to stop; what is done is kept."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Simulate days with the same planning as the board and report the results. "
        "Ctrl-C ends after what is done and still writes the report; the same command goes on from there."
    )
    parser.add_argument(
        "scenario",
        type=Path,
        nargs="?",
        help="a scenario file (docs/scenarios.md), or a study.zip that is to be repeated",
    )
    parser.add_argument("--settings", action="store_true", help="print every setting of a scenario file")
    parser.add_argument("--check", action="store_true", help="only check the scenario against its case")
    parser.add_argument(
        "--replications", type=whole, metavar="N", help="default 20; of a packed study, its own"
    )
    parser.add_argument("--seed", type=whole, help="default 1; of a packed study, its own")
    parser.add_argument("--out", type=Path, help="folder for the records and the report")
    parser.add_argument("--processes", type=whole, default=1, help="default 1")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to compute on")
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="of the report (default en)")
    parser.add_argument(
        "--film",
        metavar="N",
        help="also write the film of replication N of each alternative; 'median' takes the middle one",
    )
    parser.add_argument(
        "--crews-for",
        metavar="HOURS",
        type=positive,
        help="instead: the fewest crews with which 90 %% of customers are back in so many hours",
    )
    parser.add_argument(
        "--certainty", type=positive, default=0.9, help="with --crews-for: share of days (default 0.9)"
    )
    parser.add_argument(
        "--record",
        metavar="URL",
        help="instead: write the outages in a running day's database, of the scenario's hours, to --out as "
        "the CSV of a replay",
    )
    parser.add_argument("--status", type=Path, metavar="FILE", help="keep progress in a JSON file")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(args: argparse.Namespace) -> int:
    """Simulate, write the report, print the summary."""
    if args.settings:
        print(settings_tables(), end="")
        return 0
    with contextlib.ExitStack() as stack:
        args.packed = _unpacked(args, stack)
        args.replications = args.replications or (args.packed.replications if args.packed else 20)
        args.seed = args.seed if args.seed is not None else args.packed.seed if args.packed else 1
        return _run(args)


def _unpacked(args: argparse.Namespace, stack: contextlib.ExitStack) -> Packed | None:
    """A packed study, checked and unpacked beside its results."""
    if args.scenario is None or args.scenario.suffix != ".zip":
        return None
    folder = args.out / "package" if args.out else Path(stack.enter_context(tempfile.TemporaryDirectory()))
    packed = unpack(args.scenario, folder)
    args.scenario = packed.scenario
    return packed


def _run(args: argparse.Namespace) -> int:
    study = _study(args)
    if args.check:
        print(f"{args.scenario}: sound, {len(study.alternatives)} alternatives")
        for said in _replays(study):
            print(said)
        return 0
    if args.record:
        return _record(study, args)
    args.out.mkdir(parents=True, exist_ok=True)
    with stop_on_signal() as stop:
        status = Status(args.status, quiet=args.quiet, stop=stop)
        try:
            study = _staged(study, args, status)
            return _crews(study, args, status) if args.crews_for else _simulate(study, args, status)
        except BaseException as error:
            status.end("failed", text=str(error))
            raise


def _study(args: argparse.Namespace) -> Study:
    """The study, checked against its case too; all that is wrong with the command is told as input."""
    wrong = []
    if args.scenario is None:
        wrong.append(Fault(file="simulate", place="SCENARIO", text="which scenario?"))
    if args.out is None and not args.check:
        wrong.append(Fault(file="simulate", place="--out", text="where to?"))
    if not 1 <= args.replications <= MOST_REPLICATIONS:
        text = f"{args.replications}; expected 1 to {MOST_REPLICATIONS:,}"
        wrong.append(Fault(file="simulate", place="--replications", text=text))
    if args.certainty > 1:
        text = f"{args.certainty:g}; expected a share, at most 1"
        wrong.append(Fault(file="simulate", place="--certainty", text=text))
    if args.film not in (None, "median") and not args.film.isdecimal():
        text = f"'{args.film}'; expected a replication's number or 'median'"
        wrong.append(Fault(file="simulate", place="--film", text=text))
    if wrong:
        raise InputFaults(wrong)
    study = read_study(args.scenario)
    for asked in check_study(study, shared_world(study.case_folder), args.scenario.name):
        print(f"to be looked at: {asked}", file=sys.stderr)
    return study


def _replays(study: Study, out: Path | None = None) -> list[str]:
    """What becomes of recorded outages, as sentences; record by record in files of `out`."""
    elements, said = shared_world(study.case_folder).elements, []
    for at, (name, scenario) in enumerate(study.alternatives.items()):
        if (replay := scenario.damage.replay) is not None:
            account = account_of(elements, replay, scenario.hours)
            said.append(f"{name}: {account.text}")
            if out is not None:
                write_account(out / f"records-{at}.csv", account, elements)
    return said


def _record(study: Study, args: argparse.Namespace) -> int:
    """Write what really happened in the hours of the scenario, to be lived through again."""
    from ..store import open_store  # noqa: PLC0415 - no database is needed for anything else here

    scenario = study.alternatives[study.base]
    store = open_store(args.record)
    try:
        lives = recorded_lives(store, scenario.start, scenario.start + timedelta(hours=scenario.hours))
    finally:
        store.close()
    lost = write_replay(args.out, lives, shared_world(study.case_folder), scenario.start)
    print(f"{args.out}: {len(lives) - len(lost)} outages that were restored")
    if lost:
        print(f"left out, nobody can tell what broke: {', '.join(lost)}", file=sys.stderr)
    return 0


def _staged(study: Study, args: argparse.Namespace, status: Status) -> Study:
    """The study with crews placed where its alternatives ask for it; written down as it is lived through."""
    if any(each.staging is not None for each in study.alternatives.values()):
        status.stage("staging")
        study, found = staged_study(study, shared_world(study.case_folder), args.seed)
        said = {name: asdict(placing) for name, placing in found.items()}
        (args.out / "staging.json").write_text(json.dumps(said, indent=1), encoding="utf-8")
    (args.out / "study.json").write_text(study.model_dump_json(), encoding="utf-8")
    return study


class Status:
    """Progress for people on standard error, for programs in a file; and the question whether to go on."""

    def __init__(self, path: Path | None, *, quiet: bool, stop: Callable[[], bool]) -> None:
        self.path, self.quiet, self.stop = path, quiet, stop
        self.said: dict[str, Any] = {"state": "running", "done": 0, "total": 0, "seconds": 0.0, "stage": ""}
        self._write()

    def stage(self, name: str) -> None:
        """Begin another part of the work."""
        self.said.update(stage=name, done=0, total=0, seconds=0.0)
        self._write()

    def progress(self, done: int, total: int, seconds: float) -> None:
        """Report; raises Stopped when somebody asked to stop."""
        self.said.update(done=done, total=total, seconds=round(seconds, 1))
        self._write()
        if not self.quiet:
            left_s = seconds / done * (total - done) if done else 0.0
            line = f"\r{done} of {total} replications, {left_s:.0f} s left \x1b[K"
            print(line, end="", file=sys.stderr, flush=True)
        if self.stop():
            raise Stopped

    def end(self, state: str, **more: Any) -> None:
        """Say how it ended."""
        self.said.update(state=state, **more)
        self._write()
        if not self.quiet:
            print(file=sys.stderr)

    def _write(self) -> None:
        if self.path is not None:
            beside = self.path.with_suffix(".part")
            beside.write_text(json.dumps(self.said, ensure_ascii=False), encoding="utf-8")
            os.replace(beside, self.path)


def _say_what_changed(study: Study, out: Path) -> None:
    """Results of another case, policy or version are left alone, and nobody takes them for new ones."""
    before = recorded(out)
    changed = before.differs(made_of(study)) if before is not None else []
    if changed:
        said = (
            f"{', '.join(changed)} changed since the results in {out} were computed: they are computed anew"
        )
        print(said, file=sys.stderr)


def _simulate(study: Study, args: argparse.Namespace, status: Status) -> int:
    stopped = False
    _say_what_changed(study, args.out)
    try:
        status.stage("replications")
        records = _records(study, args, status)
    except Stopped:
        stopped = True
        records = kept_records(study, **_options(args))
    count = len(next(iter(records.values()), ()))
    if not count:
        status.end("cancelled")
        print("stopped before the first replication of every alternative was done", file=sys.stderr)
        return INTERRUPTED
    films: list[str] = []
    if args.film is not None and not stopped:
        status.stage("films")
        films = write_films(args.out, study, records, args.film, args.seed)
    status.stage("report")
    lost = _write(study, args, records)
    status.end(
        "cancelled" if stopped else "done", replications=count, films=films, **_told_of(lost, args.out)
    )
    _tell(study, args.out, records, [*lost, *(f"film: {args.out / film}" for film in films)])
    return INTERRUPTED if stopped else 0


def _write(study: Study, args: argparse.Namespace, records: Mapping[str, list[Record]]) -> list[str]:
    """The report and the scenario as one file; a sentence for what could not be written."""
    lost = write_report(args.out, study, records, args.seed, args.language, recorded(args.out))
    if args.scenario.resolve() != (args.out / "scenario.yaml").resolve():
        write_study(args.out / "scenario.yaml", study)
    return [*lost, *_replays(study, args.out), *_packed(study, args, records)]


def _packed(study: Study, args: argparse.Namespace, records: Mapping[str, list[Record]]) -> list[str]:
    """The study as one file; and whether a packed one found the same again."""
    said: list[str] = []
    made, count = recorded(args.out), len(next(iter(records.values())))
    if args.packed is not None and made is not None:
        asked = (args.packed.replications, args.packed.seed)
        answers = json.loads((args.out / "answers.json").read_text(encoding="utf-8"))
        said += args.packed.told(answers, made) if asked == (count, args.seed) else []
    try:
        said += [f"as one file: {pack(args.out, study, count, args.seed, made)}"] if made else []
    except (InputFaults, OSError) as error:
        said.append(f"not packed as one file: {error}")
    return said


def _told_of(said: Sequence[str], out: Path) -> dict[str, Any]:
    """What a page may show of the end."""
    return {"text": "; ".join(said), "package": (out / PACKAGE).is_file()}


def _tell(study: Study, out: Path, records: Mapping[str, list[Record]], more: Sequence[str]) -> None:
    print(summary_text(study, records))
    written = [out / name for name in ("report.html", "report.pdf") if (out / name).is_file()]
    print("\n".join([f"report: {', '.join(map(str, written)) or 'none'}", *more]))


def _options(args: argparse.Namespace) -> dict[str, Any]:
    return {"replications": args.replications, "seed": args.seed, "out": args.out}


def _records(study: Study, args: argparse.Namespace, status: Status) -> dict[str, list[Record]]:
    try:
        return run_study(
            study,
            **_options(args),
            processes=max(1, args.processes),
            scheduler=args.scheduler,
            on_progress=status.progress,
            on_lost=lambda said: print(f"\n{said}", file=sys.stderr, flush=True),
        )
    except (KeyboardInterrupt, RuntimeError) as error:
        # Ctrl-C reaches the worker processes too, and joblib then says that it lost them.
        if status.stop():
            raise Stopped from error
        raise


def _crews(study: Study, args: argparse.Namespace, status: Status) -> int:
    """What was tried, and the fewest crews of the base that keep the promise."""

    def records_of(scenario: Scenario) -> list[Record]:
        status.stage(f"{sum(group.count for group in scenario.crews)} crews")
        alone = study.model_copy(update={"alternatives": {"crews": scenario}})
        return _records(alone, args, status)["crews"]

    base = study.alternatives[study.base]
    try:
        answer = fewest_crews(base, records_of, within_h=args.crews_for, certainty=args.certainty)
    except Stopped:
        status.end("cancelled")
        print("stopped; what was simulated is kept", file=sys.stderr)
        return INTERRUPTED
    trials = [{"crews": t.crews, "share": t.share, "low": t.low, "high": t.high} for t in answer.trials]
    said = {
        "hours": args.crews_for,
        "certainty": args.certainty,
        "crews": answer.crews,
        "trials": trials,
        "replications": args.replications,
        "seed": args.seed,
    }
    (args.out / "crews.json").write_text(json.dumps(said, indent=1), encoding="utf-8")
    status.end("done", crews=answer.crews)
    for trial in answer.trials:
        print(f"{trial.crews:4d} crews: {trial.share:.0%} of days ({trial.low:.0%} to {trial.high:.0%})")
    promise = f"90 % back in {args.crews_for:g} h on {args.certainty:.0%} of days"
    if answer.crews is None:
        print(f"{promise}: no number of crews that was tried will do")
    else:
        print(f"{promise}: {answer.crews} crews")
    return 0

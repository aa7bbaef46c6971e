"""`gridcrew case compare` and `gridcrew case night`: what tonight's export changes, and what becomes of it.

The exit status is for whoever starts it at night: 0 all is done or nothing differs, 1 a person has to decide,
2 the files cannot be used, or the server cannot be reached; nothing has been changed then.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..ground.case import Case
from ..ground.errors import Fault, InputFaults
from ..intake.case import load_case
from ..intake.comparing import Difference, differences
from ..intake.mapping import import_case, read_mapping
from ..intake.nightly import switches_csv, with_transformers
from ..intake.telling import faults_told, report_told, told
from .to_server import Server

DONE, A_PERSON, BAD_INPUT = 0, 1, 2
MOST_GONE_PERCENT = 10.0
SENT = ("depots", "crews", "roster", "switches", "customers")
"""In this order: crews are based at depots, and rosters are of crews."""
AT_START = ("transformers", "lines")
WAITING = "-waiting"
NOTE = "nightly import"


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the two commands."""
    compare = commands.add_parser("compare", help="what one case folder changes of another; 1 where it does")
    compare.add_argument("before", type=Path)
    compare.add_argument("after", type=Path)
    night = commands.add_parser("night", help="import tonight's export, compare it, and put it in force")
    night.add_argument("mapping", type=Path, help="what `case new` wrote")
    night.add_argument("--case", type=Path, required=True, help="the case folder in force")
    night.add_argument("--server", metavar="URL", default="", help="of the room that runs on it")
    night.add_argument("--token-file", type=Path, help="a file with a token of role planner or supervisor")
    night.add_argument(
        "--put-in-force", action="store_true", help="at once, where the token may; else it waits for a person"
    )
    night.add_argument(
        "--most-gone",
        type=float,
        default=MOST_GONE_PERCENT,
        metavar="PERCENT",
        help="of any kind; above it a person decides (default 10)",
    )
    for each in (compare, night):
        each.add_argument("--lang", choices=("en", "zh"), default="en", help="of what is said (default en)")


def compare(before: Path, after: Path, language: str) -> int:
    """Say what differs between two folders."""
    try:
        found = differences(load_case(before), load_case(after))
    except InputFaults as faults:
        print(faults_told(faults, language), file=sys.stderr)
        return BAD_INPUT
    _say(found, language)
    return A_PERSON if found else DONE


def night(args: argparse.Namespace) -> int:
    """Import, compare, and put in force or leave for a person."""
    try:
        return _Night(args).run()
    except InputFaults as faults:
        print(faults_told(faults, args.lang), file=sys.stderr)
        return BAD_INPUT


def _say(found: Sequence[Difference], language: str) -> None:
    for each in found:
        for line in each.lines():
            print(told(line, language))
    if not found:
        print(told("nothing differs", language))


@dataclass(frozen=True, slots=True)
class _Night:
    args: argparse.Namespace

    def run(self) -> int:
        case = Path(self.args.case)
        before, server = load_case(case), self.server()
        with tempfile.TemporaryDirectory(dir=case.resolve().parent, prefix=f".{case.name}.") as folder:
            mapping, new = read_mapping(self.args.mapping), Path(folder) / "new"
            made = import_case(mapping, new)
            for line in report_told(made.brought, self.args.lang):
                print(line)
            found = differences(before, made.case)
            _say(found, self.args.lang)
            if server is not None:
                kinds = [
                    kind for kind in SENT if kind in mapping.tables or (kind == "switches" and mapping.grid)
                ]
                return self.to_server(server, new, before, made.case, kinds, found)
            return self.lay(new, self.large(before, found)) if found else DONE

    def server(self) -> Server | None:
        """The room to send to.

        Raises
        ------
        InputFaults
            Its address or the token's file cannot be used.
        """
        if not self.args.server:
            return None
        if self.args.token_file is None:
            raise InputFaults([Fault(file="--token-file", place="", text="missing; a server wants a token")])
        return Server.at(self.args.server, self.args.token_file)

    def large(self, before: Case, found: Sequence[Difference]) -> str:
        """Why a person has to decide; empty where nobody has to."""
        for each in found:
            share = 100 * len(each.gone) / each.before if each.before else 0.0
            if share > self.args.most_gone:
                return f"{each.kind}: {share:.0f} % would be gone; a person decides"
        most = before.settings.second_person_from_rows
        count = sum(each.count for each in found)
        if 0 < most <= count:
            return f"{count:,} rows differ; from {most:,} on a second person decides"
        return ""

    def to_server(
        self,
        server: Server,
        new: Path,
        before: Case,
        after: Case,
        kinds: Sequence[str],
        found: Sequence[Difference],
    ) -> int:
        """Send each kind to the room, which holds it against what is in force there; its folder stays."""
        waits = False
        for kind in kinds:
            rows = self.rows(kind, new, before, after)
            sent = server.send(
                kind, rows, most_gone_percent=self.args.most_gone, at_once=self.args.put_in_force, note=NOTE
            )
            print(told(sent.said, self.args.lang))
            waits = waits or sent.waits
        if any(each.kind in AT_START for each in found):
            return self.lay(new, "the grid itself takes effect when the server starts next")
        return A_PERSON if waits else DONE

    def rows(self, kind: str, new: Path, before: Case, after: Case) -> bytes:
        """A table for the server, without customers of transformers that its grid does not have."""
        if kind == "switches":
            return switches_csv(after.grid, before.grid)
        data = (new / f"{kind}.csv").read_bytes()
        if kind != "customers":
            return data
        known = set(map(str, before.grid.transformers.ids.tolist()))
        kept, left = with_transformers(data, known)
        if left:
            text = (
                f"customers: {left:,} hang on transformers that the grid in force does not have; "
                f"they come with it"
            )
            print(told(text, self.args.lang))
        return kept

    def lay(self, folder: Path, why: str) -> int:
        """Lay the new folder in the place of the old, or beside it where a person has to decide."""
        case = Path(self.args.case)
        beside = case.with_name(case.name + WAITING)
        if why:
            if beside.exists():
                beside.rename(folder.with_name("last"))
            folder.rename(beside)
            print(told(why, self.args.lang))
            print(told(f"{beside}: waits for a person; {case} is as it was", self.args.lang))
            return A_PERSON
        case.rename(folder.with_name("before"))
        folder.rename(case)
        print(told(f"{case}: in force", self.args.lang))
        return DONE

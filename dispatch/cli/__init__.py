"""The `gridcrew` command: finds the subcommand, hands over, and keeps tracebacks to itself."""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
from collections.abc import Sequence
from typing import NamedTuple

from ..ground.errors import DispatchError, nearest

BAD_INPUT = 2
INTERRUPTED = 130


class Command(NamedTuple):
    """A subcommand: a module with `add_arguments(parser)` and `run(args) -> int`."""

    module: str
    help: str


# By name, because the faces of the web stand above this package and are loaded only when asked for.
COMMANDS = {
    "demo": Command("web.commands.demo", "plan the demo city's day and show it in the browser"),
    "plan": Command("dispatch.cli.plan", "plan a case folder: plan, route sheets, ETRs, summary"),
    "serve": Command("web.commands.serve", "serve the board"),
    "store": Command("dispatch.cli.store", "back up, restore, check or purge the database"),
    "case": Command("dispatch.cli.case", "check a case folder, or write an empty one"),
    "solve": Command("dispatch.cli.solve", "solve a problem file"),
    "check": Command("dispatch.cli.check", "name every violation of a plan"),
    "score": Command("dispatch.cli.score", "recompute a plan's cost, part by part"),
    "explain": Command("dispatch.cli.explain", "say why a job is where it is, or is left out"),
    "customers": Command("dispatch.cli.customers", "work the customers' index out anew, list its changes"),
    "messages": Command("dispatch.cli.messages", "send what customers and supervisors are to be told"),
    "report": Command("dispatch.cli.report", "promises kept and missed by area and class"),
    "published": Command("dispatch.cli.published", "check the public's history of promises kept"),
    "simulate": Command("dispatch.cli.simulate", "try a storm many times before it comes"),
    "staging": Command("dispatch.cli.staging", "find where crews should wait the evening before"),
    "roster": Command("dispatch.cli.roster", "find shifts for the crews that a scenario asks for"),
    "bench": Command("dispatch.cli.bench", "measure the solver"),
    "rules": Command("dispatch.cli.rules", "lint, test, explain and compare policies"),
    "grid": Command("geo.cli", "say what a grid file holds and every fault in it"),
    "learn": Command("dispatch.cli.learn", "estimate how often what fails from the journal"),
    "planned": Command("dispatch.cli.planned", "what planned outages do, and what is in their way"),
    "indices": Command("dispatch.cli.indices", "reliability indices of a file of interruptions"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run `gridcrew`; returns the exit status (0, 1 infeasible, 2 bad input, 130 interrupted)."""
    given = list(sys.argv[1:] if argv is None else argv)
    if not given or given[0] in ("-h", "--help"):
        print(_usage())
        return 0 if given else BAD_INPUT
    if given[0] == "--version":
        print(_version())
        return 0
    name = given[0]
    if name not in COMMANDS:
        print(f"gridcrew: no command '{name}'{nearest(name, COMMANDS)}\n\n{_usage()}", file=sys.stderr)
        return BAD_INPUT
    return _run(name, given[1:])


def _run(name: str, rest: Sequence[str]) -> int:
    command = COMMANDS[name]
    module = importlib.import_module(command.module)
    parser = argparse.ArgumentParser(prog=f"gridcrew {name}", description=command.help)
    module.add_arguments(parser)
    try:
        return int(module.run(parser.parse_args(_bound(rest))))
    except _of_input() as error:
        print(_told(error), file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        print(f"gridcrew {name}: {error.filename or ''}: {error.strerror or error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        if _is_of_database(error):
            print(f"gridcrew {name}: the database failed: {error.__cause__ or error}", file=sys.stderr)
            return BAD_INPUT
        if os.environ.get("GRIDCREW_DEBUG"):
            raise
        print(
            f"gridcrew {name}: unexpected {type(error).__name__}: {error}\n"
            "This is a bug: please report it. GRIDCREW_DEBUG=1 shows where it happened.",
            file=sys.stderr,
        )
        return 70


def _of_input() -> tuple[type[Exception], ...]:
    """Errors that say what is wrong with the input: ours, and those of packages that it has loaded."""
    # Not imported for their names: roads, grids and rules take a second, and many commands need none of them.
    named = (("geo", "GeoError"), ("rules", "RulesError"))
    loaded = (getattr(sys.modules[home], name) for home, name in named if home in sys.modules)
    return (DispatchError, *loaded)


NEGATIVE = re.compile(r"^-[\d.][\d.,eE+-]*$")


def _bound(given: Sequence[str]) -> list[str]:
    """Bind a value that begins with a minus, such as ``--origin -71.25,-29.90``, to its option."""
    found: list[str] = []
    for each in given:
        option = found[-1] if found else ""
        if NEGATIVE.match(each) and option.startswith("--") and "=" not in option and option != "--":
            found[-1] = f"{option}={each}"
        else:
            found.append(each)
    return found


def _told(error: Exception) -> str:
    if not isinstance(error, DispatchError):
        return str(error)
    # Only now: the commands that go well do not wait for the solver to be read in.
    return str(importlib.import_module("dispatch.files.unchecked").told(error))


def _usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {command.help}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: gridcrew COMMAND ...", "", *lines, "", "gridcrew COMMAND --help tells more."])


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - only this flag needs it

    return f"gridcrew {version('gridcrew')}"


def _is_of_database(error: Exception) -> bool:
    """Whether a database was away, locked, full or not to be written: no fault of the program."""
    if not type(error).__module__.startswith("sqlalchemy."):
        return False
    from ..store import DATABASE_ERRORS  # noqa: PLC0415 - most commands know no database

    return isinstance(error, DATABASE_ERRORS)

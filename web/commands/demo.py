"""`gridcrew demo`: plan the demo city's day and show it in the browser."""

from __future__ import annotations

import argparse
import sys
import webbrowser

from dispatch.cli.options import add_solver_arguments, fall_said, solver_options
from dispatch.demo import demo_case
from dispatch.files.output import summary_text
from dispatch.intake import load_case
from dispatch.planning.main_road import plan_day

from ..app import create_app
from ..serve import serve


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--case", default="coquimbo", help="coquimbo (default) or oberrhein")
    parser.add_argument("--port", type=int, default=8000, help="default 8000; 0 takes a free one")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    add_solver_arguments(parser, time_limit_s=10)


def run(args: argparse.Namespace) -> int:
    """Plan, then serve on this machine alone until interrupted."""
    print(f"Reading the demo case '{args.case}' ...", file=sys.stderr)
    folder = demo_case(args.case)
    case = load_case(folder)
    print("Planning the day ...", file=sys.stderr)
    day = plan_day(case, **solver_options(args, fall_said))
    print(f"\n{summary_text(day)}\n")
    app = create_app(day, demo=True)
    app.config["CASE_FOLDER"] = folder
    serve(app, "127.0.0.1", args.port, on_ready=lambda url: _ready(url, args.no_browser))
    return 0


def _ready(url: str, quiet: bool) -> None:
    print(
        f"The board is at {url} (this is a demo; it answers to this machine only; Ctrl-C ends it)", flush=True
    )
    if not quiet:
        webbrowser.open(url)

"""What the documentation site takes from the program itself, so that it cannot fall behind."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from typing import Any

from dispatch.cli import COMMANDS


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put every command's help where a page has `<!-- commands -->`.

    Parameters
    ----------
    markdown : the page as it is written.

    Returns
    -------
    str
        The page with the program's own words.
    """
    place = "<!-- commands -->"
    return markdown.replace(place, commands()) if place in markdown else markdown


def commands() -> str:
    """Say every command with its help, out of the parsers.

    Returns
    -------
    str
        Markdown, a section for each command.
    """
    parts = []
    for name, command in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=f"gridcrew {name}", description=command.help)
        importlib.import_module(command.module).add_arguments(parser)
        parts.append(f"## {name}\n\n{command.help[0].upper()}{command.help[1:]}.")
        parts += (f"```text\n{each.format_help().rstrip()}\n```" for each in _leaves(parser))
    return "\n\n".join(parts)


def _leaves(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    deeper = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    if not deeper:
        yield parser
    for each in deeper:
        for inner in each.choices.values():
            yield from _leaves(inner)

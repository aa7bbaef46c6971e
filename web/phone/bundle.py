"""The phone's scripts as one file: a phone with a poor connection asks once instead of seventeen times.

The modules stay as they are written. Each becomes a function that runs once, in the order in which they
import one another, and leaves what it exports in a table; a later file takes from there what the first has
brought. Only what our modules use is understood: named imports and exports; anything else is refused.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from functools import cache

from ..server.transfer import Packed, pack
from ..static_files import packed_file

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[\w./-]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (async function|function|const|class) (\w+)", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
COMMENT = re.compile(r"^\s*//.*\n", re.MULTILINE)
HEAD = "const modules = (globalThis.gridcrewModules ??= {});\n"


def bundle(entry: str, known: Collection[str] = ()) -> Packed:
    """A script with everything that it imports, packed.

    Parameters
    ----------
    entry : in the static folder, such as `phone/phone.js`.
    known : entries whose files are on the page already: their modules are taken from there.
    """
    there = frozenset(name for each in known for name in modules_of(each))
    names = tuple(name for name in modules_of(entry) if name not in there)
    return _packed(entry, names, tuple(packed_file(name).tag for name in names), last=bool(known))


def modules_of(entry: str) -> tuple[str, ...]:
    """A module and all that it imports, each after those that it needs."""
    found: dict[str, None] = {}
    _visit(entry, found, ())
    return tuple(found)


def _visit(name: str, found: dict[str, None], above: tuple[str, ...]) -> None:
    if name in above:
        raise ValueError(f"{name} imports itself, through {' and '.join(above)}")
    if name not in found:
        for _, other in _imports(name):
            _visit(other, found, (*above, name))
        found[name] = None


def _source(name: str) -> str:
    return packed_file(name).body.decode()


def _imports(name: str) -> Iterator[tuple[str, str]]:
    for match in IMPORT.finditer(_source(name)):
        yield match[1], posixpath.normpath(posixpath.join(posixpath.dirname(name), match[2]))


@cache
def _packed(entry: str, names: tuple[str, ...], tags: tuple[str, ...], *, last: bool) -> Packed:
    parts = [HEAD, *map(_as_function, names)]
    if last:
        exported = ", ".join(_exports(entry))
        parts.append(f'export const {{ {exported} }} = modules["{entry}"];\n')
    return pack("".join(parts).encode(), "text/javascript")


def _exports(name: str) -> list[str]:
    return [match[2] for match in EXPORT.finditer(_source(name))]


def _taken(names: str) -> str:
    """What an import names, as what is taken out of the table."""
    return ", ".join(each.strip().replace(" as ", ": ") for each in names.split(",") if each.strip())


def _as_function(name: str) -> str:
    """One module as a function that runs once.

    Raises
    ------
    ValueError
        It imports or exports in a way that is not understood.
    """
    taken = "".join(f'const {{ {_taken(names)} }} = modules["{other}"];\n' for names, other in _imports(name))
    body = EXPORT.sub(r"\1 \2", IMPORT.sub("", _source(name)))
    if left := LEFT.search(body):
        raise ValueError(f"{name}: '{left[0]}' is not understood; use named imports and exports")
    body = COMMENT.sub("", body)
    return f'modules["{name}"] = (() => {{\n{taken}{body}return {{ {", ".join(_exports(name))} }};\n}})();\n'

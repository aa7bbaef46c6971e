"""What stands before the objects of a model: comments, `#include`, `#define`, `#ifdef`.

Files that a model includes are read where they lie in its folder or below; a model is data, and what
would start a program or fetch a page is not carried out. What is not read is noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import GeoError, GeoFault
from ..tables import read_bytes

COMMENTS = re.compile(r"""("[^"\n]*"|'[^'\n]*')|//[^\n]*|/\*(?:.*?\*/|.*)""", re.DOTALL)
MACRO = re.compile(r"\$\{\s*(\w[\w.:]*)\s*\}")
INCLUDE = re.compile(r"""#include\s+(?:using\s*\([^)]*\)\s*)?["<]?([^">]+)[">]?""")
COMPARED = re.compile(r"""#if\s+(\S+?)\s*(==|!=)\s*["']?([^"']*?)["']?\s*$""")
DEEPEST = 20
MOST_FILES = 500
ENGINE_ONLY = ("#print", "#warning", "#verbose", "#debug", "#system", "#start", "#option", "#exec", "#undef")

Note = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a model, with where it stands."""

    file: str
    number: int
    text: str


@dataclass(slots=True, kw_only=True)
class Preprocessor:
    """Gives the lines of a model that count, includes in their places.

    Parameters
    ----------
    root : the folder of the main file; nothing is read outside it.
    note : takes code, place and text of what is not read.
    """

    root: Path
    note: Note
    defined: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    files: int = 0

    def lines(self, path: Path, depth: int = 0) -> list[Line]:
        """All lines of a file and of what it includes, without comments and directives."""
        self.files += 1
        if depth > DEEPEST or self.files > MOST_FILES:
            text = f"includes more than {DEEPEST} files in one another, or {MOST_FILES} in all"
            raise GeoError(GeoFault(file=path.name, place="", text=text, code="file"))
        found: list[Line] = []
        taken: list[bool] = []
        for number, text in enumerate(_without_comments(_text(path)).split("\n"), start=1):
            line = Line(path.name, number, text.strip())
            if not line.text:
                continue
            if line.text.startswith("#"):
                self._directive(line, taken, path, depth, found)
            elif all(taken):
                found.append(Line(line.file, number, self._expanded(line.text)) if "${" in text else line)
        return found

    def _directive(self, line: Line, taken: list[bool], path: Path, depth: int, found: list[Line]) -> None:
        word = line.text.split(None, 1)[0].lower()
        if word.startswith("#if"):
            taken.append(self._holds(line, path))
        elif word == "#else" and taken:
            taken[-1] = not taken[-1]
        elif word == "#endif" and taken:
            taken.pop()
        elif all(taken):
            self._statement(word, line, path, depth, found)

    def _statement(self, word: str, line: Line, path: Path, depth: int, found: list[Line]) -> None:
        if word in ("#define", "#set", "#setenv"):
            name, _, value = line.text[len(word) :].strip().rstrip(";").partition("=")
            self.defined[name.strip()] = value.strip().strip("\"'")
        elif word == "#include":
            found += self._included(line, path, depth)
        elif not word.startswith(ENGINE_ONLY):
            self.note("directive", f"line {line.number}", f"'{word[:40]}' is not carried out")

    def _holds(self, line: Line, path: Path) -> bool:
        word, _, rest = line.text.partition(" ")
        name = rest.strip().strip("\"'")
        if word.lower() in ("#ifdef", "#ifndef"):
            return (name in self.defined) == (word.lower() == "#ifdef")
        if word.lower() == "#ifexist":
            inside = self._inside(path, name)
            return inside is not None and inside.is_file()
        compared = COMPARED.match(self._expanded(line.text))
        if compared is None:
            self.note("directive", f"line {line.number}", f"'{line.text[:60]}' is not understood: left out")
            return False
        value = self.defined.get(compared[1], compared[1].strip("\"'"))
        return (value == compared[3]) == (compared[2] == "==")

    def _included(self, line: Line, path: Path, depth: int) -> list[Line]:
        found = INCLUDE.match(self._expanded(line.text))
        name = found[1].strip() if found else ""
        inside = self._inside(path, name) if name else None
        if inside is None or not inside.is_file():
            text = f"'{name[:80]}' is not in the model's folder; what it holds is not read"
            self.note("include", f"{line.file} line {line.number}", text)
            return []
        return self.lines(inside, depth + 1)

    def _inside(self, path: Path, name: str) -> Path | None:
        """A file that a model names, beside it or beside the main file; None outside the folder."""
        for folder in (path.parent, self.root):
            try:
                found = (folder / name.replace("\\", "/")).resolve()
            except (OSError, ValueError):
                return None
            if found.is_relative_to(self.root.resolve()) and found.is_file():
                return found
        return None

    def _expanded(self, text: str) -> str:
        def value(macro: re.Match[str]) -> str:
            if macro[1] not in self.defined:
                self.unknown.add(macro[1])
                return f"${macro[1]}"
            return self.defined[macro[1]]

        return MACRO.sub(value, text)


def _text(path: Path) -> str:
    data = read_bytes(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _without_comments(text: str) -> str:
    """Drop comments; line breaks stay, so that lines keep their numbers."""
    return COMMENTS.sub(lambda found: found[1] or "\n" * found[0].count("\n"), text.replace("\r", ""))

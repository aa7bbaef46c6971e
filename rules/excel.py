"""The Excel form of a policy: the same cells as in YAML, a sheet for each table.

Sheets: ``policy`` (name, titles, lists of words), ``sources``, ``facts``,
``lists``, ``tables`` (one line per table), one sheet per table, and a hidden
sheet ``yaml`` with the text that the workbook was made of, so that comments
and layout survive the way to Excel and back.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill

from .errors import PolicyError, PolicyFault, nearest, nearest_zh
from .nodes import Node
from .settings import cell_text
from .yamlfile import read_yaml

MOST_UNPACKED = 50_000_000
MOST_RATIO = 200
MOST_ROWS = 6000
MOST_COLUMNS = 80
FIXED = ("policy", "sources", "facts", "lists", "tables", "yaml")
TABLE_KEYS = ("stage", "table", "hit", "source", "gaps", "title en", "title zh", "note", "note zh", "sheet")
LINE = 30_000
_WORDS = ("title", "url", "mark", "type", "unit", "en", "zh", "low", "high", "meaning")


def write_workbook(root: Node, text: str, path: Path | BinaryIO) -> None:
    """Write a policy's nodes, and the YAML text they came from, as a workbook, to a file or a stream."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    _write_policy(book, root)
    _write_named(book, "sources", root.get("sources"), ("title", "title zh", "url", "mark"))
    _write_named(book, "facts", root.get("facts"), (*_WORDS[3:], "values", "given"))
    _write_lists(book, root.get("lists"))
    _write_tables(book, root)
    _write_yaml(book, text)
    book.save(path)


def read_workbook(path: Path) -> Node:
    """Read a workbook as nodes whose places are ``sheet!cell``.

    Raises
    ------
    PolicyError : not a workbook, macros, formulas, odd cells, unknown sheets, too big.
    """
    return _Reader(path).root()


def yaml_in(path: Path) -> str | None:
    """The YAML text that a workbook was made of, or None when it holds none.

    Raises
    ------
    PolicyError : not a workbook that may be opened.
    """
    book = _open(path)
    if "yaml" not in book.sheetnames:
        return None
    lines = ["".join(str(cell) for cell in row if cell) for row in book["yaml"].iter_rows(values_only=True)]
    return "\n".join(line.removeprefix("|") for line in lines) + "\n"


def _open(path: Path) -> Any:
    if path.suffix.lower() != ".xlsx":
        text = "only .xlsx is read; macros and older formats are refused"
        raise _refused(path, text, "只接受.xlsx文件，不接受含宏的或旧格式的文件")
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            unpacked = sum(info.file_size for info in infos)
            names = [info.filename.lower() for info in infos]
        packed = max(path.stat().st_size, 1)
    except (OSError, zipfile.BadZipFile) as error:
        raise _refused(path, f"is no workbook: {error}", f"不是有效的工作簿：{error}") from None
    if any("vbaproject" in name for name in names):
        raise _refused(path, "holds macros, which are refused", "含有宏，不予接受")
    if unpacked > MOST_UNPACKED or unpacked / packed > MOST_RATIO:
        text = f"unpacks to {unpacked:,} bytes; refused"
        raise _refused(path, text, f"解压后达{unpacked:,}字节，不予接受")
    try:
        return openpyxl.load_workbook(path, data_only=False, read_only=False, keep_links=False)
    except Exception as error:
        # openpyxl raises whatever its XML parser or its own code meets in a broken file.
        why = str(error)[:120]
        raise _refused(path, f"is no workbook: {why}", f"不是有效的工作簿：{why}") from None


def _refused(path: Path, text: str, zh: str) -> PolicyError:
    return PolicyError([PolicyFault(file=path.name, place="", text=text, zh=zh)])


def _sheet(book: Any, name: str, header: Sequence[str]) -> Any:
    sheet = book.create_sheet(name)
    sheet.append(list(header))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color="DDE3EA")
    sheet.freeze_panes = "A2"
    return sheet


def _append(sheet: Any, values: Sequence[Any]) -> None:
    sheet.append([_shown(value) for value in values])
    for cell in sheet[sheet.max_row]:
        cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _shown(value: Any) -> Any:
    if isinstance(value, Node):
        return value.value if _is_number(value.value) else cell_text(value)
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _write_policy(book: Any, root: Node) -> None:
    sheet = _sheet(book, "policy", ("name", "value"))
    for name in ("policy", "covers", "calendar", "lexicon"):
        node = root.get(name)
        if node:
            own = json.dumps(node.plain(), ensure_ascii=False) if node.is_map else node
            _append(sheet, (name, own))
    title = root.get("title")
    for language in title.value if title and title.is_map else ():
        _append(sheet, (f"title {language}", title.value[language] if title else ""))
    fill_in = root.get("fill_in")
    for line in fill_in.value if fill_in and fill_in.is_list else ():
        _append(sheet, ("fill_in", line))
    _widths(sheet, (16, 100))


def _write_named(book: Any, name: str, node: Node | None, columns: Sequence[str]) -> None:
    sheet = _sheet(book, name, ("name", *columns))
    for key, value in (node.value if node and node.is_map else {}).items():
        _append(sheet, (key, *(_part(value, column) if value.is_map else "" for column in columns)))
    _widths(sheet, (18, *(28 for _ in columns)))


def _part(node: Node, column: str) -> Node | None:
    """What a column shows: ``title zh`` the Chinese of a title in two languages, ``title`` the other."""
    name, _, language = column.partition(" ")
    found = node.get(name)
    if found is None or not found.is_map or name == "values":
        return None if language else found
    return found.get(language or "en")


def _write_lists(book: Any, node: Node | None) -> None:
    lists = node.value if node and node.is_map else {}
    sheet = _sheet(book, "lists", tuple(lists))
    words = [[str(item.value) for item in value.value] for value in lists.values()]
    for at in range(max(map(len, words), default=0)):
        _append(sheet, [column[at] if at < len(column) else None for column in words])
    _widths(sheet, [24] * len(words))


def _write_tables(book: Any, root: Node) -> None:
    index = _sheet(book, "tables", TABLE_KEYS)
    _widths(index, (12, 20, 14, 16, 10, 36, 24, 60, 40, 24))
    stages = root.get("stages")
    used: set[str] = set()
    for stage, tables in (stages.value if stages else {}).items():
        for table in tables.value:
            name = str(table.value["table"].value)
            sheet_name = _sheet_name(name, used)
            _append(index, [*_table_line(stage, table), sheet_name])
            _write_table(book, sheet_name, table)


def _sheet_name(name: str, used: set[str]) -> str:
    """Excel allows 31 signs, and no two sheets that differ in letter case only."""
    short = name[:28]
    found = short if short not in {*used, *FIXED} else f"{short[:25]}~{len(used)}"
    used.add(found)
    return found


def _table_line(stage: str, table: Node) -> list[Any]:
    title = table.get("title")
    titles = title.value if title and title.is_map else {"en": title} if title else {}
    found = {"stage": stage, "title en": titles.get("en"), "title zh": titles.get("zh")}
    return [found[key] if key in found else _part(table, key) for key in TABLE_KEYS[:-1]]


def _write_table(book: Any, name: str, table: Node) -> None:
    rows = [(False, row) for row in table.value["rows"].value]
    otherwise = table.get("otherwise")
    rows.extend([(True, otherwise)] if otherwise else [])
    asked = _columns((row for _, row in rows), "if")
    settings = _columns((row for _, row in rows), "then")
    by_fact = [s for s in settings if any(_source_of(row, s) is not None for _, row in rows)]
    header = [f"if {each}" for each in asked] + [f"then {each}" for each in settings]
    header += ["source", *(f"source {each}" for each in by_fact), "note", "note zh", "otherwise"]
    sheet = _sheet(book, name, header)
    for last, row in rows:
        own = row.get("source")
        values: list[Any] = [_cell(row, "if", each) for each in asked]
        values += [_cell(row, "then", each) for each in settings]
        values += [own if own and not own.is_map else None, *(_source_of(row, each) for each in by_fact)]
        _append(sheet, [*values, _part(row, "note"), _part(row, "note zh"), "yes" if last else None])
    _widths(sheet, [24] * len(header))


def _columns(rows: Iterator[Node], part: str) -> list[str]:
    found: dict[str, None] = {}
    for row in rows:
        node = row.get(part)
        found.update((name, None) for name in (node.value if node and node.is_map else ()))
    return list(found)


def _cell(row: Node, part: str, name: str) -> Node | None:
    node = row.get(part)
    return node.get(name) if node else None


def _source_of(row: Node, name: str) -> Node | None:
    own = row.get("source")
    return own.get(name) if own and own.is_map else None


def _write_yaml(book: Any, text: str) -> None:
    sheet = book.create_sheet("yaml")
    sheet.sheet_state = "hidden"
    for line in text.splitlines():
        marked = "|" + line
        _append(sheet, [marked[at : at + LINE] for at in range(0, len(marked), LINE)])


def _widths(sheet: Any, widths: Sequence[int]) -> None:
    for at, width in enumerate(widths):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(at + 1)].width = width


class _Reader:
    """Reads sheets into the nodes that the loader takes, gathering faults."""

    def __init__(self, path: Path) -> None:
        self.file = path.name
        self.book = _open(path)
        self.faults: list[PolicyFault] = []

    def root(self) -> Node:
        """The whole workbook."""
        for needed in ("policy", "tables"):
            if needed not in self.book.sheetnames:
                self._no_sheet("", needed)
        if self.faults:
            raise PolicyError(self.faults)
        found = self._policy()
        for name in ("sources", "facts"):
            if name in self.book.sheetnames:
                found[name] = self._named(name)
        if "lists" in self.book.sheetnames:
            found["lists"] = self._lists()
        found["stages"] = self._stages()
        if self.faults:
            raise PolicyError(self.faults)
        empty = [name for name in ("sources", "facts", "lists") if name in found and not found[name].value]
        kept = {name: node for name, node in found.items() if name not in empty}
        return _mapping(kept, "policy!A1")

    def _fault(self, place: str, text: str, zh: str) -> None:
        self.faults.append(PolicyFault(file=self.file, place=place, text=text, zh=zh))

    def _no_sheet(self, place: str, name: str) -> None:
        known = self.book.sheetnames
        text = f"has no sheet '{name}'{nearest(name, known)}"
        self._fault(place, text, f"缺少工作表“{name}”{nearest_zh(name, known)}")

    def _grid(self, name: str) -> tuple[list[Node], list[list[Node]]]:
        """Header and rows of a sheet as nodes; empty rows are left out."""
        sheet = self.book[name]
        if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
            text = f"has {sheet.max_row} x {sheet.max_column} cells; too many"
            self._fault(name, text, f"有{sheet.max_row}×{sheet.max_column}个单元格，过多")
            return [], []
        rows = [[self._node(name, cell) for cell in row] for row in sheet.iter_rows()]
        rows = [row for row in rows if any(node.value is not None for node in row)]
        return (rows[0], rows[1:]) if rows else ([], [])

    def _node(self, sheet: str, cell: Any) -> Node:
        place = f"{sheet}!{cell.coordinate}"
        value = cell.value
        if cell.data_type == "f":
            text = f"formula {str(value)[:40]} is refused; write the value"
            self._fault(place, text, f"不接受公式“{str(value)[:40]}”，请直接填写值")
            return Node(None, place)
        if cell.data_type == "e":
            self._fault(place, f"holds the error {value}", f"单元格含错误值“{value}”")
            return Node(None, place)
        if value is not None and not isinstance(value, (str, int, float, bool)):
            kind = type(value).__name__
            text = f"holds a {kind}; expected text, a number, yes or no"
            self._fault(place, text, f"单元格内容为{kind}类型，应为文本、数字、yes或no")
            return Node(None, place)
        return Node(_tidy(value), place)

    def _policy(self) -> dict[str, Node]:
        found: dict[str, Node] = {}
        titles: dict[str, Node] = {}
        fill_in: list[Node] = []
        for row in self._grid("policy")[1]:
            name, value = str(row[0].value), row[1] if len(row) > 1 else Node(None, row[0].place)
            if name.startswith("title "):
                titles[name.removeprefix("title ")] = value
            elif name == "fill_in":
                fill_in.append(value)
            elif name in ("calendar", "lexicon") and str(value.value).startswith("{"):
                found[name] = read_yaml(str(value.value), self.file)
            else:
                found[name] = value
        if titles:
            found["title"] = _mapping(titles, "policy!A1")
        if fill_in:
            found["fill_in"] = Node(fill_in, "policy!A1")
        return found

    def _named(self, sheet: str) -> Node:
        header, rows = self._grid(sheet)
        found: dict[str, Node] = {}
        for row in rows:
            cells = {
                str(head.value): _listed(node) if str(head.value) in ("values", "given") else node
                for head, node in zip(header[1:], row[1:], strict=True)
                if node.value is not None
            }
            found[str(row[0].value)] = _mapping(_joined(cells, "title"), row[0].place)
        return _mapping(found, f"{sheet}!A1")

    def _lists(self) -> Node:
        header, rows = self._grid("lists")
        found: dict[str, Node] = {}
        for at, head in enumerate(header):
            if head.value is not None:
                words = [
                    Node(_word(row[at].value), row[at].place) for row in rows if row[at].value is not None
                ]
                found[str(head.value)] = Node(words, head.place)
        return _mapping(found, "lists!A1")

    def _stages(self) -> Node:
        header, rows = self._grid("tables")
        for head in header:
            if head.value is not None and head.value not in TABLE_KEYS:
                name = str(head.value)
                text = f"unknown column '{name}'{nearest(name, TABLE_KEYS)}"
                self._fault(head.place, text, f"未知的列“{name}”{nearest_zh(name, TABLE_KEYS)}")
        stages: dict[str, list[Node]] = {}
        places: dict[str, str] = {}
        for row in rows:
            line = {str(h.value): n for h, n in zip(header, row, strict=True) if n.value is not None}
            stage = str(line["stage"].value) if "stage" in line else ""
            places.setdefault(stage, row[0].place)
            stages.setdefault(stage, []).append(self._table(line, row[0].place))
        nodes = {stage: Node(tables, places[stage]) for stage, tables in stages.items()}
        return Node(nodes, "tables!A1", places)

    def _table(self, line: Mapping[str, Node], place: str) -> Node:
        known = ("table", "hit", "source", "gaps", "note", "note zh")
        found = _joined({name: line[name] for name in known if name in line}, "note")
        titles = {name: line[f"title {name}"] for name in ("en", "zh") if f"title {name}" in line}
        if titles:
            found["title"] = _mapping(titles, place)
        named = line.get("sheet") or line.get("table")
        if named is None:
            self._fault(place, "names no table", "没有写明表名")
            return _mapping({**found, "rows": Node([], place)}, place)
        sheet = str(named.value)
        if sheet not in self.book.sheetnames:
            self._no_sheet(place, sheet)
            return _mapping({**found, "rows": Node([], place)}, place)
        rows, otherwise = self._rows(sheet)
        found["rows"] = Node(rows, f"{sheet}!A1")
        if otherwise:
            found["otherwise"] = otherwise
        return _mapping(found, f"{sheet}!A1")

    def _rows(self, sheet: str) -> tuple[list[Node], Node | None]:
        header, lines = self._grid(sheet)
        rows: list[Node] = []
        otherwise: Node | None = None
        for line in lines:
            row, last = self._row(header, line)
            if last:
                otherwise = row
            else:
                rows.append(row)
        return rows, otherwise

    def _row(self, header: Sequence[Node], line: Sequence[Node]) -> tuple[Node, bool]:
        parts: dict[str, dict[str, Node]] = {"if": {}, "then": {}, "source": {}}
        heads: dict[str, dict[str, str]] = {"if": {}, "then": {}, "source": {}}
        plain: dict[str, Node] = {}
        for head, node in zip(header, line, strict=True):
            kind, _, name = str(head.value or "").partition(" ")
            if node.value is None:
                continue
            if name and kind in parts:
                parts[kind][name] = node
                heads[kind][name] = head.place
            elif head.value == "note zh" or (kind in ("source", "note", "otherwise") and not name):
                plain[str(head.value)] = node
            else:
                text = f"unknown column '{head.value}'; write 'if FACT', 'then FACT', source or note"
                zh = f"未知的列“{head.value}”，请写“if FACT”、“then FACT”、source或note"
                self._fault(head.place, text, zh)
        last = plain.pop("otherwise", None) is not None
        found = {kind: Node(cells, line[0].place, heads[kind]) for kind, cells in parts.items() if cells}
        return _mapping({**_joined(plain, "note"), **found}, line[0].place), last


def _mapping(cells: Mapping[str, Node], place: str) -> Node:
    return Node(dict(cells), place, {name: node.place for name, node in cells.items()})


def _joined(cells: dict[str, Node], name: str) -> dict[str, Node]:
    """The same with a text and its Chinese, ``note`` and ``note zh``, as one text in two languages."""
    chinese = cells.pop(f"{name} zh", None)
    if chinese is None:
        return cells
    texts = {"en": cells[name], "zh": chinese} if name in cells else {"zh": chinese}
    return {**cells, name: _mapping(texts, chinese.place)}


def _listed(node: Node) -> Node:
    return Node([Node(part.strip(), node.place) for part in str(node.value).split(",")], node.place)


def _tidy(value: Any) -> Any:
    """A cell's value: whole numbers whole, text without blanks around it, empty text nothing."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        return value.strip() or None
    return value


def _word(value: Any) -> str:
    return str(value)

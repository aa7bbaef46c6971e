"""From nodes to a policy: names, types and units checked, all faults gathered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from .calendar import CALENDARS, Calendar, calendar_file, calendar_from_node, load_calendar
from .conditions import Condition, read_condition
from .errors import CellError, PolicyError, PolicyFault, RulesError, by_place, nearest, nearest_zh
from .excel import read_workbook, yaml_in
from .expressions import Expression
from .facts import FACT_TYPES, Fact, FactType
from .feeding import feeding_faults
from .language.lexicon.checking import faults_in
from .merging import merged_text
from .nodes import Node
from .policy import Policy
from .settings import cell_text, read_value
from .tables import HITS, Hit, Row, Setting, Source, Table
from .units import UNITS
from .vocabulary import GIVEN, STAGES, VOCABULARY
from .yamlfile import read_text, read_yaml

MOST_ROWS = 5000
MOST_TABLES = 200
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,60}$")
_KEYS = {
    "policy": (
        "policy",
        "title",
        "covers",
        "fill_in",
        "calendar",
        "lexicon",
        "sources",
        "facts",
        "lists",
        "stages",
    ),
    "table": ("table", "title", "hit", "source", "note", "gaps", "rows", "otherwise"),
    "row": ("if", "then", "source", "note"),
    "source": ("title", "url", "mark"),
    "calendar": ("calendar", "from", "hours", "years"),
    "fact": ("type", "unit", "en", "zh", "values", "low", "high", "meaning", "given"),
}
_WHAT_ZH = {
    "policy": "策略",
    "table": "表",
    "row": "行",
    "source": "来源",
    "calendar": "日历",
    "fact": "事实",
}
PACKS = Path(__file__).parent / "packs"


def load_policy(path: Path | str) -> Policy:
    """Read a policy from YAML or Excel; a bare name such as ``cn`` is a built-in pack.

    Parameters
    ----------
    path : YAML or Excel file.

    Returns
    -------
    Policy
        Checked against the vocabulary.

    Raises
    ------
    PolicyError : every fault of the file, with its place.
    """
    path = pack_path(str(path)) or Path(path)
    if path.suffix.lower() in WORKBOOKS:
        root = read_workbook(path)
        policy = build_policy(root, path.name, path.parent)
        text = merged_text(yaml_in(path), root)
    else:
        text = read_text(path)
        root = read_yaml(text, path.name)
        policy = build_policy(root, path.name, path.parent)
    beside = path.with_name(path.stem + ".cases.yaml")
    cases = read_text(beside) if beside.is_file() else ""
    return replace(policy, text=_portable(text, root, path.parent), cases=cases)


def lexicon_file(name: str, folder: Path | None) -> Path | None:
    """The file of a language beside a policy; None when there is none, or when it lies elsewhere."""
    if folder is None or Path(name).name != name or not name.endswith((".yaml", ".yml")):
        return None
    path = folder / name
    return path if path.is_file() else None


def _with_languages(text: str, root: Node, folder: Path) -> str:
    """A policy's text with the languages that its lexicon names by file written into it."""
    node = root.get("lexicon")
    for code, each in (node.value if node is not None and node.is_map else {}).items():
        path = None if each.is_map else lexicon_file(str(each.value), folder)
        if path is not None:
            inline = json.dumps(read_yaml(read_text(path), path.name).plain(), ensure_ascii=False)
            found = re.search(rf"\b{re.escape(code)}:\s*([\"']?{re.escape(path.name)}[\"']?)", text)
            if found:
                text = text[: found.start(1)] + inline + text[found.end(1) :]
    return text


def _portable(text: str, root: Node, folder: Path) -> str:
    """A policy's text with the calendar and the languages it names by file written into it."""
    text = _with_languages(text, root, folder)
    node = root.get("calendar")
    named = node is not None and not node.is_map
    path = calendar_file(str(node.value), folder) if node is not None and named else None
    if path is None or path.parent == CALENDARS:
        return text
    inline = json.dumps(read_yaml(read_text(path), path.name).plain(), ensure_ascii=False)
    return re.sub(r"^calendar:.*$", lambda _: f"calendar: {inline}", text, count=1, flags=re.MULTILINE)


def policy_from_text(text: str, file: str = "policy.yaml") -> Policy:
    """Read a policy from YAML text; `file` is the name that faults carry.

    Parameters
    ----------
    text : YAML.
    file : what messages call it.

    Returns
    -------
    Policy
        Checked against the vocabulary.

    Raises
    ------
    PolicyError : every fault of the text, with its place.
    """
    return replace(build_policy(read_yaml(text, file), file), text=text)


def pack_names() -> tuple[str, ...]:
    """Names of the built-in packs.

    Returns
    -------
    tuple of str
        In the order of the alphabet.
    """
    return tuple(sorted(file.stem for file in PACKS.glob("*.yaml") if ".cases" not in file.name))


def pack_path(name: str) -> Path | None:
    """The file of a built-in pack, or None when there is none of that name.

    Parameters
    ----------
    name : such as `cn`.

    Returns
    -------
    Path or None
        None where there is no such pack.
    """
    path = PACKS / f"{name}.yaml"
    return path if name.isidentifier() and path.is_file() else None


def build_policy(root: Node, file: str, folder: Path | None = None) -> Policy:
    """Make a policy of nodes.

    Parameters
    ----------
    folder : where a calendar that the policy names by file is looked for; None allows no file.

    Raises
    ------
    PolicyError : every fault, with its place.
    """
    loader = _Loader(file, folder)
    policy = loader.policy(root)
    faults = [*loader.faults, *(feeding_faults(policy) if policy else ())]
    if faults or policy is None:
        raise PolicyError(sorted(faults, key=by_place))
    return policy


class _Loader:
    """Walks the nodes and gathers faults; every method returns what could be read."""

    def __init__(self, file: str, folder: Path | None) -> None:
        self.file = file
        self.folder = folder
        self.faults: list[PolicyFault] = []
        self.facts: dict[str, Fact] = dict(VOCABULARY)
        self.given: dict[str, set[str]] = {stage: set(names) for stage, names in GIVEN.items()}
        self.sources: dict[str, Source] = {}
        self.lists: dict[str, tuple[str, ...]] = {}

    def fault(self, place: str, text: str, zh: str) -> None:
        """Note a fault, in English and in Chinese."""
        self.faults.append(PolicyFault(file=self.file, place=place, text=text, zh=zh))

    def policy(self, root: Node) -> Policy | None:
        """The whole file."""
        if not root.is_map:
            text = "a policy is a mapping that begins with 'policy: NAME'"
            self.fault(root.place, text, "策略须由键值对组成，并以“policy: NAME”开头")
            return None
        self._keys(root, "policy", needed=("policy", "stages"))
        self._each(root.get("sources"), "sources", self._source)
        self._each(root.get("facts"), "facts", self._fact)
        self._each(root.get("lists"), "lists", self._list)
        tables = self._stages(root.get("stages"))
        return Policy(
            name=self._text(root.get("policy")) or "policy",
            file=self.file,
            title=self._titles(root.get("title")),
            covers=self._text(root.get("covers")),
            fill_in=self._words(root.get("fill_in")),
            calendar=self._calendar(root.get("calendar")),
            own_lexicon=self._lexicon(root.get("lexicon")),
            sources=self.sources,
            facts=self.facts,
            lists=self.lists,
            given={stage: frozenset(names) for stage, names in self.given.items()},
            tables=tables,
        )

    def _keys(self, node: Node, what: str, needed: Iterable[str] = ()) -> None:
        known, what_zh = _KEYS[what], _WHAT_ZH[what]
        for name in node.value:
            if name not in known:
                text = f"unknown key '{name}' in a {what}{nearest(name, known)}"
                zh = f"{what_zh}中有未知的键“{name}”{nearest_zh(name, known)}"
                self.fault(node.keys[name], text, zh)
        for name in needed:
            if name not in node.value:
                self.fault(node.place, f"{what} without '{name}'", f"{what_zh}缺少“{name}”")

    def _each(self, node: Node | None, what: str, read: Any) -> None:
        if node is None or node.value is None:
            return
        if not node.is_map:
            self.fault(node.place, f"'{what}' must be a mapping of names", f"“{what}”须为以名称为键的键值对")
            return
        for name, value in node.value.items():
            read(name, value, node.keys[name])

    def _source(self, name: str, node: Node, place: str) -> None:
        if not node.is_map:
            self.fault(
                place, f"source '{name}' must have a title and a mark", f"来源“{name}”须写明title和mark"
            )
            return
        self._keys(node, "source", needed=("title", "mark"))
        mark = self._text(node.get("mark"))
        if mark not in ("verified", "unverified"):
            text = f"mark of source '{name}' is '{mark}'; must be verified or unverified"
            self.fault(place, text, f"来源“{name}”的mark为“{mark}”，须为verified或unverified")
            mark = "unverified"
        title, url = self._titles(node.get("title")), self._text(node.get("url"))
        self.sources[name] = Source(key=name, title=title, url=url, mark=cast(Any, mark))

    def _fact(self, name: str, node: Node, place: str) -> None:
        if not _NAME.match(name) or name == "cel":
            text = f"fact '{name}' must be lower-case letters, digits and _"
            self.fault(place, text, f"事实“{name}”的名称只能由小写字母、数字和_组成")
            return
        if name in VOCABULARY:
            text = f"fact '{name}' is built in and cannot be declared again"
            self.fault(place, text, f"事实“{name}”为内置事实，不能重复声明")
            return
        if not node.is_map:
            text = f"fact '{name}' must be a mapping with type, en and zh"
            self.fault(place, text, f"事实“{name}”须写明type、en和zh")
            return
        self._keys(node, "fact", needed=("type", "en", "zh"))
        kind, unit = self._text(node.get("type")), self._text(node.get("unit")) or None
        if kind not in FACT_TYPES:
            text = f"type of '{name}' is '{kind}'; must be one of {', '.join(FACT_TYPES)}"
            self.fault(place, text, f"“{name}”的类型为“{kind}”，须为以下之一：{'、'.join(FACT_TYPES)}")
            return
        if unit is not None and unit not in UNITS:
            text = f"unit '{unit}' of '{name}' is unknown{nearest(unit, UNITS)}"
            self.fault(place, text, f"“{name}”的单位“{unit}”未知{nearest_zh(unit, UNITS)}")
        self.facts[name] = Fact(
            name=name,
            type=cast(FactType, kind),
            unit=unit,
            en=self._text(node.get("en")),
            zh=self._text(node.get("zh")),
            values=self._words(node.get("values")),
            low=self._number(node.get("low")),
            high=self._number(node.get("high")),
            meaning=self._text(node.get("meaning")),
        )
        self._given_in(name, node.get("given"))

    def _given_in(self, name: str, node: Node | None) -> None:
        for stage in self._words(node) if node else STAGES:
            if stage in self.given:
                self.given[stage].add(name)
            elif node:
                self._unknown("stage", "阶段", stage, STAGES, node.place)

    def _unknown(self, what: str, what_zh: str, name: str, known: Iterable[str], place: str) -> None:
        text = f"unknown {what} '{name}'{nearest(name, known)}"
        self.fault(place, text, f"未知的{what_zh}“{name}”{nearest_zh(name, known)}")

    def _list(self, name: str, node: Node, place: str) -> None:
        words = self._words(node)
        if not words:
            self.fault(place, f"list '{name}' has no words", f"词表“{name}”中没有词")
        self.lists[name] = words

    def _stages(self, node: Node | None) -> dict[str, tuple[Table, ...]]:
        tables: dict[str, tuple[Table, ...]] = {}
        if node is None or not node.is_map:
            if node is not None:
                text = "'stages' must be a mapping of stage names to lists of tables"
                self.fault(node.place, text, "“stages”须以阶段名为键，其下列出该阶段的各表")
            return tables
        seen: dict[str, str] = {}
        for stage, listed in node.value.items():
            if stage not in STAGES:
                self._unknown("stage", "阶段", stage, STAGES, node.keys[stage])
            elif not listed.is_list:
                self.fault(
                    listed.place, f"stage '{stage}' must be a list of tables", f"阶段“{stage}”须为表的列表"
                )
            else:
                read = [self._table(stage, item, seen) for item in listed.value[:MOST_TABLES]]
                tables[stage] = tuple(table for table in read if table)
        return tables

    def _table(self, stage: str, node: Node, seen: dict[str, str]) -> Table | None:
        if not node.is_map:
            text = "a table is a mapping that begins with 'table: NAME'"
            self.fault(node.place, text, "表须由键值对组成，并以“table: NAME”开头")
            return None
        self._keys(node, "table", needed=("table", "rows"))
        name = self._text(node.get("table"))
        if not _NAME.match(name):
            text = f"table name '{name}' must be lower-case letters, digits and _"
            self.fault(node.place, text, f"表名“{name}”只能由小写字母、数字和_组成")
        if name in seen:
            text = f"table '{name}' is given twice; first at {seen[name]}"
            self.fault(node.place, text, f"表“{name}”重复，首次出现在{seen[name]}")
        seen.setdefault(name, node.place)
        source = self._source_key(node.get("source"))
        hit = self._hit(node.get("hit"))
        gaps = self._text(node.get("gaps"))
        if gaps not in ("", "meant"):
            self.fault(
                node.place, f"gaps is '{gaps}'; the only word is 'meant'", f"gaps为“{gaps}”，只能写“meant”"
            )
        rows = self._rows(node.get("rows"), source, hit)
        return Table(
            name=name,
            stage=stage,
            hit=hit,
            place=node.place,
            rows=rows,
            otherwise=self._otherwise(node.get("otherwise"), source, hit),
            title=self._titles(node.get("title")),
            source=source,
            note=self._titles(node.get("note")),
            gaps_meant=gaps == "meant",
        )

    def _hit(self, node: Node | None) -> Hit:
        hit = " ".join((self._text(node) or "first").split())
        if hit not in HITS:
            place = node.place if node else ""
            text = f"hit policy '{hit}' is unknown{nearest(hit, HITS)}"
            self.fault(place, text, f"未知的匹配方式（hit）“{hit}”{nearest_zh(hit, HITS)}")
            return "first"
        return cast(Hit, hit)

    def _rows(self, node: Node | None, source: str | None, hit: Hit) -> tuple[Row, ...]:
        if node is None or not node.is_list:
            if node is not None:
                self.fault(node.place, "'rows' must be a list", "“rows”须为列表")
            return ()
        if len(node.value) > MOST_ROWS:
            text = f"table with {len(node.value):,} rows; at most {MOST_ROWS:,}"
            self.fault(node.place, text, f"表有{len(node.value):,}行，最多{MOST_ROWS:,}行")
        rows = [self._row(at + 1, item, source, hit) for at, item in enumerate(node.value[:MOST_ROWS])]
        return tuple(row for row in rows if row)

    def _otherwise(self, node: Node | None, source: str | None, hit: Hit) -> Row | None:
        if node is None:
            return None
        if node.get("if"):
            self.fault(node.place, "'otherwise' takes no 'if'", "“otherwise”中不能写“if”")
        return self._row(0, node, source, hit)

    def _row(self, number: int, node: Node, source: str | None, hit: Hit) -> Row | None:
        if not node.is_map:
            self.fault(node.place, "a row is a mapping with 'if' and 'then'", "行须由“if”和“then”组成")
            return None
        self._keys(node, "row")
        own = node.get("source")
        by_fact = self._sources_by_fact(own)
        row_source = source if own is None or own.is_map else self._source_key(own)
        conditions, expression = self._conditions(node.get("if"))
        return Row(
            number=number,
            place=node.place,
            conditions=conditions,
            expression=expression,
            settings=self._settings(node, row_source, by_fact, hit),
            source=row_source,
            note=self._titles(node.get("note")),
        )

    def _sources_by_fact(self, node: Node | None) -> dict[str, str | None]:
        if node is None or not node.is_map:
            return {}
        return {name: self._source_key(value) for name, value in node.value.items()}

    def _source_key(self, node: Node | None) -> str | None:
        if node is None or node.value is None:
            return None
        key = self._text(node)
        if key not in self.sources:
            self._unknown("source", "来源", key, self.sources, node.place)
        return key

    def _conditions(self, node: Node | None) -> tuple[tuple[Condition, ...], Expression | None]:
        if node is None or node.value is None:
            return (), None
        if not node.is_map:
            text = "'if' must be a mapping of facts to conditions"
            self.fault(node.place, text, "“if”须以事实为键、以条件为值")
            return (), None
        found: list[Condition] = []
        expression: Expression | None = None
        for name, cell in node.value.items():
            if name == "cel":
                expression = self._cell(cell.place, self._condition_expression, cell)
                continue
            fact = self._known(name, node.keys[name])
            condition = self._cell(cell.place, self._condition, cell, fact) if fact else None
            if condition:
                found.append(condition)
        return tuple(found), expression

    def _condition(self, cell: Node, fact: Fact) -> Condition | None:
        text = cell_text(cell)
        if text.startswith("cel:"):
            raise CellError(
                "write the expression as 'cel: ...' beside the facts, in the same 'if'",
                "表达式请写成“cel: ...”，与各事实并列于同一“if”中",
            )
        return read_condition(text, fact, self.lists)

    def _condition_expression(self, cell: Node) -> Expression:
        expression = Expression(cell_text(cell).removeprefix("cel:"), self.facts)
        if expression.kind != "yes/no":
            raise CellError(
                f"expression gives {expression.kind}; a condition must give yes or no",
                f"表达式的结果为{expression.kind}，而条件的结果须为yes或no",
            )
        return expression

    def _settings(
        self, row: Node, source: str | None, by_fact: Mapping[str, str | None], hit: Hit
    ) -> tuple[Setting, ...]:
        node = row.get("then")
        if node is None or node.value is None:
            return ()
        if not node.is_map:
            text = "'then' must be a mapping of facts to values"
            self.fault(node.place, text, "“then”须以事实为键、以取值为值")
            return ()
        found: list[Setting] = []
        for name, cell in node.value.items():
            fact = self._known(name, node.keys[name])
            if fact and self._collectable(fact, hit, node.keys[name]):
                read = self._cell(cell.place, self._value, cell, fact)
                if read:
                    value, expression, text = read
                    found.append(
                        Setting(
                            fact=fact,
                            value=value,
                            text=text,
                            place=cell.place,
                            source=by_fact.get(name, source),
                            expression=expression,
                        )
                    )
        return tuple(found)

    def _collectable(self, fact: Fact, hit: Hit, place: str) -> bool:
        if hit in ("first", "unique"):
            return True
        if (hit == "collect list") != (fact.type == "list") or (hit != "collect list" and not fact.is_number):
            wanted, wanted_zh = ("lists", "列表") if hit == "collect list" else ("numbers", "数值")
            text = f"'{hit}' gathers {wanted}; '{fact.name}' is {fact.type}"
            self.fault(place, text, f"“{hit}”只汇总{wanted_zh}，而“{fact.name}”的类型为{fact.type}")
            return False
        return True

    def _value(self, cell: Node, fact: Fact) -> tuple[Any, Expression | None, str]:
        text = cell_text(cell)
        value, expression = read_value(text, fact, self.facts)
        return value, expression, text

    def _cell(self, place: str, read: Any, *arguments: Any) -> Any:
        try:
            return read(*arguments)
        except CellError as error:
            self.fault(place, error.text, error.zh)
            return None

    def _known(self, name: str, place: str) -> Fact | None:
        fact = self.facts.get(name)
        if fact is None:
            self._unknown("fact", "事实", name, self.facts, place)
        return fact

    def _calendar(self, node: Node | None) -> Calendar:
        try:
            if node is not None and node.is_map:
                self._keys(node, "calendar")
                return calendar_from_node(node, self.file)
            return load_calendar(self._text(node) or "plain", self.folder)
        except PolicyError as error:
            self.faults.extend(error.faults)
        except RulesError as error:
            self.fault(node.place if node else "", error.text, error.zh)
        return load_calendar("plain")

    def _lexicon(self, node: Node | None) -> dict[str, Any]:
        """A utility's own phrases by language; a language may stand in a file of its own."""
        if node is None or node.value is None:
            return {}
        if not node.is_map:
            text = "'lexicon' must be a mapping of languages"
            self.fault(node.place, text, "“lexicon”须以语言为键")
            return {}
        own = {code: self._language(each) for code, each in node.value.items()}
        faults = list(faults_in(own))
        for where, text, zh in faults:
            place = node.keys.get(where.partition(".")[0], node.place)
            self.fault(place, f"lexicon, {where}: {text}", f"词典{where}：{zh}")
        return {} if faults else own

    def _language(self, node: Node) -> Any:
        if node.is_map:
            return node.plain()
        path = lexicon_file(self._text(node), self.folder)
        if path is None:
            self.fault(node.place, f"there is no file '{node.value}' here", f"此处没有文件“{node.value}”")
            return {}
        try:
            return read_yaml(read_text(path), path.name).plain()
        except PolicyError as error:
            self.faults.extend(error.faults)
        return {}

    def _titles(self, node: Node | None) -> dict[str, str]:
        if node is None or node.value is None:
            return {}
        if node.is_map:
            return {language: self._text(text) for language, text in node.value.items()}
        return {"en": self._text(node)}

    def _text(self, node: Node | None) -> str:
        if node is None or node.value is None:
            return ""
        if node.is_map or node.is_list:
            self.fault(node.place, "must be plain text", "此处须为纯文本")
            return ""
        return cell_text(node)

    def _words(self, node: Node | None) -> tuple[str, ...]:
        if node is None or node.value is None:
            return ()
        if node.is_list:
            return tuple(self._text(item) for item in node.value)
        return (self._text(node),)

    def _number(self, node: Node | None) -> float | None:
        if node is None or node.value is None:
            return None
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return float(node.value)
        text = self._text(node)
        self.fault(node.place, f"'{text}' is not a number", f"“{text}”不是数字")
        return None

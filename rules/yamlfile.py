"""YAML read strictly: places kept, bombs refused, no surprises with yes, no and dates.

Built from the parser's events with an own stack, so that depth and size are
bounded before anything is built. Anchors, aliases and tags are refused: a
policy is written out, and aliases are how a small file becomes a huge one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from .errors import PolicyError, PolicyFault
from .nodes import Node

MOST_BYTES = 4_000_000
MOST_NODES = 400_000
MOST_DEPTH = 16

_INT = re.compile(r"^[-+]?\d{1,18}$")
_FLOAT = re.compile(r"^[-+]?(\d+\.\d*|\.\d+|\d+)([eE][-+]?\d{1,3})?$")
_WORDS: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}


def read_text(path: Path, most_bytes: int = MOST_BYTES) -> str:
    """Read a file as UTF-8 (a byte-order mark is allowed), bounded in size.

    Parameters
    ----------
    path : the file.
    most_bytes : files above this size are refused.

    Returns
    -------
    str
        Its text.

    Raises
    ------
    PolicyError : missing, a folder, unreadable, too big, or not UTF-8.
    """
    try:
        if path.is_dir():
            raise _refused(path.name, "", "is a folder; expected a file", "是文件夹，应为文件")
        size = path.stat().st_size
        if size > most_bytes:
            text = f"is {size:,} bytes; at most {most_bytes:,} are read"
            raise _refused(path.name, "", text, f"文件大小为{size:,}字节，最多可读{most_bytes:,}字节")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = f"is not UTF-8 text (byte {error.start})"
        raise _refused(path.name, "", text, f"不是UTF-8文本（字节{error.start}）") from None
    except OSError as error:
        why = error.strerror or error
        raise _refused(path.name, "", f"cannot be read: {why}", f"无法读取：{why}") from None


def read_yaml(text: str, file: str) -> Node:
    """Parse one YAML document into nodes with places.

    Parameters
    ----------
    text : YAML.
    file : what messages call it.

    Returns
    -------
    Node
        Values with their places.

    Raises
    ------
    PolicyError : bad syntax, a name given twice, an alias or tag, too deep or too big.
    """
    builder = _Builder(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{mark.line + 1}:{mark.column + 1}" if mark else ""
        why = error.problem or error.context
        raise _refused(file, place, f"not YAML: {why}", f"不是有效的YAML：{why}") from None
    except (YAMLError, ValueError) as error:
        why = str(error).splitlines()[0]
        raise _refused(file, "", f"not YAML: {why}", f"不是有效的YAML：{why}") from None
    return builder.result()


def _refused(file: str, place: str, text: str, zh: str) -> PolicyError:
    return PolicyError([PolicyFault(file=file, place=place, text=text, zh=zh)])


def _place(event: Event) -> str:
    mark = event.start_mark
    return f"{mark.line + 1}:{mark.column + 1}"


class _Builder:
    """Turns events into nodes; holds the open lists and mappings on a stack."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.stack: list[tuple[Node, list[tuple[str, str]]]] = []
        self.root: Node | None = None
        self.count = 0
        self.documents = 0
        self.twice: list[PolicyFault] = []

    def take(self, event: Event) -> None:
        if isinstance(event, AliasEvent):
            text = "aliases (*name) are refused; write the value out"
            raise _refused(self.file, _place(event), text, "不接受别名（*name），请直接写出值")
        if isinstance(event, DocumentStartEvent):
            self._document(event)
        elif isinstance(event, ScalarEvent):
            self._plain_only(event)
            self._add(Node(_scalar(event), _place(event)))
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self.stack.pop()

    def result(self) -> Node:
        if self.twice:
            raise PolicyError(self.twice)
        if self.root is None:
            raise _refused(self.file, "", "is empty", "内容为空")
        return self.root

    def _document(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            text = "holds more than one YAML document"
            raise _refused(self.file, _place(event), text, "只能有一个YAML文档，此处又开始了一个")

    def _plain_only(self, event: Any) -> None:
        if event.anchor is not None:
            text = f"anchors (&{event.anchor}) are refused"
            raise _refused(self.file, _place(event), text, f"不接受锚点（&{event.anchor}）")
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) not in ("", "!"):
            text = f"tags ({tag}) are refused; quote a text that begins with !"
            raise _refused(self.file, _place(event), text, f"不接受标签（{tag}）；以!开头的文本请加引号")

    def _open(self, event: Event) -> None:
        self._plain_only(event)
        if len(self.stack) >= MOST_DEPTH:
            text = f"nested deeper than {MOST_DEPTH}"
            raise _refused(self.file, _place(event), text, f"嵌套超过{MOST_DEPTH}层")
        node = Node({} if isinstance(event, MappingStartEvent) else [], _place(event))
        self._add(node)
        self.stack.append((node, []))

    def _add(self, node: Node) -> None:
        self.count += 1
        if self.count > MOST_NODES:
            text = f"holds more than {MOST_NODES:,} values"
            raise _refused(self.file, node.place, text, f"所含的值超过{MOST_NODES:,}个")
        if not self.stack:
            self.root = node
            return
        parent, pending = self.stack[-1]
        if parent.is_list:
            parent.value.append(node)
        elif not pending:
            pending.append((self._name(node), node.place))
        else:
            name, place = pending.pop()
            self._put(parent, name, place, node)

    def _name(self, node: Node) -> str:
        if node.is_map or node.is_list or node.value is None:
            raise _refused(self.file, node.place, "a name must be plain text", "名称须为纯文本")
        return str(node.value) if not isinstance(node.value, bool) else str(node.value).lower()

    def _put(self, parent: Node, name: str, place: str, node: Node) -> None:
        if name in parent.value:
            text = f"'{name}' is given twice; first at {parent.keys[name]}"
            zh = f"“{name}”重复，首次出现在{parent.keys[name]}"
            self.twice.append(PolicyFault(file=self.file, place=place, text=text, zh=zh))
        parent.value[name] = node
        parent.keys[name] = place


def _scalar(event: ScalarEvent) -> Any:
    text = str(event.value)
    if event.style in ("'", '"', "|", ">"):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text

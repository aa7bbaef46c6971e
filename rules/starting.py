"""A policy of one's own, begun from a pack: the same file, with the utility's name on it."""

from __future__ import annotations

import re
from pathlib import Path

from .checks.cases import cases_path, frozen_path
from .errors import RulesError
from .loading import pack_path
from .yamlfile import read_text

_NAME = re.compile(r"^[A-Za-z0-9_\-]{1,60}$")


def new_policy(pack: str, file: Path, name: str) -> tuple[Path, ...]:
    """Copy a pack and its cases; nothing that exists is written over.

    Returns
    -------
    The files written.

    Raises
    ------
    RulesError : no such pack, a bad name, or a file that exists.
    """
    source = pack_path(pack)
    if source is None:
        raise RulesError(f"there is no pack '{pack}'", f"没有内置策略“{pack}”")
    if not _NAME.match(name):
        raise RulesError(
            f"'{name}' is no name for a policy: letters, digits, - and _",
            f"“{name}”不能作为策略名：只能由字母、数字、-和_组成",
        )
    pairs = [(source, file), (cases_path(source), cases_path(file)), (frozen_path(source), frozen_path(file))]
    pairs = [(old, new) for old, new in pairs if old.is_file()]
    existing = [new.name for _, new in pairs if new.exists()]
    if existing:
        raise RulesError(
            f"{', '.join(existing)} exists already; choose another name",
            f"{'、'.join(existing)}已存在，请换一个名称",
        )
    for old, new in pairs:
        text = read_text(old)
        if new == file:
            text = re.sub(r"^policy: .*$", f"policy: {name}", text, count=1, flags=re.MULTILINE)
        new.write_text(text, encoding="utf-8")
    return tuple(new for _, new in pairs)

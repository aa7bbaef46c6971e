"""Small trees written as text."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from dispatch.outages.tree import Device, NodeKind, SupplyTree, build_tree


def tree_from_text(text: str) -> SupplyTree:
    """Read a tree: indentation is what hangs on what, a number is customers.

    ::

        CB breaker
          F1 fuse
            T1 transformer 40
            T2 transformer
              M2a lv_main 20
    """
    devices: list[Device] = []
    transformers: dict[str, str | None] = {}
    customers: list[tuple[str, str, str | None]] = []
    above: list[tuple[int, str, str]] = []
    for line in filter(str.strip, text.splitlines()):
        indent = len(line) - len(line.lstrip())
        name, kind, *count = line.split()
        while above and above[-1][0] >= indent:
            above.pop()
        parent = above[-1][1] if above else None
        if kind == "transformer":
            transformers[name] = parent
            customers += [(f"{name}-{n}", name, None) for n in range(1, int(count[0]) + 1 if count else 1)]
        elif kind == "lv_main":
            assert parent is not None
            customers += [(f"{name}-{n}", parent, name) for n in range(1, int(count[0]) + 1)]
        else:
            devices.append(Device(id=name, kind=_kind(kind), parent=parent))
        above.append((indent, name, kind))
    table = pd.DataFrame(customers, columns=["id", "transformer", "lv_main"]).set_index("id")
    return build_tree(devices, transformers, table)


def _kind(name: str) -> NodeKind:
    kinds: dict[str, NodeKind] = {"breaker": "breaker", "recloser": "recloser", "fuse": "fuse"}
    return kinds[name]


@pytest.fixture
def tree_of() -> Callable[[str], SupplyTree]:
    """The reader of text trees."""
    return tree_from_text

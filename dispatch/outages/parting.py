"""Evidence parted by the source that supplies its places: what happens on one says nothing of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .evidence import Call, Finding, Sign
from .tree import SupplyTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was said of the places beneath one source."""

    calls: list[Call] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def by_source(
    tree: SupplyTree, calls: Sequence[Call], signs: Sequence[Sign], findings: Sequence[Finding]
) -> tuple[Evidence, ...]:
    """Part the evidence by source, each in the order given.

    The moments at which supply may have been lost are tried one by one, and their number is limited. Beneath
    one source they are those of its own calls, however many others call on the same day.

    A place that the tree does not know stands for itself.
    """
    found: dict[str, Evidence] = {}

    def at(place: str) -> Evidence:
        return found.setdefault(_source_of(tree, place), Evidence())

    for call in calls:
        at(call.place).calls.append(call)
    for sign in signs:
        at(sign.place).signs.append(sign)
    for finding in findings:
        at(finding.place).findings.append(finding)
    return tuple(found.values())


def _source_of(tree: SupplyTree, place: str) -> str:
    node = tree.node_of_place(place)
    if node is None and (row := tree.row_of_customer(place)) is not None:
        node = int(tree.customer_node_idx[row])
    if node is None or node < 0:
        return f"?{place}"
    return tree.ids[tree.above(node)[-1]]

"""Outages: inferred from calls, meters and breakers; their steps; planned ones."""

from .asking import Question, whom_to_ask
from .evidence import Call, Finding, Sign, calls_from
from .inference import infer_on_tree, infer_outages
from .settings import InferenceSettings
from .steps import StepSpec, patrol_minutes, repair_steps
from .supply import kept_tree, supply_tree
from .tree import Device, SupplyTree, build_tree

__all__ = [
    "Call",
    "Device",
    "Finding",
    "InferenceSettings",
    "Question",
    "Sign",
    "StepSpec",
    "SupplyTree",
    "build_tree",
    "calls_from",
    "infer_on_tree",
    "infer_outages",
    "kept_tree",
    "patrol_minutes",
    "repair_steps",
    "supply_tree",
    "whom_to_ask",
]

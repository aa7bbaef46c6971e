"""Rules that a utility owns: policies as decision tables, with traces."""

from __future__ import annotations

from .calendar import Calendar, load_calendar
from .errors import FactError, PolicyError, PolicyFault, RulesError
from .facts import Fact, text_in
from .loading import load_policy, pack_names, pack_path, policy_from_text
from .policy import Decision, Decisions, Policy
from .showing import trace_html, trace_text
from .trace import Trace
from .vocabulary import GIVEN, OUTCOMES, STAGES, VOCABULARY

__all__ = [
    "GIVEN",
    "OUTCOMES",
    "STAGES",
    "VOCABULARY",
    "Calendar",
    "Decision",
    "Decisions",
    "Fact",
    "FactError",
    "Policy",
    "PolicyError",
    "PolicyFault",
    "RulesError",
    "Trace",
    "load_calendar",
    "load_policy",
    "pack_names",
    "pack_path",
    "policy_from_text",
    "text_in",
    "trace_html",
    "trace_text",
]

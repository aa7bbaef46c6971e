"""Rules that a utility owns: policies as decision tables, with traces."""

from __future__ import annotations

from .calendar import Calendar, load_calendar
from .errors import FactError, PolicyError, PolicyFault, RulesError
from .facts import Fact, text_in
from .language.lexicon import Heard, Lexicon, Spoke
from .loading import load_policy, pack_names, pack_path, policy_from_text
from .policy import Decision, Decisions, Policy, heard_facts
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
    "Heard",
    "Lexicon",
    "Policy",
    "PolicyError",
    "PolicyFault",
    "RulesError",
    "Spoke",
    "Trace",
    "heard_facts",
    "load_calendar",
    "load_policy",
    "pack_names",
    "pack_path",
    "policy_from_text",
    "text_in",
    "trace_html",
    "trace_text",
]

"""What an intake says, in the reader's language: one table of sentences with their fields."""

from __future__ import annotations

from .sentences import fault_told, faults_told, repair_line_told, repair_told, report_told, told

__all__ = ["fault_told", "faults_told", "repair_line_told", "repair_told", "report_told", "told"]

"""Everything back out: a case as CSV, GeoPackage or GeoJSON, and its grid as CIM100."""

from __future__ import annotations

from .folder import FORMS, Exported, export_case

__all__ = ["FORMS", "Exported", "export_case"]

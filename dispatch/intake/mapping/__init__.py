"""From a utility's own files to a case: what each file is, what its columns mean, the same every night."""

from __future__ import annotations

from .importing import Imported, import_case
from .mapping import Mapping, TableSource, read_mapping, write_mapping
from .proposing import Proposal, propose

__all__ = [
    "Imported",
    "Mapping",
    "Proposal",
    "TableSource",
    "import_case",
    "propose",
    "read_mapping",
    "write_mapping",
]
